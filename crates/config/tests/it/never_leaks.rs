//! Whatever is set, loading ends in an answer, and no answer holds a value.

use holly_config::{Config, EnvSource, explain, groups};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = &'static str> {
    let names: Vec<&str> = groups().iter().flat_map(|group| group.settings).map(|setting| setting.name).collect();
    // The data folder would really be created wherever the text says.
    proptest::sample::select(names.into_iter().filter(|name| *name != "HOLLY_DATA_DIR").collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_loading_panic(pairs in proptest::collection::vec((name(), any::<String>()), 0..12), file in any::<String>()) {
        let folder = tempfile::tempdir().unwrap();
        let _ = Config::load(&EnvSource::fixed(folder.path(), pairs).with_dot_env(file));
    }

    #[test]
    fn no_answer_holds_a_value(names in proptest::collection::vec(name(), 1..8), live in any::<bool>(), tail in "[ -~]{0,12}") {
        let folder = tempfile::tempdir().unwrap();
        let marker = "Zq7Zq7Zq7";
        let source = names.iter().fold(
            EnvSource::fixed(folder.path(), [("HOLLY_MODE", if live { "live" } else { "rehearsal" })]),
            |source, name| if *name == "HOLLY_MODE" { source } else { source.with(*name, format!("{marker}{tail}")) },
        );
        let explanation = explain(&source);
        let mut answers = vec![explanation.to_string(), format!("{explanation:?}"), format!("{source:?}")];
        if let Err(errors) = Config::load(&source) {
            answers.extend([errors.to_string(), format!("{errors:?}")]);
        }
        prop_assert!(answers.iter().all(|answer| !answer.contains(marker)));
    }
}

#[test]
fn a_loaded_configuration_hides_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let marker = "Zq7".repeat(12) + "x";
    let loaded = Config::load(&EnvSource::fixed(folder.path(), [("AUTH_SECRET_KEY", marker.as_str())])).unwrap();
    assert!(!format!("{loaded:?}").contains(&marker));
    assert_eq!(loaded.config.secret_values().len(), 5);
}
