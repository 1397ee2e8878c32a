//! `holly jobs`: what happens by the clock.

mod list;
mod steer;

use clap::Subcommand;

use crate::failure::Exit;
use crate::session::Session;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List the scheduled jobs with their next and last fires
    List,
    /// Fire a job now, out of its schedule; its gate still applies
    Run {
        /// Id of the job
        job: String,
    },
    /// Hold a job back: its fires are skipped until it is resumed
    Pause {
        /// Id of the job
        job: String,
    },
    /// Let a held job fire again
    Resume {
        /// Id of the job
        job: String,
    },
}

pub(crate) async fn run(session: &Session, command: JobsCommand) -> anyhow::Result<Exit> {
    match command {
        JobsCommand::List => list::run(session).await,
        JobsCommand::Run { job } => steer::fire(session, &job).await,
        JobsCommand::Pause { job } => steer::hold(session, &job, "pause").await,
        JobsCommand::Resume { job } => steer::hold(session, &job, "resume").await,
    }
}
