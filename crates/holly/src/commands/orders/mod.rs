//! `holly orders`: the shop's orders and what was done for them.

mod list;
mod show;

use clap::Subcommand;

use crate::client::views::Order;
use crate::failure::Exit;
use crate::output::money;
use crate::session::Session;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum OrdersCommand {
    /// List orders, newest change first
    List(list::ListArgs),
    /// Show one order with its runs, tickets and effects
    Show {
        /// Shopify id, or the name on the invoice such as '#1042'
        order: String,
    },
}

pub(crate) async fn run(session: &Session, command: OrdersCommand) -> anyhow::Result<Exit> {
    match command {
        OrdersCommand::List(args) => list::run(session, args).await,
        OrdersCommand::Show { order } => show::run(session, &order).await,
    }
}

/// What the customer owes.
fn total(order: &Order) -> Option<String> {
    order.total_minor.map(|minor| money(minor, order.currency.as_deref()))
}

/// What the print costs.
fn print_cost(order: &Order) -> Option<String> {
    order.print_cost_minor.map(|minor| money(minor, order.print_cost_currency.as_deref()))
}

/// What sets the order apart.
fn marks(order: &Order) -> String {
    let marks = [(order.cancelled, "cancelled"), (order.is_test, "test"), (order.print_cancelled, "print cancelled")];
    marks.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}
