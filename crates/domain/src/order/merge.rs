//! Merging news into an order.

use crate::order::{Order, OrderFacts, Origin, Payment};
use crate::time::Timestamp;

/// What merging came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderMerge {
    /// The order as it is now.
    pub order: Order,
    /// True when a row is to be written; a new order always is.
    pub changed: bool,
    /// True when the version of an order that existed before rose: approvals of its print that still wait are void.
    pub version_raised: bool,
}

/// Merges `facts` into `existing`, or makes the order when there is none.
///
/// The end state does not depend on the order in which facts arrive, nor on how often each does; only `version` counts
/// the steps. `existing`, when given, must be the order that the facts are about.
#[must_use]
pub fn merge(existing: Option<&Order>, facts: &OrderFacts, now: Timestamp) -> OrderMerge {
    let before = existing.cloned().unwrap_or_else(|| Order::new(facts.order_key.clone(), now));
    debug_assert_eq!(before.order_key, facts.order_key);
    let mut order = before.clone();

    merge_shop_statement(&mut order, facts, now);
    merge_money(&mut order, &before, facts);
    merge_print(&mut order, facts, now);

    order.fulfilment = order.fulfilment.max(facts.fulfilment.unwrap_or_default());
    order.cancelled |= facts.cancelled == Some(true);
    order.is_test |= facts.is_test == Some(true);
    order.print_cancelled |= facts.print_cancelled == Some(true);
    order.last_event_at = order.last_event_at.max(facts.at);
    order.polled_at = order.polled_at.max(facts.polled_at);
    order.ordered_at = earliest(order.ordered_at, facts.ordered_at);
    if order.customer_note.is_none() {
        order.customer_note.clone_from(&facts.customer_note);
    }

    let relied_on = |order: &Order| {
        (order.payment, order.refunded_minor, order.cancelled, order.is_test, order.total_minor, order.item_count)
    };
    let version_raised = existing.is_some() && relied_on(&before) != relied_on(&order);
    if version_raised {
        order.version += 1;
    }
    let changed = existing.is_none() || order != before;
    if changed {
        order.updated_at = now;
    }
    OrderMerge { order, changed, version_raised }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// How a statement that may move a figure either way stands to the one held.
#[derive(Clone, Copy)]
enum Age {
    Newer,
    Same,
    Older,
}

impl Age {
    fn of(at: Timestamp, seen: Option<Timestamp>) -> Self {
        match seen {
            Some(seen) if at < seen => Self::Older,
            Some(seen) if at == seen => Self::Same,
            _ => Self::Newer,
        }
    }

    /// The newer statement wins; of two of one moment the greater, so that their order does not matter; an older one
    /// only fills a gap.
    fn put<T: Clone + Ord>(self, held: &mut Option<T>, stated: Option<&T>) {
        let Some(stated) = stated else { return };
        let replace = match (self, &*held) {
            (_, None) | (Self::Newer, _) => true,
            (Self::Same, Some(held)) => stated > held,
            (Self::Older, Some(_)) => false,
        };
        if replace {
            *held = Some(stated.clone());
        }
    }
}

/// Total, currency, item count and name: the newest statement of the shop counts.
fn merge_shop_statement(order: &mut Order, facts: &OrderFacts, now: Timestamp) {
    if facts.origin != Origin::Shopify {
        return;
    }
    // A refund says which order it belongs to, but is no statement of the order's figures.
    if facts.total_minor.is_none() {
        Age::Older.put(&mut order.order_name, facts.order_name.as_ref());
        return;
    }
    let at = facts.at.unwrap_or(now);
    let age = Age::of(at, order.shop_seen_at.or(order.total_minor.and(order.last_event_at)));
    age.put(&mut order.total_minor, facts.total_minor.as_ref());
    age.put(&mut order.currency, facts.currency.as_ref());
    age.put(&mut order.item_count, facts.item_count.as_ref());
    age.put(&mut order.order_name, facts.order_name.as_ref());
    order.shop_seen_at = order.shop_seen_at.max(Some(at));
}

fn merge_money(order: &mut Order, before: &Order, facts: &OrderFacts) {
    let foreign = match (&facts.currency, &order.currency) {
        (Some(stated), Some(held)) => stated != held,
        _ => false,
    };
    if !foreign {
        for (id, amount) in &facts.refunds {
            let held = order.refunds.entry(id.clone()).or_insert(0);
            *held = (*held).max(*amount);
        }
        let sum = order.refunds.values().fold(0_i64, |sum, amount| sum.saturating_add(*amount));
        order.refunded_minor = order.refunded_minor.max(sum).max(facts.refunded_minor.unwrap_or(0));
        order.payment_fee_minor = order.payment_fee_minor.max(facts.payment_fee_minor);
    }
    if facts.origin == Origin::Shopify {
        order.payment = order.payment.max(facts.payment.unwrap_or_default());
    }
    derive_payment(order, before, facts);
}

/// Refunds that are known raise the payment without anyone saying so.
fn derive_payment(order: &mut Order, before: &Order, facts: &OrderFacts) {
    // A refund of an order that was never seen paid must not make it look paid.
    if order.payment >= Payment::Paid && order.refunded_minor > 0 {
        order.payment = order.payment.max(Payment::PartlyRefunded);
    }
    let news = order.refunded_minor != before.refunded_minor || order.total_minor != before.total_minor;
    // The shop's current total may already be net of the refunds that the same statement names. When it says
    // "partly" of exactly those, the comparison below would wrongly call the order refunded in full.
    let stated_partly = facts.origin == Origin::Shopify
        && facts.payment == Some(Payment::PartlyRefunded)
        && order.refunded_minor == stated_refunds(facts).unwrap_or(order.refunded_minor);
    let all_back = order.total_minor.is_some_and(|total| total > 0 && order.refunded_minor >= total);
    if news && all_back && !stated_partly {
        order.payment = Payment::Refunded;
    }
}

fn stated_refunds(facts: &OrderFacts) -> Option<i64> {
    let sum = facts.refunds.values().fold(0_i64, |sum, amount| sum.saturating_add(*amount));
    let stated = facts.refunded_minor.unwrap_or(0).max(sum);
    (stated > 0).then_some(stated)
}

/// The printer's order, cost and tracking link: the newest counts.
fn merge_print(order: &mut Order, facts: &OrderFacts, now: Timestamp) {
    let says_something =
        facts.print_order_id.is_some() || facts.print_cost_minor.is_some() || facts.tracking_url.is_some();
    if !says_something {
        return;
    }
    let at = facts.at.unwrap_or(now);
    let age = Age::of(at, order.print_seen_at);
    age.put(&mut order.print_order_id, facts.print_order_id.as_ref());
    age.put(&mut order.print_cost_minor, facts.print_cost_minor.as_ref());
    age.put(&mut order.print_cost_currency, facts.print_cost_currency.as_ref());
    age.put(&mut order.tracking_url, facts.tracking_url.as_ref());
    order.print_seen_at = order.print_seen_at.max(Some(at));
}
