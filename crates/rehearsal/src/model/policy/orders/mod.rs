//! Orders, prints and parcels: one file per kind of event.
//!
//! Each event has its calls in order. The next one that has no result yet is asked for; when all are there, or one
//! failed, the answer follows. No call is made a second time.

mod cancelled;
mod facts;
mod looked;
mod paid;
mod question;
mod refunded;
mod shipped;
mod trouble;

use serde_json::{Value, json};

use super::Answer;
use super::outcome::Outcome;
use crate::model::reading::Reading;
use facts::Subject;

const ORDER: &str = "shopify_query_orders";
const STATUS: &str = "printful_order_status";
const SUBMIT: &str = "printful_submit_order";
const CANCEL: &str = "printful_cancel_order";

/// Events that say how an order or its print is doing.
fn is_order_event(event: &str) -> bool {
    event.starts_with("orders/")
        || event.starts_with("refunds/")
        || event.starts_with("shipment_")
        || event.starts_with("package_")
        || event.starts_with("order_")
}

/// An order event, an order task, or a person who asks about an order.
pub(super) fn is_asked(reading: &Reading) -> bool {
    reading.event().is_some_and(is_order_event)
        || matches!(reading.task(), Some("order_check" | "fulfill_order" | "order_status"))
        || question::is_asked(reading)
}

/// The next call, or the final answer.
pub(super) fn decide(reading: &Reading) -> Answer {
    let subject = Subject::of(reading);
    if let Some(counts) = looked::counts(reading) {
        return looked::report(counts, &subject);
    }
    match reading.event() {
        Some("orders/create" | "orders/paid" | "order_check") if subject.shop_id.is_some() => {
            paid::decide(reading, &subject)
        }
        Some("orders/cancelled") => cancelled::decide(reading, &subject),
        Some("refunds/create") => refunded::decide(reading, &subject),
        Some("orders/fulfilled" | "shipment_sent" | "package_shipped") => shipped::decide(reading, &subject),
        Some(event) if trouble::is_trouble(event) => trouble::decide(reading, &subject, event),
        _ => question::decide(reading, &subject),
    }
}

/// An answer in the form that the operations agent owes.
struct Report {
    action: &'static str,
    status: &'static str,
    summary: String,
    details: Value,
}

impl Report {
    fn done(action: &'static str, subject: &Subject, summary: String) -> Self {
        Self { action, status: "completed", summary, details: subject.details() }
    }

    fn needs_action(action: &'static str, subject: &Subject, summary: String) -> Self {
        Self { status: "needs_action", ..Self::done(action, subject, summary) }
    }

    fn error(action: &'static str, subject: &Subject, summary: String) -> Self {
        Self { status: "error", ..Self::done(action, subject, summary) }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        if let (Some(details), false) = (self.details.as_object_mut(), value.is_null()) {
            details.insert(name.to_owned(), value);
        }
        self
    }

    fn answer(self) -> Answer {
        Answer::json(&self.to_value())
    }

    fn to_value(&self) -> Value {
        json!({"action": self.action, "details": self.details, "status": self.status, "summary": self.summary})
    }
}

/// The event names nothing that could be looked up.
fn nameless(action: &'static str, subject: &Subject) -> Answer {
    Report::needs_action(action, subject, "The event names no order; look it up in the shop.".to_owned()).answer()
}

/// The report on a read that did not work.
fn read_failed(action: &'static str, subject: &Subject, outcome: &Outcome<'_>) -> Report {
    let (code, message) = match outcome {
        Outcome::Failed { code, message, .. } => (code.as_str(), message.as_str()),
        Outcome::Rejected { reason } | Outcome::Withdrawn { reason } => ("refused", reason.as_str()),
        Outcome::NotSent | Outcome::Facts(_) => ("unreadable_result", "the tool's result could not be used"),
    };
    let summary = format!("{subject} could not be checked: {message} ({code}).");
    Report::error(action, subject, summary).with("error", json!(code))
}
