//! `holly rehearse status`: the world's own books.

use std::collections::BTreeMap;

use net::Request;
use serde::Deserialize;
use serde_json::Value;

use crate::client::view;
use crate::failure::Exit;
use crate::output::{Cell, Facts, Output, Table, Tone, money, status_words};
use crate::session::Session;

/// Newest orders that are shown; the rest is in `--json`.
const SHOWN: usize = 20;

pub(crate) async fn run(session: &Session) -> anyhow::Result<Exit> {
    let answer = session.world()?.ask(Request::get("/control/status")).await?;
    let books: Books = view(&answer)?;
    session.out.either(&answer, |out| page(&books, out))?;
    Ok(Exit::Done)
}

#[derive(Debug, Deserialize)]
struct Books {
    seed: u64,
    speed: f64,
    now: String,
    orders: Vec<Order>,
    payments: Vec<Payment>,
    prints: Vec<Print>,
    refunds: Vec<Value>,
    messages: Vec<Value>,
    webhooks: Webhooks,
    model_calls: ModelCalls,
}

#[derive(Debug, Deserialize)]
struct Order {
    shopify_order_id: String,
    name: String,
    financial_status: String,
    cancelled: bool,
    test: bool,
    total: String,
    currency: String,
}

#[derive(Debug, Deserialize)]
struct Payment {
    amount: i64,
    amount_refunded: i64,
    currency: String,
}

#[derive(Debug, Deserialize)]
struct Print {
    external_id: Option<String>,
    status: String,
    arrivals: i64,
}

#[derive(Debug, Deserialize)]
struct Webhooks {
    sent: u64,
    acknowledged: u64,
    waiting: u64,
}

#[derive(Debug, Deserialize)]
struct ModelCalls {
    total: u64,
    by_model: BTreeMap<String, u64>,
}

fn page(books: &Books, out: &Output) -> String {
    let doubled = books.prints.iter().filter(|print| print.arrivals > 1).count();
    let printed = books.prints.iter().filter(|print| print.arrivals > 0).count();
    let models = books.model_calls.by_model.iter().map(|(name, count)| format!("{name} {count}"));
    let models = models.collect::<Vec<_>>().join(", ");
    let models = if models.is_empty() { models } else { format!(" ({models})") };
    let webhooks = &books.webhooks;
    let facts = Facts::default()
        .fact("world time", format!("{} (speed {}, seed {})", books.now, books.speed, books.seed))
        .fact("orders", books.orders.len().to_string())
        .fact("taken in", sums(&books.payments))
        .fact("refunds", books.refunds.len().to_string())
        .fact("prints", format!("{printed} in production or beyond, of {} at the printer", books.prints.len()));
    let facts = if doubled == 0 { facts } else { facts.toned("printed twice", doubled.to_string(), Tone::Bad) };
    let facts = facts
        .fact("messages", books.messages.len().to_string())
        .fact(
            "webhooks",
            format!("{} sent, {} acknowledged, {} waiting", webhooks.sent, webhooks.acknowledged, webhooks.waiting),
        )
        .fact("model calls", format!("{}{models}", books.model_calls.total));
    format!("{}\n\n{}", facts.render(out.style), table(books, out))
}

/// What came in and went back, by currency.
fn sums(payments: &[Payment]) -> String {
    let mut by_currency: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for payment in payments {
        let (taken, returned) = by_currency.entry(&payment.currency).or_default();
        *taken = taken.saturating_add(payment.amount);
        *returned = returned.saturating_add(payment.amount_refunded);
    }
    let words = by_currency.into_iter().map(|(currency, (taken, returned))| match returned {
        0 => money(taken, Some(currency)),
        returned => format!("{} ({} given back)", money(taken, Some(currency)), money(returned, Some(currency))),
    });
    let words = words.collect::<Vec<_>>().join(", ");
    if words.is_empty() { "nothing yet".to_owned() } else { words }
}

