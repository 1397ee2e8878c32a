//! `cargo xtask test`: the one command that checks everything.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{cargo, check, find, is_root};
use crate::{audit, servers, web};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Goes on without PostgreSQL, Redis, Node.js or a browser; their tests are skipped, each saying so.
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
            "missing: {}\n  on Debian:  apt-get install postgresql redis-server nodejs npm chromium\n  \
             on macOS:   brew install postgresql redis node chromium\n  \
             or go on without: cargo xtask test --allow-missing",
            missing.join(", ")
        );
    }
    let (packages, formatted): (Vec<String>, Vec<String>) = match arguments.package.as_slice() {
        [] => (vec!["--workspace".to_owned()], vec!["--all".to_owned()]),
        names => names.iter().map(|name| format!("--package={name}")).map(|name| (name.clone(), name)).unzip(),
    };
    // Named packages are somebody's work in progress on the server; the console belongs to a whole run.
    let whole = arguments.package.is_empty() && arguments.filter.is_none();
    let with_console = whole && (web::has_npm() || !arguments.allow_missing);
    if whole && !with_console {
        println!("==> SKIPPED: the console's checks: npm is missing");
    }
    // A broken rule does not hide a failing test: everything runs, and all that failed is told at the end.
    let mut failures = Vec::new();
    let mut note = |done: Result<()>| failures.extend(done.err().map(|error| format!("{error:#}")));
    if with_console {
        note(web::check_console());
        note(web::build());
    }
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
    if with_console && (web::browser().is_some() || !arguments.allow_missing) {
        note(check("server: debug build", cargo().args(["build", "--locked", "--package", "holly"])));
        note(web::end_to_end());
    } else if with_console {
        println!("==> SKIPPED: the console's browser tests: Chromium is missing");
    }
    if failures.is_empty() { Ok(()) } else { bail!("{}", failures.join("; ")) }
}

/// What the tests need, and the Debian packages that bring it.
const NEEDS: [(&str, &[&str]); 4] = [
    ("PostgreSQL", &["postgresql"]),
    ("Redis", &["redis-server"]),
    ("Node.js", &["nodejs", "npm"]),
    ("Chromium", &["chromium"]),
];

/// What is not there, after an attempt to install it.
fn missing_programs() -> Vec<&'static str> {
    let absent = || -> Vec<_> { NEEDS.into_iter().filter(|(need, _)| !is_there(need)).collect() };
    let names = |needs: Vec<(&'static str, _)>| needs.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let wanted = absent();
    if wanted.is_empty() || !is_root() || find("apt-get", &[]).is_none() {
        return names(wanted);
    }
    let packages: Vec<&str> = wanted.iter().flat_map(|(_, packages)| packages.iter().copied()).collect();
    println!("==> installing {} from Debian", packages.join(", "));
    let install = [&["install", "-y", "--no-install-recommends"][..], &packages].concat();
    for arguments in [vec!["update"], install] {
        let done = Command::new("apt-get").args(&arguments).env("DEBIAN_FRONTEND", "noninteractive").status();
        if !done.is_ok_and(|status| status.success()) {
            println!("==> apt-get {} failed", arguments.join(" "));
        }
    }
    names(absent())
}

fn is_there(need: &str) -> bool {
    match need {
        "PostgreSQL" => find("initdb", &servers::postgres_folders()).is_some(),
        "Redis" => find("redis-server", &[]).is_some(),
        "Node.js" => web::has_npm(),
        _ => web::browser().is_some(),
    }
}
