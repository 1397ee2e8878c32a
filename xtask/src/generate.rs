//! `cargo xtask generate`: writes the files that are made of tables in the code. Tests fail when one has drifted.

use std::fs;

use anyhow::{Context, Result};

use crate::process::root;

pub(crate) fn run() -> Result<()> {
    for (name, text) in
        [(".env.example", config::env_example()), ("docs/configuration.md", config::configuration_page())]
    {
        fs::write(root().join(name), text).with_context(|| format!("cannot write {name}"))?;
        println!("wrote {name}");
    }
    Ok(())
}
