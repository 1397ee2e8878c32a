//! `holly rehearse`: the simulated world of the running server.

mod fault;
mod order;
mod requests;
mod set;
mod status;

use clap::{Args, Subcommand};

use crate::failure::Exit;
use crate::session::Session;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum RehearseCommand {
    /// Show the world's own books: what really happened, whatever the product believes
    Status,
    /// Make orders arrive now; prints their Shopify ids
    Order(order::OrderArgs),
    /// Plant a fault; `fault list` and `fault clear` show and remove what is planted
    Fault(fault::FaultArgs),
    /// Show the requests that reached the world, oldest first
    Requests(requests::RequestsArgs),
    /// Let the customer pay an order
    Pay(MoveArgs),
    /// Let an order be cancelled
    Cancel(MoveArgs),
    /// Let an order be refunded
    Refund(MoveArgs),
    /// Let an order be shipped
    Ship(MoveArgs),
    /// Change a setting of the world: pace, speed, printful_store, currencies or token_life
    Set(set::SetArgs),
}

/// Arguments of what moves an order on.
#[derive(Debug, Args)]
pub(crate) struct MoveArgs {
    /// Shopify id of the order
    order: String,
}

pub(crate) async fn run(session: &Session, command: RehearseCommand) -> anyhow::Result<Exit> {
    match command {
        RehearseCommand::Status => status::run(session).await,
        RehearseCommand::Order(args) => order::arrive(session, args).await,
        RehearseCommand::Fault(args) => fault::run(session, args).await,
        RehearseCommand::Requests(args) => requests::run(session, args).await,
        RehearseCommand::Pay(args) => order::act(session, &args.order, "pay").await,
        RehearseCommand::Cancel(args) => order::act(session, &args.order, "cancel").await,
        RehearseCommand::Refund(args) => order::act(session, &args.order, "refund").await,
        RehearseCommand::Ship(args) => order::act(session, &args.order, "ship").await,
        RehearseCommand::Set(args) => set::run(session, args).await,
    }
}
