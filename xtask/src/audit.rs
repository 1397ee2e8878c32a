//! `cargo xtask audit`: house rules that no linter knows. Each complaint says what to do.

mod boundaries;
mod files;

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{cargo, root};

/// Crates that must not be in the lockfile, and why. `deny.toml` lists the same names.
const FORBIDDEN: [(&str, &str); 6] = [
    ("openssl-sys", "use rustls with ring"),
    ("openssl", "use rustls with ring"),
    ("native-tls", "use rustls with ring"),
    ("aws-lc-sys", "use rustls with ring"),
    ("aws-lc-rs", "use rustls with ring"),
    ("actix-web", "the HTTP server is axum"),
];

pub(crate) fn run() -> Result<()> {
    let complaints = complaints()?;
    for complaint in &complaints {
        eprintln!("  {complaint}");
    }
    match complaints.len() {
        0 => Ok(()),
        count => bail!("{count} house rules are broken"),
    }
}

fn complaints() -> Result<Vec<String>> {
    let answer = cargo().args(["metadata", "--format-version=1", "--no-deps", "--offline"]).output()?;
    if !answer.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&answer.stderr));
    }
    let metadata: Value = serde_json::from_slice(&answer.stdout)?;
    let lock = fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let mut complaints = forbidden(&lock);
    complaints.extend(boundaries::check(&metadata));
    complaints.extend(files::check(&root())?);
    Ok(complaints)
}

fn forbidden(lock: &str) -> Vec<String> {
    FORBIDDEN
        .iter()
        .filter(|(name, _)| lock.contains(&format!("name = \"{name}\"\n")))
        .map(|(name, way)| format!("Cargo.lock has {name}: {way}; `cargo tree -i {name}` shows who brings it"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_rules_hold() {
        let complaints = complaints().unwrap();
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    #[test]
    fn a_forbidden_crate_is_found_by_its_whole_name() {
        assert_eq!(forbidden("name = \"openssl-sys\"\n").len(), 1);
        assert!(forbidden("name = \"openssl-probe\"\n").is_empty());
    }
}
