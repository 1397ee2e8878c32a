//! `holly orders list`

use clap::Args;

use super::{marks, print_cost, total};
use crate::client::view;
use crate::client::views::Order;
use crate::failure::Exit;
use crate::output::{Cell, Output, Table, Tone, age, status_words};
use crate::session::Session;

/// Arguments of `orders list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only with this text in name or id
    #[arg(long, short = 'q', value_name = "TEXT")]
    search: Option<String>,
    /// How many, at most 200
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
}

pub(crate) async fn run(session: &Session, args: ListArgs) -> anyhow::Result<Exit> {
    let query = [("q", args.search), ("limit", Some(args.limit.to_string()))];
    let answer = session.client()?.get("/orders", &query).await?;
    let orders: Vec<Order> = view(&answer["orders"])?;
    session.out.either(&answer, |out| table(&orders, out))?;
    Ok(Exit::Done)
}

fn table(orders: &[Order], out: &Output) -> String {
    let mut table = Table::new(&["ORDER", "ID", "PAYMENT", "PRINT", "TOTAL", "PRINT COST", "CHANGED", "MARKS"]);
    for order in orders {
        table.row(vec![
            Cell::maybe(order.order_name.as_deref()),
            Cell::new(order.shop_id()).tone(Tone::Dim),
            Cell::new(status_words(&order.payment)),
            Cell::new(status_words(&order.fulfilment)),
            Cell::number(total(order).unwrap_or_else(|| "-".into())),
            Cell::number(print_cost(order).unwrap_or_else(|| "-".into())),
            Cell::new(age(order.updated_at, out.now)),
            Cell::maybe(Some(marks(order))).tone(Tone::Warn),
        ]);
    }
    table.render(out.style, "no orders yet")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::order::{Fulfilment, Payment};

    use super::*;
    use crate::output::{Form, Style};

    #[test]
    fn a_list_shows_how_far_each_order_has_come_and_its_money() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let mut order = domain::order::Order::new("shopify:5830".parse().unwrap(), now);
        order.order_name = Some("#1042".into());
        order.currency = Some("USD".into());
        order.total_minor = Some(3_900);
        order.payment = Payment::Paid;
        order.fulfilment = Fulfilment::InProduction;
        order.is_test = true;
        let order: Order = view(&serde_json::to_value(order).unwrap()).unwrap();
        let out = Output { form: Form::Words, style: Style::None, now };
        assert_eq!(
            table(&[order], &out),
            "ORDER  ID    PAYMENT  PRINT              TOTAL  PRINT COST  CHANGED   MARKS\n\
             #1042  5830  paid     in production  39.00 USD           -  just now  test"
        );
    }
}
