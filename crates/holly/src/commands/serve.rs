//! `holly serve`: runs the server, or those parts of it that are named.

use std::process::ExitCode;

use clap::Args;

use crate::cli::Roles;
use crate::session::Session;
use crate::{app, logging};

/// Arguments of `serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    /// Which parts this process runs: all, or a comma list of api, worker, scheduler, autonomy, console
    #[arg(long = "role", value_name = "ROLES", default_value = "all")]
    roles: Roles,
}

impl ServeArgs {
    /// What `holly` alone means.
    pub(crate) fn everything() -> Self {
        Self { roles: Roles::All }
    }
}

/// Serves until the process is asked to stop.
pub(crate) fn run(session: &Session, args: ServeArgs) -> anyhow::Result<ExitCode> {
    let loaded = session.load()?;
    let tap = logging::of_server(&loaded.config, loaded.sources.get("HOLLY_LOG_FORMAT"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(app::run(loaded, args.roles, tap))
}
