//! Programs: where they are, how they are started.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The root of the workspace, wherever the command was called.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The cargo that called us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root());
    command
}

/// Runs to the end, showing the output.
pub(crate) fn check(what: &str, command: &mut Command) -> Result<()> {
    println!("==> {what}");
    let status = command.status().with_context(|| format!("{what}: cannot start {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(())
}

/// A program on `PATH` or in one of the further folders.
pub(crate) fn find(name: &str, further: &[PathBuf]) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    further.iter().cloned().chain(env::split_paths(&path)).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

/// Whether we are the superuser, who may install packages and may not run PostgreSQL.
pub(crate) fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output();
    cfg!(unix) && answer.is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}
