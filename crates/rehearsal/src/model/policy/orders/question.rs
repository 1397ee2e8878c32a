//! A person asks about orders in their own words, or a check names no order.

use serde_json::{Value, json};

use super::super::Answer;
use super::super::outcome::{self, Outcome, money, plain};
use super::facts::{Subject, is_digits, word};
use super::{ORDER, Report, paid, read_failed};
use crate::model::reading::Reading;

const SUBJECTS: [&str; 5] = ["order", "fulfil", "shipment", "shipping", "print"];
const DEMANDS: [&str; 4] = ["print", "fulfil", "submit", "send"];

/// A person speaks of orders in their own words; an event is never taken for that.
pub(super) fn is_asked(reading: &Reading) -> bool {
    let asked = reading.asked.to_lowercase();
    reading.event().is_none() && SUBJECTS.iter().any(|word| asked.contains(word))
}

pub(super) fn decide(reading: &Reading, subject: &Subject) -> Answer {
    let asked = reading.asked.to_lowercase();
    let shop_id = subject.shop_id.clone().or_else(|| named_id(&asked));
    let subject = Subject { shop_id, print_id: subject.print_id.clone(), name: subject.name.clone() };
    // Only a person's own words, never an event, ask for a print here.
    if reading.event().is_none() && subject.shop_id.is_some() && DEMANDS.iter().any(|word| asked.starts_with(word)) {
        return paid::decide(reading, &subject);
    }
    let Some(read) = reading.result(ORDER) else {
        return Answer::call(
            ORDER,
            match &subject.shop_id {
                Some(id) => json!({"order_id": id}),
                None => json!({"limit": 50}),
            },
        );
    };
    let facts = match outcome::read(read) {
        Outcome::Facts(facts) => facts,
        other => return read_failed("order_status", &subject, &other).answer(),
    };
    let orders: Vec<&Value> = facts.get("orders").and_then(Value::as_array).into_iter().flatten().collect();
    let named: Vec<&Value> = orders.iter().copied().filter(|order| is_named(order, &asked)).collect();
    let shown = if named.is_empty() { &orders } else { &named };
    let lines: Vec<String> = shown.iter().take(5).map(|order| line(order)).collect();
    let summary = match shown.len() {
        0 => "The shop returned no order.".to_owned(),
        1 => lines.concat(),
        count => format!("{count} orders: {}", lines.join("; ")),
    };
    Report::done("order_status", &subject, summary).with("count", json!(shown.len())).answer()
}

/// An id of the shop in the question: a long run of digits.
fn named_id(asked: &str) -> Option<String> {
    asked.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() >= 8 && is_digits(run)).map(ToOwned::to_owned)
}

fn is_named(order: &Value, asked: &str) -> bool {
    let name = word(order, "name");
    name.len() > 1 && asked.split_whitespace().any(|piece| piece.trim_end_matches(['?', '.', ',', '!']) == name)
}

fn line(order: &Value) -> String {
    let name = order.get("name").and_then(Value::as_str).map(plain).unwrap_or_else(|| "unnamed".to_owned());
    let mut line = name;
    for member in ["financial_status", "fulfillment_status"] {
        let state = word(order, member);
        if !state.is_empty() {
            line.push_str(&format!(", {}", state.replace('_', " ")));
        }
    }
    if let Some(total) = money(Some(order), "total") {
        line.push_str(&format!(", {total}"));
    }
    line
}
