//! `holly runs`: what is being done, what was done, and the hand on it.

mod branch;
mod list;
mod show;
mod start;
mod steer;
mod watch;

use clap::Subcommand;

use crate::failure::Exit;
use crate::session::Session;

pub(crate) use list::table;
pub(crate) use show::effects_table;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List runs, newest change first
    List(list::ListArgs),
    /// Show one run: status, timeline, effects, cost
    Show {
        /// Id of the run
        run: String,
    },
    /// Follow a run until it ends; exit code 1 when it fails or is cancelled
    Watch {
        /// Id of the run
        run: String,
    },
    /// Start a run
    Start(start::StartArgs),
    /// End a run; what it has already done stays done
    Cancel(steer::SteerArgs),
    /// Hold a run at its next checkpoint
    Pause(steer::SteerArgs),
    /// Let a held run go on
    Continue(steer::SteerArgs),
    /// Do a run again that has ended; what it has done outside is not repeated
    Retry(branch::RetryArgs),
    /// Go on from a checkpoint of an ended run with another state
    Fork(branch::ForkArgs),
}

pub(crate) async fn run(session: &Session, command: RunsCommand) -> anyhow::Result<Exit> {
    match command {
        RunsCommand::List(args) => list::run(session, args).await,
        RunsCommand::Show { run } => show::run(session, &run).await,
        RunsCommand::Watch { run } => watch::run(session, session.client()?, &run).await,
        RunsCommand::Start(args) => start::run(session, args).await,
        RunsCommand::Cancel(args) => steer::run(session, args, "cancel").await,
        RunsCommand::Pause(args) => steer::run(session, args, "pause").await,
        RunsCommand::Continue(args) => steer::run(session, args, "continue").await,
        RunsCommand::Retry(args) => branch::retry(session, args).await,
        RunsCommand::Fork(args) => branch::fork(session, args).await,
    }
}

/// The path of a run, or of something below it.
fn path(run: &str, rest: &str) -> String {
    format!("/tower/runs/{}{rest}", net::encode_segment(run))
}
