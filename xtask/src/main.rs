//! The commands of the people who work on this repository. One file per command; this one only dispatches.

mod audit;
mod bench;
mod generate;
mod process;
mod run;
mod servers;
mod sim;
mod test;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, tests and checks Holly Grace")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the console and the server in release mode and starts it.
    Run(run::Arguments),
    /// Finds or installs what the tests need, then checks and tests everything.
    Test(test::Arguments),
    /// Builds the benchmarks in release mode and measures.
    Bench(bench::Arguments),
    /// Lets the simulation of the Tower run from given seeds and prints what happened.
    Sim(sim::Arguments),
    /// The web console by itself: build, dev, check, e2e.
    Web(web::Arguments),
    /// Checks the house rules that no linter knows.
    Audit,
    /// Writes the files that are made of tables in the code.
    Generate,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Sim(arguments) => sim::run(&arguments),
        Command::Web(arguments) => web::run(&arguments),
        Command::Audit => audit::run(),
        Command::Generate => generate::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
