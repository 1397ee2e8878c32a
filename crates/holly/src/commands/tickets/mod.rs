//! `holly tickets`: what waits for a person, and the person's answer.

mod decide;
mod list;
mod show;

use clap::Subcommand;

use crate::failure::Exit;
use crate::session::Session;

pub(crate) use list::table;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum TicketsCommand {
    /// List tickets, newest first; those that wait for a decision unless told otherwise
    List(list::ListArgs),
    /// Show one ticket: what is proposed, why it stopped, what it moves
    Show {
        /// Number of the ticket
        ticket: u32,
    },
    /// Approve what a ticket proposes
    Approve(decide::ApproveArgs),
    /// Reject what a ticket proposes; the agent goes on without it
    Reject(decide::RejectArgs),
}

pub(crate) async fn run(session: &Session, command: TicketsCommand) -> anyhow::Result<Exit> {
    match command {
        TicketsCommand::List(args) => list::run(session, args).await,
        TicketsCommand::Show { ticket } => show::run(session, ticket).await,
        TicketsCommand::Approve(args) => decide::approve(session, args).await,
        TicketsCommand::Reject(args) => decide::reject(session, args).await,
    }
}

fn path(ticket: u32) -> String {
    format!("/tower/tickets/{ticket}")
}
