//! Something went wrong after an order was printed or on the way to it: the owner decides.

use serde_json::json;

use super::super::Answer;
use super::super::outcome::{self, Outcome, plain};
use super::facts::{Subject, word};
use super::{Report, STATUS, nameless};
use crate::model::reading::Reading;

/// Event, what happened, what can be done. The printer's older names stand beside the newer ones.
const TROUBLES: [(&str, &str, &str); 8] = [
    ("shipment_returned", "the parcel came back", "check the address and send it again, or refund"),
    ("package_returned", "the parcel came back", "check the address and send it again, or refund"),
    ("shipment_out_of_stock", "an item is out of stock", "wait, replace the item, or refund it"),
    ("order_put_hold", "Printful holds it", "answer the hold at Printful, or cancel and refund"),
    ("shipment_put_hold", "Printful holds the parcel", "answer the hold at Printful, or cancel and refund"),
    ("order_failed", "Printful could not process it", "correct it at Printful and confirm again, or refund"),
    ("order_canceled", "its print was cancelled at Printful", "print it anew, or cancel and refund it in Shopify"),
    ("order_cancelled", "its print was cancelled at Printful", "print it anew, or cancel and refund it in Shopify"),
];

pub(super) fn is_trouble(event: &str) -> bool {
    TROUBLES.iter().any(|(name, ..)| *name == event)
}

pub(super) fn decide(reading: &Reading, subject: &Subject, event: &str) -> Answer {
    let Some(args) = subject.status_args() else { return nameless("order_status", subject) };
    let Some(read) = reading.result(STATUS) else { return Answer::call(STATUS, args) };
    let (cause, choices) = TROUBLES
        .iter()
        .find(|(name, ..)| *name == event)
        .map_or(("something went wrong", "look at it"), |(_, cause, choices)| (*cause, *choices));
    let reason = reading.fact("reason").map(|text| format!(", reason given: \"{}\"", plain(&text))).unwrap_or_default();
    let state = match outcome::read(read) {
        Outcome::Facts(facts) if facts.get("found") == Some(&json!(false)) => "Printful does not know it".to_owned(),
        Outcome::Facts(facts) => format!("status {}", word(facts, "status")),
        // The owner is told even when the printer cannot be asked.
        _ => "its status could not be read".to_owned(),
    };
    Report::needs_action("order_status", subject, format!("{subject}: {cause}{reason} ({state}). Choices: {choices}."))
        .with("cause", json!(event))
        .answer()
}
