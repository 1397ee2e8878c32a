//! What a look at the shop's orders leads to, where no event told of them.

use serde_json::{Map, Value, json};

use super::{Fulfilment, Order, Payment, printable};
use crate::message::Message;
use crate::money::format_minor;
use crate::run::RunStatus;
use crate::time::Timestamp;

/// Where runs come from that a look started.
pub const POLL_SOURCE: &str = "scheduler:order_check";
/// What such a run is for.
const GOAL: &str = "print if it is due";

/// Whether a look at the shop should start a run: the order may be printed, and nothing was printed for it. Whether a
/// print is on its way already is for the effects to say.
#[must_use]
pub fn wants_print(order: &Order) -> bool {
    printable(order).is_ok() && order.fulfilment == Fulfilment::None && !order.print_cancelled
}

/// Whether an order that wants a print needs another run, given the newest one on it (its status, and when it was made).
///
/// A run that ended well, or that a person cancelled, has settled the matter until there is news of the order; a run that
/// failed has settled nothing.
#[must_use]
pub fn wants_run(order: &Order, newest: Option<(RunStatus, Timestamp)>) -> bool {
    match newest {
        None => true,
        Some((status, _)) if !status.is_terminal() => false,
        Some((RunStatus::Failed, _)) => true,
        Some((_, made)) => order.last_event_at.is_some_and(|news| news > made),
    }
}

/// The initial state and the metadata of the run of one order that a look found.
#[must_use]
pub fn polled_input(order: &Order) -> (Map<String, Value>, Value) {
    let shop_id = order.order_key.shop_id();
    let total = order.total_minor.zip(order.currency.as_deref());
    let summary = json!({
        "shopify_order_id": shop_id,
        "order_name": order.order_name,
        "total": total.map(|(minor, currency)| format_minor(minor, currency)),
        "currency": order.currency,
        "item_count": order.item_count,
        "financial_status": financial_status(order.payment),
        "cancelled": order.cancelled,
        "test": order.is_test,
    });
    let payload = json!({
        "task": "order_check", "provider": "scheduler", "event": "order_check", "goal": GOAL, "summary": summary,
    });
    let state = Map::from_iter([
        ("messages".to_owned(), json!([Message::human("Print if it is due.".to_owned())])),
        ("trigger_source".to_owned(), json!(POLL_SOURCE)),
        ("trigger_payload".to_owned(), payload),
        ("retry_count".to_owned(), json!(0)),
    ]);
    let metadata = json!({"source": "scheduler", "trigger_source": POLL_SOURCE, "event_type": "order_check"});
    (state, metadata)
}

/// The payment in the shop's own words.
fn financial_status(payment: Payment) -> &'static str {
    match payment {
        Payment::None | Payment::Pending => "pending",
        Payment::Authorised => "authorized",
        Payment::Paid => "paid",
        Payment::PartlyRefunded => "partially_refunded",
        Payment::Refunded => "refunded",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OrderKey;

    fn at(minute: u32) -> Timestamp {
        format!("2026-11-25T10:{minute:02}:00Z").parse().expect("a moment")
    }

    fn paid() -> Order {
        let key: OrderKey = "shopify:5830137741322".parse().expect("a key");
        Order {
            payment: Payment::Paid,
            order_name: Some("#1042".into()),
            currency: Some("USD".into()),
            total_minor: Some(3_900),
            last_event_at: Some(at(10)),
            ..Order::new(key, at(0))
        }
    }

    #[test]
    fn only_what_is_paid_and_not_printed_wants_a_print() {
        assert!(wants_print(&paid()));
        assert!(!wants_print(&Order { payment: Payment::Pending, ..paid() }));
        assert!(!wants_print(&Order { cancelled: true, ..paid() }));
        assert!(!wants_print(&Order { is_test: true, ..paid() }));
        assert!(!wants_print(&Order { fulfilment: Fulfilment::Submitted, ..paid() }));
        assert!(!wants_print(&Order { print_cancelled: true, ..paid() }));
    }

    #[test]
    fn a_run_that_settled_the_matter_is_not_repeated_without_news() {
        assert!(wants_run(&paid(), None));
        assert!(!wants_run(&paid(), Some((RunStatus::WaitingApproval, at(1)))));
        assert!(wants_run(&paid(), Some((RunStatus::Failed, at(20)))));
        assert!(!wants_run(&paid(), Some((RunStatus::Completed, at(20)))));
        assert!(wants_run(&paid(), Some((RunStatus::Completed, at(5)))), "paid after the run had looked");
        assert!(!wants_run(&paid(), Some((RunStatus::Cancelled, at(20)))));
    }

    #[test]
    fn the_run_is_told_the_order_as_an_event_would_tell_it() {
        let (state, _) = polled_input(&paid());
        let payload = &state["trigger_payload"];
        assert_eq!(payload["event"], "order_check");
        assert_eq!(payload["summary"]["total"], "39.00");
        assert_eq!(payload["summary"]["financial_status"], "paid");
    }
}
