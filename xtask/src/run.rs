//! `cargo xtask run`: builds console and server in release mode and starts the server.

use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{cargo, check};
use crate::web;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Builds the server without the web console, for machines without Node.js.
    #[arg(long)]
    no_console: bool,
    /// What the server is called with.
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.no_console {
        println!("==> the console is left out; the command line and the API are there");
    } else {
        web::build().context("the console cannot be built (`--no-console` starts without it)")?;
    }
    check("server: release build", cargo().args(["build", "--release", "--locked", "--package", "holly"]))?;
    let binary = web::target_folder().join("release").join(format!("holly{}", std::env::consts::EXE_SUFFIX));
    println!("==> {} {}", binary.display(), arguments.arguments.join(" "));
    start(Command::new(&binary).args(&arguments.arguments))
        .with_context(|| format!("cannot start {}", binary.display()))
}

/// Becomes the server, so that signals reach it directly.
#[cfg(unix)]
fn start(command: &mut Command) -> Result<()> {
    Err(std::os::unix::process::CommandExt::exec(command).into())
}

#[cfg(not(unix))]
fn start(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1));
}
