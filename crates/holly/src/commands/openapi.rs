//! `holly openapi`: prints the OpenAPI document of one of the two servers.

use clap::{Args, ValueEnum};

use crate::failure::Exit;
use crate::session::Session;

/// Arguments of `openapi`.
#[derive(Debug, Args)]
pub(crate) struct OpenapiArgs {
    /// Whose document
    #[arg(value_enum, default_value_t = Server::Agents)]
    server: Server,
}

/// A server with a document.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Server {
    /// The agents API
    Agents,
    /// The console
    Console,
}

/// Prints it, with or without `--json`.
pub(crate) fn run(session: &Session, args: &OpenapiArgs) -> anyhow::Result<Exit> {
    session.out.json(&match args.server {
        Server::Agents => api::agents_document(),
        Server::Console => api::console_document(),
    })?;
    Ok(Exit::Done)
}
