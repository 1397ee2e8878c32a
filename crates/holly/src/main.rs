//! The binary: the command line, the client behind its commands, and the composition root that puts the server
//! together ([`app`]).
//!
//! Each command is one file under `commands/`; it parses nothing and opens nothing by itself but is handed a
//! [`session::Session`]. Failures travel up to `main`, which prints their chain once and turns them into an exit code.
//! Nothing here decides what the engine decides, speaks SQL, or calls an upstream: commands ask the running server, as
//! any other client would.

mod app;
mod cli;
mod client;
mod commands;
mod failure;
mod logging;
mod output;
mod session;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use config::EnvSource;

use crate::cli::{Cli, Command};
use crate::session::Session;

fn main() -> ExitCode {
    let cli = Cli::parse();
    net::install_crypto();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            let report = failure::report(&error);
            let mut err = std::io::stderr().lock();
            for line in &report.lines {
                // Nowhere is left to tell that stderr is closed.
                let _ = writeln!(err, "{line}");
            }
            ExitCode::from(report.exit as u8)
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let session = Session::new(EnvSource::process()?, cli.globals)?;
    match cli.command.unwrap_or_else(|| Command::Serve(commands::serve::ServeArgs::everything())) {
        Command::Serve(args) => commands::serve::run(&session, args),
        command => {
            logging::of_command();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let exit = runtime.block_on(commands::run(&session, command))?;
            Ok(ExitCode::from(exit as u8))
        }
    }
}
