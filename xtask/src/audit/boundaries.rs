//! Which crate may name which.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Crate, and what it must not depend on (in any section but the tests').
const MUST_NOT: [(&str, &[&str]); 7] = [
    ("holly-domain", &["tokio", "sqlx", "reqwest", "axum", "holly-clock"]),
    ("holly-goals", &["tokio", "sqlx", "reqwest", "axum", "holly-clock"]),
    ("holly-gateway", &["sqlx", "reqwest", "axum"]),
    ("holly-tower", &["sqlx", "reqwest", "holly-llm", "holly-connect", "holly-agents"]),
    ("holly-api", &["sqlx", "reqwest", "holly-connect", "holly-llm"]),
    ("holly-llm", &["holly-tower", "holly-store"]),
    ("holly-connect", &["holly-tower", "holly-store"]),
];

/// A library, and the only crate that may name it.
const ONLY: [(&str, &str); 3] = [("sqlx", "holly-store"), ("reqwest", "holly-net"), ("rmcp", "holly-mcp")];

pub(super) fn check(metadata: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let needs = dependency["name"].as_str().unwrap_or_default();
            let is_test = dependency["kind"].as_str() == Some("dev");
            complaints.extend(complaint(name, needs, is_test));
        }
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        if !inherits_lints(Path::new(manifest)) {
            complaints.push(format!("{name} does not inherit the lints: add `[lints]` with `workspace = true`"));
        }
    }
    complaints
}

fn complaint(name: &str, needs: &str, is_test: bool) -> Option<String> {
    if needs == "holly-testkit" && !is_test {
        return Some(format!("{name} depends on testkit: move it to [dev-dependencies]"));
    }
    if is_test {
        return None;
    }
    if let Some((_, owner)) = ONLY.iter().find(|(library, owner)| *library == needs && *owner != name) {
        return Some(format!("{name} names {needs}: only {owner} may; call a function of {owner} instead"));
    }
    let forbidden = MUST_NOT.iter().any(|(crate_name, list)| *crate_name == name && list.contains(&needs));
    forbidden.then(|| format!("{name} must not depend on {needs}: move that part to the crate that may"))
}

fn inherits_lints(manifest: &Path) -> bool {
    fs::read_to_string(manifest).is_ok_and(|text| {
        text.split("[lints]").nth(1).is_some_and(|rest| rest.trim_start().starts_with("workspace = true"))
    })
}

#[cfg(test)]
mod tests {
    use super::complaint;

    #[test]
    fn only_the_store_names_the_database_driver() {
        assert!(complaint("holly-api", "sqlx", false).is_some());
        assert!(complaint("holly-store", "sqlx", false).is_none());
    }

    #[test]
    fn the_tower_knows_no_model_and_no_upstream() {
        assert!(complaint("holly-tower", "holly-llm", false).is_some());
        assert!(complaint("holly-tower", "holly-connect", false).is_some());
        assert!(complaint("holly-agents", "holly-llm", false).is_none());
    }

    #[test]
    fn the_testkit_is_for_tests() {
        assert!(complaint("holly-api", "holly-testkit", false).is_some());
        assert!(complaint("holly-api", "holly-testkit", true).is_none());
    }
}
