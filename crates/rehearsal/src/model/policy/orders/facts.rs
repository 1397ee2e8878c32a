//! What the event and the tools say about the order.

use std::fmt;

use serde_json::{Value, json};

use super::super::outcome::plain;
use crate::model::reading::Reading;

/// The order an event is about.
#[derive(Debug, Default)]
pub(super) struct Subject {
    /// Id at the shop, digits.
    pub shop_id: Option<String>,
    /// Id at the printer.
    pub print_id: Option<String>,
    /// Name for people, `#1042`.
    pub name: Option<String>,
}

impl Subject {
    pub(super) fn of(reading: &Reading) -> Self {
        let digits = |text: String| {
            let text = text.rsplit('/').next().unwrap_or_default().to_owned();
            (is_digits(&text)).then_some(text)
        };
        let printful = reading.payload.as_ref().and_then(|payload| payload.get("provider")) == Some(&json!("printful"));
        let mut shop_id =
            reading.fact("shopify_order_id").and_then(digits).or_else(|| reading.fact("external_id").and_then(digits));
        let mut print_id = reading.fact("printful_order_id").and_then(digits);
        match (reading.fact("order_id").and_then(digits), printful) {
            (id @ Some(_), true) => print_id = print_id.or(id),
            (id @ Some(_), false) => shop_id = shop_id.or(id),
            (None, _) => {}
        }
        let name = reading.fact("order_name").map(|name| plain(&name)).filter(|name| name.len() <= 40);
        Self { shop_id, print_id, name }
    }

    /// What the status tool is asked with: our own key when there is one.
    pub(super) fn status_args(&self) -> Option<Value> {
        match (&self.shop_id, &self.print_id) {
            (Some(id), _) => Some(json!({"order_id": format!("@{id}")})),
            (None, Some(id)) => Some(json!({"order_id": id})),
            (None, None) => None,
        }
    }

    /// Takes over the name the shop returned.
    pub(super) fn named_by(&mut self, order: &Value) {
        if let Some(name) = order.get("name").and_then(Value::as_str) {
            self.name = Some(plain(name));
        }
    }

    pub(super) fn details(&self) -> Value {
        let mut details = serde_json::Map::new();
        let members =
            [("shopify_order_id", &self.shop_id), ("printful_order_id", &self.print_id), ("order_name", &self.name)];
        for (name, value) in members {
            if let Some(value) = value {
                details.insert(name.to_owned(), json!(value));
            }
        }
        Value::Object(details)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.shop_id, &self.print_id) {
            (Some(name), ..) => write!(f, "Order {name}"),
            (None, Some(id), _) => write!(f, "Order {id}"),
            (None, None, Some(id)) => write!(f, "Printful order {id}"),
            (None, None, None) => f.write_str("The order"),
        }
    }
}

pub(super) fn is_digits(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A status word in the shop's or the printer's spelling, lower case.
pub(super) fn word(value: &Value, member: &str) -> String {
    value.get(member).and_then(Value::as_str).map(|text| plain(text).to_lowercase()).unwrap_or_default()
}

/// Where a print stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Print {
    /// The printer does not know it, or it is a draft: nothing is being made.
    NotStarted,
    /// Confirmed and not begun: can still be stopped.
    Waiting,
    /// Stopped.
    Cancelled,
    /// Held, in production or gone: cannot be stopped any more.
    Beyond,
}

/// Reads a result of the status tool. A status that nobody knows counts as beyond recall.
pub(super) fn print(status: &Value) -> Print {
    if status.get("found") == Some(&Value::Bool(false)) {
        return Print::NotStarted;
    }
    match word(status, "status").as_str() {
        "draft" | "failed" => Print::NotStarted,
        "pending" => Print::Waiting,
        "canceled" | "cancelled" => Print::Cancelled,
        _ => Print::Beyond,
    }
}
