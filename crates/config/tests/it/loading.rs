//! From the environment to the configuration.

use std::path::Path;

use holly_config::{
    Config, ConfigErrors, Database, Effects, EnvSource, Loaded, Mode, Source, Upstream, Wiring, explain,
};
use secrecy::ExposeSecret;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn bare(folder: &Path) -> EnvSource {
    EnvSource::fixed(folder, Vec::<(String, String)>::new())
}

fn live(folder: &Path) -> EnvSource {
    EnvSource::fixed(
        folder,
        [
            ("HOLLY_MODE", "live".to_owned()),
            ("DATABASE_URL", "postgres://holly@localhost/holly".to_owned()),
            ("REDIS_URL", "redis://localhost".to_owned()),
            ("OPENAI_API_KEY", "fake-openai".to_owned()),
            ("ANTHROPIC_API_KEY", "fake-anthropic".to_owned()),
            ("SHOPIFY_ACCESS_TOKEN", "fake-shopify".to_owned()),
            ("SHOPIFY_SHOP_URL", "fake.myshopify.com".to_owned()),
            ("STRIPE_SECRET_KEY", "sk_".to_owned() + "live_" + &"F".repeat(24)),
            ("PRINTFUL_API_KEY", "fake-printful".to_owned()),
            ("AUTH_SECRET_KEY", "0123456789".repeat(4)),
        ],
    )
}

fn load(source: &EnvSource) -> Loaded {
    Config::load(source).unwrap()
}

fn refused(source: &EnvSource) -> ConfigErrors {
    Config::load(source).unwrap_err()
}

fn names(errors: &ConfigErrors) -> Vec<&str> {
    errors.problems.iter().map(|problem| problem.name.as_str()).collect()
}

#[test]
fn an_empty_environment_rehearses_and_says_so() {
    let folder = folder();
    let Loaded { config, warnings, sources } = load(&bare(folder.path()));
    assert_eq!((config.mode, config.effects), (Mode::Rehearsal, Effects::On));
    assert!(warnings.iter().any(|warning| warning.name == "HOLLY_MODE"));
    assert_eq!(sources["AUTH_SECRET_KEY"], Source::Generated);
    assert_eq!(sources["PORT"], Source::Default);
    assert!(matches!(&config.database, Database::Sqlite { path } if path.ends_with(".holly/holly.db")));
    assert!(config.groups.server.host.is_loopback() && config.groups.console.host.is_loopback());
    assert!(config.groups.memory.chroma_url.is_none());
    assert_eq!(config.wiring(Upstream::Stripe), Wiring::Rehearsed);
    assert_eq!(config.wiring(Upstream::Ollama), Wiring::Absent);
    assert!(config.instance.starts_with("holly:"));
    assert!(config.groups.console.user_password.is_some());
}

