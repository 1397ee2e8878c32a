//! The web console: its packages, its build, its checks, its development server.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use crate::process::{check, find, root};

/// Names under which Chromium and its relatives are installed.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Builds the files that the server embeds (console/dist).
    Build,
    /// Serves the console on http://localhost:3000, reloading as it is edited; /api and /ws go to a running server.
    Dev,
    /// Formatting, lints, types and unit tests of the console.
    Check,
    /// Tests in a real browser against the debug build of the server.
    E2e,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    match arguments.action {
        Action::Build => build(),
        Action::Dev => {
            packages()?;
            check("console: development server on http://localhost:3000", npm()?.args(["run", "dev"]))
        }
        Action::Check => check_console(),
        Action::E2e => {
            build()?;
            check("server: debug build", crate::process::cargo().args(["build", "--locked", "--package", "holly"]))?;
            end_to_end()
        }
    }
}

/// Installs the packages when the lockfile is newer than what is installed, then builds `console/dist`.
pub(crate) fn build() -> Result<()> {
    packages()?;
    check("console: build", npm()?.args(["run", "build"]))
}

/// Everything about the console that needs no server.
pub(crate) fn check_console() -> Result<()> {
    packages()?;
    check("console: checks", npm()?.args(["run", "check"]))
}

/// Drives the debug build of the server with a real browser.
pub(crate) fn end_to_end() -> Result<()> {
    let browser = browser().context("Chromium is missing; on Debian: apt-get install chromium")?;
    let binary = target_folder().join("debug").join(format!("holly{}", std::env::consts::EXE_SUFFIX));
    check("console: browser tests", npm()?.args(["run", "e2e"]).env("HOLLY_BIN", binary).env("HOLLY_CHROMIUM", browser))
}

/// Whether npm is there.
pub(crate) fn has_npm() -> bool {
    npm_program().is_some()
}

/// A browser for the tests.
pub(crate) fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("HOLLY_CHROMIUM") {
        return Some(named.into());
    }
    BROWSERS.iter().find_map(|name| find(name, &[]))
}

/// Where cargo puts what it builds.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

fn folder() -> PathBuf {
    root().join("console")
}

fn npm_program() -> Option<PathBuf> {
    // On Windows npm is a script beside node.exe.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let script = std::env::split_paths(&path).map(|folder| folder.join("npm.cmd"));
    let script = script.filter(|_| cfg!(windows)).find(|file| file.is_file());
    script.or_else(|| find("npm", &[]))
}

fn npm() -> Result<Command> {
    let Some(program) = npm_program() else {
        bail!("npm is missing; install Node.js 20 or newer (on Debian: apt-get install nodejs npm)");
    };
    let mut command = Command::new(program);
    command.current_dir(folder());
    Ok(command)
}

fn packages() -> Result<()> {
    let modified = |path: &Path| path.metadata().and_then(|facts| facts.modified()).ok();
    let wanted = modified(&folder().join("package-lock.json"));
    let installed = modified(&folder().join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= wanted {
        return Ok(());
    }
    check("console: packages", npm()?.args(["ci", "--no-audit", "--no-fund"]))
}