fn table(books: &Books, out: &Output) -> String {
    let mut table = Table::new(&["ORDER", "ID", "PAYMENT", "TOTAL", "PRINT", "PRINTED", "MARKS"]);
    let skipped = books.orders.len().saturating_sub(SHOWN);
    for order in books.orders.iter().skip(skipped) {
        let prints: Vec<&Print> = books.prints.iter().filter(|print| print.of(order)).collect();
        let arrivals: i64 = prints.iter().map(|print| print.arrivals).sum();
        let marks = [(order.cancelled, "cancelled"), (order.test, "test")];
        let marks: Vec<&str> = marks.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect();
        table.row(vec![
            Cell::new(&order.name),
            Cell::new(&order.shopify_order_id).tone(Tone::Dim),
            Cell::new(status_words(&order.financial_status)),
            Cell::number(format!("{} {}", order.total, order.currency)),
            Cell::maybe(prints.first().map(|print| status_words(&print.status))),
            Cell::number(times(arrivals)).tone(if arrivals > 1 { Tone::Bad } else { Tone::Plain }),
            Cell::maybe(Some(marks.join(", "))).tone(Tone::Warn),
        ]);
    }
    let table = table.render(out.style, "no order has arrived yet");
    if skipped > 0 { format!("{table}\n({skipped} older orders are not shown)") } else { table }
}

fn times(arrivals: i64) -> String {
    match arrivals {
        0 => "no".to_owned(),
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}

impl Print {
    fn of(&self, order: &Order) -> bool {
        self.external_id.as_deref() == Some(&order.shopify_order_id)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rehearsal::world::{OrderKind, Settings, State};
    use serde_json::json;

    use super::*;
    use crate::output::{Form, Style};

    fn books(arrivals: i64) -> String {
        let books = json!({
            "seed": 1, "speed": 1.0, "now": "2026-01-01T00:00:00Z",
            "orders": [{"shopify_order_id": "5830", "name": "#1001", "financial_status": "paid", "cancelled": false,
                "test": false, "total": "39.00", "currency": "USD"}],
            "payments": [{"charge_id": "ch_1", "shopify_order_id": "5830", "amount": 3900, "amount_refunded": 900, "currency": "usd"}],
            "prints": [{"printful_order_id": 1, "external_id": "5830", "status": "pending", "arrivals": arrivals,
                "create_requests": 1, "confirm_requests": 1, "cost": "24.40", "currency": "USD"}],
            "refunds": [], "messages": [],
            "webhooks": {"sent": 2, "acknowledged": 2, "waiting": 0},
            "model_calls": {"total": 3, "by_model": {"gpt-4o-mini": 3}},
        });
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        page(&view(&books).unwrap(), &Output { form: Form::Words, style: Style::None, now })
    }

    #[test]
    fn the_books_tell_how_often_each_order_was_printed() {
        let page = books(1);
        for part in ["39.00 USD (9.00 USD given back)", "pending     once", "3 (gpt-4o-mini 3)"] {
            assert!(page.contains(part), "{part} in\n{page}");
        }
        assert!(!page.contains("printed twice"));
    }

    #[test]
    fn the_books_of_a_real_world_are_understood() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let shop_domain = "rehearsal.myshopify.com".to_owned();
        let mut world = State::new(&Settings { seed: 1, pace: 0.0, speed: 1.0, shop_domain }, now);
        for _ in 0..25 {
            world.arrive(now, Some(OrderKind::Paid));
        }
        let books: Books = view(&world.books(now)).unwrap();
        let page = page(&books, &Output { form: Form::Words, style: Style::None, now });
        assert!(page.contains("orders       25") && page.contains("(5 older orders are not shown)"), "{page}");
    }

    #[test]
    fn a_double_print_cannot_be_overlooked() {
        let page = books(2);
        assert!(page.contains("printed twice  1") && page.contains("2 times"), "{page}");
    }
}