#[test]
fn generated_secrets_stay_the_same() {
    let folder = folder();
    let key = |loaded: &Loaded| loaded.config.secrets.auth_key.expose_secret().to_owned();
    let first = load(&bare(folder.path()));
    assert_eq!(key(&first), key(&load(&bare(folder.path()))));
    assert!(first.config.secrets.stripe_webhook.is_some());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::metadata(folder.path().join(".holly/secrets.json")).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_garbled_secrets_file_is_refused_and_kept() {
    let folder = folder();
    let path = folder.path().join(".holly/secrets.json");
    std::fs::create_dir(folder.path().join(".holly")).unwrap();
    std::fs::write(&path, "{").unwrap();
    assert_eq!(refused(&bare(folder.path())).problems.len(), 1);
    assert_eq!(std::fs::read_to_string(path).unwrap(), "{");
}

#[test]
fn live_mode_starts_with_what_it_needs_and_writes_nothing() {
    let folder = folder();
    let Loaded { config, .. } = load(&live(folder.path()));
    assert!(matches!(config.database, Database::Postgres { .. }));
    assert!(config.groups.server.host.is_unspecified());
    assert_eq!(config.groups.memory.chroma_url.as_deref(), Some("http://localhost:8100"));
    assert_eq!(config.wiring(Upstream::Shopify), Wiring::Real { base_url: None });
    assert!(config.secrets.stripe_webhook.is_none());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn every_problem_is_listed_at_once() {
    let folder = folder();
    let source = live(folder.path()).with("PORT", "high").with("REDIS_URL", "").with("AUTH_SECRET_KEY", "changeme");
    let source = source.with("TOWER_WORKERS", "0").with("HOLLY_AUTO_APPROVE_MAX_RISK", "high");
    let errors = refused(&source);
    for name in ["PORT", "REDIS_URL", "AUTH_SECRET_KEY", "TOWER_WORKERS", "HOLLY_AUTO_APPROVE_MAX_RISK"] {
        assert!(names(&errors).contains(&name), "{name}: {errors}");
    }
    assert_eq!(errors.problems.len(), 5, "{errors}");
}

#[test]
fn empty_chroma_means_none_in_live_mode() {
    let folder = folder();
    assert!(load(&live(folder.path()).with("CHROMA_URL", "")).config.groups.memory.chroma_url.is_none());
}

#[test]
fn the_environment_wins_over_the_file() {
    let folder = folder();
    let loaded = load(&bare(folder.path()).with_dot_env("PORT=1111\nHOLLY_CONSOLE_PORT=2222").with("PORT", "3333"));
    assert_eq!((loaded.config.groups.server.port, loaded.config.groups.console.port), (3333, 2222));
    assert_eq!(loaded.sources["HOLLY_CONSOLE_PORT"], Source::DotEnv);
}

#[test]
fn an_app_id_and_secret_replace_the_shop_token() {
    let folder = folder();
    let source = live(folder.path()).with("SHOPIFY_ACCESS_TOKEN", "").with("SHOPIFY_CLIENT_ID", "fake-id");
    assert!(names(&refused(&source)).contains(&"SHOPIFY_CLIENT_ID"));
    load(&source.with("SHOPIFY_CLIENT_SECRET", "fake-secret"));
}

#[test]
fn a_stray_key_changes_nothing_in_rehearsal() {
    let folder = folder();
    let loaded = load(&bare(folder.path()).with("OPENAI_API_KEY", "changeme"));
    assert!(loaded.config.groups.models.openai_api_key.is_none());
    assert!(loaded.warnings.iter().any(|warning| warning.name == "OPENAI_API_KEY"));
    let real = bare(folder.path()).with("OPENAI_API_KEY", "changeme").with("HOLLY_REHEARSAL_LIVE", "openai");
    assert_eq!(names(&refused(&real)), ["OPENAI_API_KEY"]);
}

#[test]
fn a_named_upstream_needs_its_key() {
    let folder = folder();
    let source = bare(folder.path()).with("HOLLY_REHEARSAL_LIVE", "stripe, anthropic");
    assert_eq!(names(&refused(&source)), ["STRIPE_SECRET_KEY", "ANTHROPIC_API_KEY"]);
}

#[test]
fn real_money_does_not_rehearse_by_accident() {
    let folder = folder();
    let source = bare(folder.path()).with("STRIPE_SECRET_KEY", "sk_".to_owned() + "live_" + &"F".repeat(24));
    assert_eq!(names(&refused(&source)), ["STRIPE_SECRET_KEY"]);
    load(&source.with("HOLLY_ALLOW_LIVE_KEYS", "1"));
}

#[test]
fn two_servers_on_one_port_are_refused() {
    let folder = folder();
    assert_eq!(names(&refused(&bare(folder.path()).with("HOLLY_CONSOLE_PORT", "8050"))), ["HOLLY_CONSOLE_PORT"]);
    load(&bare(folder.path()).with("PORT", "0").with("HOLLY_CONSOLE_PORT", "0"));
}

#[test]
fn an_unknown_name_of_ours_warns() {
    let folder = folder();
    let source = bare(folder.path()).with("HOLLY_MOD", "live").with("HOLLY_TEST_DATABASE_URL", "x").with("OTHER", "x");
    let loaded = load(&source);
    let unknown: Vec<&str> = loaded
        .warnings
        .iter()
        .filter(|warning| warning.text.contains("not a setting"))
        .map(|warning| warning.name.as_str())
        .collect();
    assert_eq!(unknown, ["HOLLY_MOD"]);
}

#[test]
fn an_explanation_writes_nothing() {
    let folder = folder();
    let explanation = explain(&bare(folder.path()));
    assert!(explanation.problems.is_empty());
    assert!(explanation.rows.len() > 100);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
