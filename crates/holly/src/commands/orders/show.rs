//! `holly orders show`

use super::{marks, print_cost, total};
use crate::client::views::{Effect, Order, Run, Ticket};
use crate::client::{Client, view};
use crate::commands::{runs, tickets};
use crate::failure::{Exit, Failure};
use crate::output::{Facts, Output, Tone, age, money, status_words};
use crate::session::Session;

pub(crate) async fn run(session: &Session, order: &str) -> anyhow::Result<Exit> {
    let client = session.client()?;
    let id = if order.starts_with('#') { by_name(&client, order).await? } else { order.to_owned() };
    let answer = client.get(&format!("/orders/{}", net::encode_segment(&id)), &[]).await?;
    let file = File {
        order: view(&answer["order"])?,
        runs: view(&answer["runs"])?,
        effects: view(&answer["effects"])?,
        tickets: view(&answer["tickets"])?,
    };
    session.out.either(&answer, |out| page(&file, out))?;
    Ok(Exit::Done)
}

/// The id of the order of that name.
async fn by_name(client: &Client, name: &str) -> Result<String, Failure> {
    let answer = client.get("/orders", &[("q", Some(name.to_owned())), ("limit", Some("200".to_owned()))]).await?;
    let orders: Vec<Order> = view(&answer["orders"])?;
    pick(&orders, name).ok_or_else(|| Failure::Bad(format!("no order is named {name}")))
}

fn pick(orders: &[Order], name: &str) -> Option<String> {
    let found = orders.iter().find(|order| order.order_name.as_deref() == Some(name));
    found.map(|order| order.shop_id().to_owned())
}

struct File {
    order: Order,
    runs: Vec<Run>,
    effects: Vec<Effect>,
    tickets: Vec<Ticket>,
}

fn page(file: &File, out: &Output) -> String {
    let heading = |text: &str| format!("\n\n{}\n", out.style.paint(Tone::Strong, text));
    let mut page = facts(&file.order, out).render(out.style);
    page.push_str(&heading("RUNS"));
    page.push_str(&runs::table(&file.runs, out, "none"));
    page.push_str(&heading("TICKETS"));
    page.push_str(&tickets::table(&file.tickets, out, "none"));
    page.push_str(&heading("EFFECTS"));
    page.push_str(&runs::effects_table(&file.effects, out));
    page
}

fn facts(order: &Order, out: &Output) -> Facts {
    let refunded = Some(order.refunded_minor).filter(|minor| *minor > 0);
    let marks = marks(order);
    let facts = Facts::default()
        .maybe("order", order.order_name.as_deref())
        .fact("id", order.shop_id())
        .fact("payment", status_words(&order.payment))
        .fact("print", status_words(&order.fulfilment));
    let facts = if marks.is_empty() { facts } else { facts.toned("marks", marks, Tone::Warn) };
    facts
        .maybe("total", total(order))
        .maybe("refunded", refunded.map(|minor| money(minor, order.currency.as_deref())))
        .maybe("print cost", print_cost(order))
        .maybe("items", order.item_count.map(|count| count.to_string()))
        .maybe("printer's order", order.print_order_id.as_deref())
        .maybe("tracking", order.tracking_url.as_deref())
        .maybe("customer note", order.customer_note.as_deref())
        .maybe("ordered", order.ordered_at.map(|at| age(at, out.now)))
        .fact("changed", age(order.updated_at, out.now))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::time::Timestamp;
    use serde_json::Value;

    use super::*;
    use crate::output::{Form, Style};

    fn order_value(key: &str, name: &str, now: Timestamp) -> Value {
        let mut order = domain::order::Order::new(key.parse().unwrap(), now);
        order.order_name = Some(name.to_owned());
        serde_json::to_value(order).unwrap()
    }

    #[test]
    fn an_order_is_found_by_exactly_its_name() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let orders: Vec<Order> = [("5830", "#10421"), ("5831", "#1042")]
            .into_iter()
            .map(|(id, name)| view(&order_value(id, name, now)).unwrap())
            .collect();
        assert_eq!(pick(&orders, "#1042").as_deref(), Some("5831"));
        assert_eq!(pick(&orders, "#104"), None);
    }

    #[test]
    fn a_page_names_every_part_even_when_it_is_empty() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let out = Output { form: Form::Words, style: Style::None, now };
        let order = view(&order_value("5830", "#1042", now)).unwrap();
        let page = page(&File { order, runs: vec![], effects: vec![], tickets: vec![] }, &out);
        for part in ["order    #1042", "RUNS\nnone", "TICKETS\nnone", "EFFECTS\nnothing was changed"] {
            assert!(page.contains(part), "{part} in\n{page}");
        }
    }
}
