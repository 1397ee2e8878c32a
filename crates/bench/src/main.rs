//! Measures the engine: durable runs, enqueueing, and the waits of an idle queue, with the real Tower and the real
//! rows, and without any model or upstream.
//!
//! A tool for people who work on this repository; `cargo xtask bench engine` builds and starts it. It judges nothing:
//! figures depend on the machine, so each report carries what the disk could do at the same moment. It must never be
//! a dependency of anything.

mod disk;
mod engine;
mod latency;
mod machine;
mod nodes;
mod report;
mod throughput;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use store::Target;

use engine::Bench;

#[derive(Debug, Parser)]
#[command(name = "bench", about = "Measures the engine")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Durable runs, enqueueing and waits on SQLite, and on PostgreSQL when an address is given.
    Engine(Options),
}

/// What to measure, and how much of it.
#[derive(Debug, clap::Args)]
struct Options {
    /// An empty PostgreSQL database of its own.
    #[arg(long)]
    postgres_url: Option<String>,
    /// What the server calls itself, for the report.
    #[arg(long, default_value = "unknown")]
    postgres_version: String,
    /// Folder for the SQLite file and the disk measurement; a temporary one when absent.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Runs of the throughput measurement.
    #[arg(long, default_value_t = 4000)]
    runs: usize,
    /// Samples of each wait.
    #[arg(long, default_value_t = 200)]
    samples: usize,
    /// Prints JSON instead of a table.
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    let Arguments { what: What::Engine(options) } = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(measure(&options))?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", report.table());
    }
    Ok(())
}

async fn measure(options: &Options) -> Result<report::Report> {
    let own = tempfile::TempDir::with_prefix("holly-bench-")?;
    let folder = options.folder.clone().unwrap_or_else(|| own.path().to_owned());
    let machine = machine::Machine::look();
    let mut engines = Vec::new();
    let sqlite = Target::Sqlite { path: folder.join("bench.db") };
    engines.push(one("SQLite, synchronous=FULL", &sqlite, &folder, options).await?);
    if let Some(url) = &options.postgres_url {
        let target = Target::Postgres { url: url.clone(), pool_size: 32 };
        let name = format!("PostgreSQL {}, default durability", options.postgres_version);
        engines.push(one(&name, &target, &folder, options).await?);
    }
    Ok(report::Report { machine, engines })
}

async fn one(name: &str, target: &Target, folder: &std::path::Path, options: &Options) -> Result<report::Engine> {
    eprintln!("measuring {name}");
    let disk = disk::appends_per_second(folder)?;
    let bench = Bench::open(target).await?;
    let commits = disk::commits_per_second(&bench).await?;
    let enqueue = throughput::enqueue(&bench, options.runs).await?;
    // What the enqueueing left in the queue is the work of the throughput measurement.
    let runs = throughput::drain(&bench).await?;
    let start = latency::start(&bench, options.samples).await?;
    let decision = latency::decision(&bench, options.samples).await?;
    bench.close().await;
    Ok(report::Engine {
        name: name.to_owned(),
        disk_appends: disk,
        commits_16_clients: commits,
        enqueue,
        runs,
        start,
        decision,
    })
}
