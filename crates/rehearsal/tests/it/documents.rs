//! The upstreams' own API documents, where they are at hand.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The document `name`. Where it is absent, `checks` says on the real standard error, past the test's captured one,
/// what was therefore not checked.
pub(crate) fn document(name: &str, checks: &str) -> Option<Value> {
    #[expect(clippy::disallowed_methods, reason = "the place of the documents is a matter of the test run")]
    let named = std::env::var("HOLLY_CONTRACTS").ok().map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/openapi"));
    let path = folder.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).expect("a document is JSON")),
        Err(error) => {
            let path = path.display();
            let line = format!("LEFT OUT: {checks}: {path}: {error} (name the documents' folder in HOLLY_CONTRACTS)\n");
            let _ = std::io::stderr().write_all(line.as_bytes());
            None
        }
    }
}
