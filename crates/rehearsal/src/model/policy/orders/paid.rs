//! An order that may be due for printing.

use serde_json::{Value, json};

use super::super::Answer;
use super::super::outcome::{self, Outcome, money, plain};
use super::facts::{Subject, word};
use super::{ORDER, Report, SUBMIT, nameless, read_failed};
use crate::model::reading::Reading;

/// Read the order, print it if it is due, say what came of it.
pub(super) fn decide(reading: &Reading, subject: &Subject) -> Answer {
    let Some(shop_id) = &subject.shop_id else { return nameless("order_check", subject) };
    let mut subject =
        Subject { shop_id: Some(shop_id.clone()), print_id: subject.print_id.clone(), name: subject.name.clone() };
    let Some(read) = reading.result(ORDER) else {
        return Answer::call(ORDER, json!({"order_id": shop_id}));
    };
    let order = match outcome::read(read) {
        Outcome::Facts(facts) => match facts.pointer("/orders/0") {
            Some(order) => order,
            None => return print_failed(&subject, "order_not_found", "the shop does not know it", None).answer(),
        },
        Outcome::Failed { code, message, .. } if code == "order_not_found" => {
            return print_failed(&subject, &code, &message, None).answer();
        }
        other => return read_failed("order_check", &subject, &other).answer(),
    };
    subject.named_by(order);
    if let Some(why) = not_printable(order) {
        return Report::done("order_check", &subject, format!("{subject}: {why}.")).answer();
    }
    match reading.result(SUBMIT) {
        None => submit(shop_id),
        Some(result) => printed(&subject, result).answer(),
    }
}

/// Asks for the print.
pub(super) fn submit(shop_id: &str) -> Answer {
    Answer::call(SUBMIT, json!({"shopify_order_id": shop_id, "confirm": true}))
}

/// Why an order is not to be printed now, as the shop tells it.
fn not_printable(order: &Value) -> Option<String> {
    if order.get("cancelled_at").is_some_and(|at| !at.is_null()) {
        return Some("nothing to print, it is cancelled".to_owned());
    }
    if order.get("test") == Some(&Value::Bool(true)) {
        return Some("nothing to print, it is a test".to_owned());
    }
    match word(order, "financial_status").as_str() {
        "paid" | "partially_refunded" => {}
        "refunded" => return Some("nothing to print, it is refunded".to_owned()),
        state @ ("voided" | "expired") => return Some(format!("nothing to print, its payment is {state}")),
        "" => return Some("waits for payment, the shop states none".to_owned()),
        state => return Some(format!("waits for payment ({})", state.replace('_', " "))),
    }
    (word(order, "fulfillment_status") == "fulfilled").then(|| "nothing to print, it is already fulfilled".to_owned())
}

/// What came of the print.
pub(super) fn printed(subject: &Subject, result: &Value) -> Report {
    let facts = match outcome::read(result) {
        Outcome::Facts(facts) => facts,
        Outcome::Rejected { reason } => {
            return Report::done("fulfill_order", subject, format!("{subject} not printed: {reason}"))
                .with("reason", json!(reason));
        }
        Outcome::Withdrawn { reason } => {
            let words = reason.replace('_', " ");
            return Report::done("fulfill_order", subject, format!("{subject} not printed: withdrawn, {words}"))
                .with("reason", json!(reason));
        }
        Outcome::NotSent => {
            return Report::done("fulfill_order", subject, format!("{subject} not sent to print: effects are off"))
                .with("not_sent", json!(true));
        }
        Outcome::Failed { code, message, reason } => return print_failed(subject, &code, &message, reason.as_deref()),
    };
    let told = |name: &str| facts.get(name) == Some(&Value::Bool(true));
    if told("already_submitted") || told("_idempotent") {
        return Report::done("order_check", subject, format!("{subject} is already with Printful"))
            .with("print", facts.get("id").cloned().unwrap_or_default());
    }
    let mut summary = if word(facts, "status") == "draft" {
        format!("{subject} is a draft at Printful, not sent to print")
    } else {
        format!("{subject} sent to print")
    };
    let cost = money(facts.get("cost"), "total");
    if let Some(cost) = &cost {
        summary.push_str(&format!(", {cost}"));
    }
    let left = facts.get("lines_not_printed").and_then(Value::as_array).map_or(0, Vec::len);
    if left > 0 {
        summary.push_str(&format!("; {left} of its lines not printed"));
    }
    if let Some(edit) = outcome::edit(facts) {
        summary.push_str(&format!("; {edit}"));
    }
    Report::done("fulfill_order", subject, summary)
        .with("print", facts.get("id").cloned().unwrap_or_default())
        .with("cost", json!(cost))
}

/// The report on a print that did not happen.
fn print_failed(subject: &Subject, code: &str, message: &str, reason: Option<&str>) -> Report {
    let waits = match code {
        "not_imported_yet" => Some("waits until Printful has imported it".to_owned()),
        "in_progress" => Some("waits for another run that is printing it".to_owned()),
        "rejected_before" => {
            Some(format!("waits for a person, its print was refused before: {}", reason.unwrap_or(message)))
        }
        "order_not_printable" => Some(match reason {
            Some("not_paid") => "waits for payment".to_owned(),
            Some(reason) => format!("nothing to print: {}", reason.replace('_', " ")),
            None => "nothing to print".to_owned(),
        }),
        _ => None,
    };
    if let Some(waits) = waits {
        return Report::done("order_check", subject, format!("{subject}: {waits}")).with("reason", json!(code));
    }
    let advice = match code {
        "nothing_to_print" => "none of its lines is a Printful item; fulfil it by hand",
        "draft_differs" => "the draft at Printful differs from the order; settle it there",
        "no_address" => "it has no shipping address; complete it in the shop",
        "not_available" => "an item is discontinued or out of stock; choose another or refund",
        "order_not_found" => "the shop does not know it; check the number",
        "cost_unknown" => "Printful states no cost; check the order there",
        "cost_changed" => "the print costs more than was approved; decide on the draft at Printful",
        "print_cancelled" => "its print was cancelled at Printful; print it anew there or refund",
        code if outcome::passes_by_itself(code) => {
            let summary =
                format!("{subject} not printed: {} ({code}); the next order check comes back to it", plain(message));
            return Report::error("fulfill_order", subject, summary).with("error", json!(code));
        }
        _ => {
            let summary = format!("{subject} not printed: {} ({code}); look at it", plain(message));
            return Report::needs_action("fulfill_order", subject, summary).with("error", json!(code));
        }
    };
    Report::needs_action("fulfill_order", subject, format!("{subject} not printed: {advice}"))
        .with("error", json!(code))
}
