//! `cargo xtask run`: builds everything in release mode and starts the server.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, check, find, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What the server is called with.
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let console = root().join("console");
    if console.join("package.json").is_file() {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        if find(npm, &[]).is_none() {
            bail!("npm is missing; install Node.js 22 or newer (on Debian: apt-get install nodejs npm)");
        }
        check("console: packages", Command::new(npm).arg("ci").current_dir(&console))?;
        check("console: build", Command::new(npm).args(["run", "build"]).current_dir(&console))?;
    } else {
        println!("==> there is no console to build");
    }
    check("server: release build", cargo().args(["build", "--release", "--locked", "--package", "holly"]))?;
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir));
    let binary = folder.join("release").join(format!("holly{}", std::env::consts::EXE_SUFFIX));
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
