//! `cargo xtask bench engine`: measures the engine on SQLite and on a private PostgreSQL of default durability.

use anyhow::Result;

use crate::process::{cargo, root};
use crate::servers;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Durable runs, enqueueing, and the waits of an idle queue.
    Engine {
        /// Prints JSON instead of a table.
        #[arg(long)]
        json: bool,
        /// Runs of the throughput measurement.
        #[arg(long, default_value_t = 4000)]
        runs: u32,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let What::Engine { json, runs } = arguments.what;
    let mut build = cargo();
    build.args(["build", "--release", "--locked", "--quiet", "--package", "holly-bench"]);
    check_quietly(&mut build)?;
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir));
    let program = folder.join("release").join(format!("bench{}", std::env::consts::EXE_SUFFIX));
    let mut measure = std::process::Command::new(&program);
    measure.arg("engine").arg("--runs").arg(runs.to_string());
    if json {
        measure.arg("--json");
    }
    // Without PostgreSQL the other half is still worth measuring; the report then names SQLite alone.
    let server = servers::durable_postgres();
    match &server {
        Ok(server) => {
            let version = servers::postgres_version().unwrap_or_else(|| "of unknown version".to_owned());
            measure.arg("--postgres-url").arg(&server.url).arg("--postgres-version").arg(version);
        }
        Err(error) => eprintln!("==> PostgreSQL is not measured: {error:#}"),
    }
    check_quietly(&mut measure)
}

/// Runs to the end with nothing of our own on standard output: it belongs to the report.
fn check_quietly(command: &mut std::process::Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status()?;
    if !status.success() {
        anyhow::bail!("{program} failed ({status})");
    }
    Ok(())
}
