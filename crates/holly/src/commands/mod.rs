//! The commands, a file each.

pub(crate) mod api;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod dlq;
pub(crate) mod doctor;
mod healthcheck;
pub(crate) mod jobs;
mod migrate;
pub(crate) mod openapi;
pub(crate) mod orders;
pub(crate) mod rehearse;
pub(crate) mod runs;
pub(crate) mod serve;
pub(crate) mod smoke;
pub(crate) mod tickets;
pub(crate) mod token;
pub(crate) mod user;

use crate::cli::Command;
use crate::failure::Exit;
use crate::session::Session;

/// Runs one command other than `serve`, which brings a runtime of its own.
pub(crate) async fn run(session: &Session, command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Serve(_) => anyhow::bail!("`serve` is not run from here"),
        Command::Tickets(command) => tickets::run(session, command).await,
        Command::Runs(command) => runs::run(session, command).await,
        Command::Jobs(command) => jobs::run(session, command).await,
        Command::Dlq(command) => dlq::run(session, command).await,
        Command::Orders(command) => orders::run(session, command).await,
        Command::Rehearse(command) => rehearse::run(session, command).await,
        Command::Doctor => doctor::run(session).await,
        Command::Config(args) => config::run(session, &args),
        Command::Token(args) => token::run(session, args).await,
        Command::User(command) => user::run(session, command).await,
        Command::Api(args) => api::run(session, args).await,
        Command::Healthcheck => healthcheck::run(session).await,
        Command::Smoke(args) => smoke::run(session, args).await,
        Command::Migrate => migrate::run(session).await,
        Command::Openapi(args) => openapi::run(session, &args),
        Command::Completions(args) => completions::run(session, &args),
    }
}
