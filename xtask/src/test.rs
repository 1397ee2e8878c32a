//! `cargo xtask test`: the one command that checks everything.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{cargo, check, find, is_root};
use crate::{audit, servers};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Goes on without PostgreSQL or Redis; their tests are skipped, each saying so.
    #[arg(long)]
    allow_missing: bool,
    /// Runs only the tests whose name contains this.
    #[arg(long)]
    filter: Option<String>,
    /// Checks and tests only these packages.
    #[arg(short, long)]
    package: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    // Ctrl-C must not end us before the servers are stopped. Polling the wait once replaces the signal's default action for
    // good; cargo, in our process group, gets the signal too and fails, and that error unwinds through the servers' drop.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! { biased; _ = tokio::signal::ctrl_c() => {}, () = std::future::ready(()) => {} }
    });
    checks(arguments)
}

fn checks(arguments: &Arguments) -> Result<()> {
    let missing = missing_programs();
    if !missing.is_empty() && !arguments.allow_missing {
        bail!(
            "missing: {}\n  on Debian:  apt-get install postgresql redis-server\n  on macOS:   brew install postgresql redis\n  \
             or go on without: cargo xtask test --allow-missing",
            missing.join(", ")
        );
    }
    let (packages, formatted): (Vec<String>, Vec<String>) = match arguments.package.as_slice() {
        [] => (vec!["--workspace".to_owned()], vec!["--all".to_owned()]),
        names => names.iter().map(|name| format!("--package={name}")).map(|name| (name.clone(), name)).unzip(),
    };
    // A broken rule does not hide a failing test: everything runs, and all that failed is told at the end.
    let mut failures = Vec::new();
    let mut note = |done: Result<()>| failures.extend(done.err().map(|error| format!("{error:#}")));
    note(check("format", cargo().arg("fmt").args(&formatted).arg("--check")));
    let lints = ["--all-targets", "--locked", "--", "-D", "warnings"];
    note(check("lints", cargo().arg("clippy").args(&packages).args(lints)));
    println!("==> house rules");
    note(audit::run());
    let postgres = servers::postgres();
    let redis = servers::redis();
    let mut tests = cargo();
    for (server, variable) in [(&postgres, "HOLLY_TEST_DATABASE_URL"), (&redis, "HOLLY_TEST_REDIS_URL")] {
        match server {
            Ok(server) => {
                tests.env(variable, &server.url);
            }
            Err(error) if arguments.allow_missing => {
                println!("==> SKIPPED: what needs {variable}: {error:#}");
                tests.env_remove(variable).env("HOLLY_ALLOW_MISSING", "1");
            }
            Err(error) => bail!("{error:#}"),
        }
    }
    if find("cargo-nextest", &[]).is_some() {
        tests.args(["nextest", "run", "--locked", "--no-fail-fast"]).args(&packages).args(&arguments.filter);
    } else {
        tests.args(["test", "--locked", "--no-fail-fast"]).args(&packages).args(&arguments.filter);
    }
    note(check("tests", &mut tests));
    if failures.is_empty() { Ok(()) } else { bail!("{}", failures.join("; ")) }
}

/// What is not there, after an attempt to install it.
fn missing_programs() -> Vec<&'static str> {
    let absent = || {
        let folders = servers::postgres_folders();
        [("initdb", "PostgreSQL"), ("redis-server", "Redis")]
            .into_iter()
            .filter(|(program, _)| find(program, &folders).is_none())
            .map(|(_, name)| name)
            .collect::<Vec<_>>()
    };
    if absent().is_empty() || !is_root() || find("apt-get", &[]).is_none() {
        return absent();
    }
    println!("==> installing {} from Debian", absent().join(" and "));
    for arguments in [&["update"][..], &["install", "-y", "--no-install-recommends", "postgresql", "redis-server"][..]]
    {
        let done = Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status();
        if !done.is_ok_and(|status| status.success()) {
            println!("==> apt-get {} failed", arguments.join(" "));
        }
    }
    absent()
}
