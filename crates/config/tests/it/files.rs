//! The files made of the table.

use std::fs;
use std::path::Path;

use holly_config::{Config, EnvSource, configuration_page, env_example, groups};

fn in_tree(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)).unwrap().replace("\r\n", "\n")
}

#[test]
fn the_example_in_the_tree_is_the_table() {
    assert!(in_tree(".env.example") == env_example(), "run `cargo xtask generate`");
}

#[test]
fn the_page_in_the_tree_is_the_table() {
    assert!(in_tree("docs/configuration.md") == configuration_page(), "run `cargo xtask generate`");
}

#[test]
fn no_name_is_declared_twice() {
    let mut names: Vec<&str> = groups().iter().flat_map(|group| group.settings).map(|setting| setting.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn every_setting_says_what_it_is_for() {
    for setting in groups().iter().flat_map(|group| group.settings) {
        assert!(!setting.meaning.trim().is_empty() && !setting.accepts.is_empty(), "{}", setting.name);
    }
}

#[test]
fn the_example_asks_for_what_live_mode_needs() {
    let folder = tempfile::tempdir().unwrap();
    let source = EnvSource::fixed(folder.path(), Vec::<(String, String)>::new()).with_dot_env(env_example());
    let errors = Config::load(&source).unwrap_err();
    let names: Vec<&str> = errors.problems.iter().map(|problem| problem.name.as_str()).collect();
    for name in [
        "DATABASE_URL",
        "REDIS_URL",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "SHOPIFY_ACCESS_TOKEN",
        "SHOPIFY_SHOP_URL",
        "STRIPE_SECRET_KEY",
        "PRINTFUL_API_KEY",
        "AUTH_SECRET_KEY",
    ] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    assert_eq!(names.len(), 9, "{names:?}");
}
