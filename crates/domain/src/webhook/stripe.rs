//! Deliveries of the payment provider.

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::read::{digits, id, number, put, text};
use super::{Action, ParseContext, ParsedDelivery, Priority, Provider, RunSeed, body_id, ignored};
use crate::ids::OrderKey;
use crate::order::{OrderFacts, Origin};

/// Event types that start a run: priority and goal.
fn handled(event: &str) -> Option<(Priority, &'static str)> {
    Some(match event {
        "payment_intent.succeeded" | "charge.refunded" | "invoice.paid" => (Priority::Normal, "reconcile revenue"),
        "payment_intent.payment_failed" => (Priority::High, "diagnose the failed payment"),
        "invoice.payment_failed" | "customer.subscription.created" | "customer.subscription.deleted" => {
            (Priority::Normal, "update records")
        }
        "charge.dispute.created" => (Priority::High, "gather evidence for the dispute"),
        "checkout.session.completed" => (Priority::Normal, "match the session with its order"),
        _ => return None,
    })
}

pub(super) fn parse(body: &[u8], context: &ParseContext) -> ParsedDelivery {
    let nothing = json!({});
    let Ok(event @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
        return ignored(Provider::Stripe, body_id(body), "unknown", nothing, "the body is not a JSON object");
    };
    let event_id = id(&event, "id").unwrap_or_else(|| body_id(body));
    let event_type = text(&event, "type").unwrap_or_else(|| "unknown".into());
    if let (Some(ours), Some(theirs)) = (context.stripe_livemode, event.get("livemode").and_then(Value::as_bool))
        && ours != theirs
    {
        return ignored(Provider::Stripe, event_id, &event_type, nothing, "livemode differs from that of the key");
    }
    let Some((priority, goal)) = handled(&event_type) else {
        return ignored(Provider::Stripe, event_id, &event_type, nothing, "this event type is not handled");
    };
    let empty = Value::Null;
    let object = event.pointer("/data/object").unwrap_or(&empty);
    let object_id = id(object, "id").unwrap_or_default();
    let currency = text(object, "currency").map(|currency| currency.to_uppercase());
    let amount = ["amount", "amount_paid", "amount_total", "amount_due"].iter().find_map(|name| number(object, name));
    let order_id = object.get("metadata").and_then(|metadata| digits(metadata, "shopify_order_id"));
    let occurred_at = number(&event, "created").and_then(|at| DateTime::from_timestamp(at, 0));
    let mut summary = Map::new();
    summary.insert("object_id".into(), json!(object_id));
    put(&mut summary, "amount_minor", amount);
    put(&mut summary, "amount_refunded_minor", number(object, "amount_refunded"));
    put(&mut summary, "currency", currency.clone());
    put(&mut summary, "status", text(object, "status"));
    put(&mut summary, "shopify_order_id", order_id.clone());
    let facts = order_id.as_deref().and_then(|id| OrderKey::shopify(id).ok()).map(|key| {
        let mut facts = OrderFacts::new(Origin::Stripe, key);
        facts.at = occurred_at;
        facts.currency.clone_from(&currency);
        facts.refunded_minor = number(object, "amount_refunded").filter(|amount| *amount > 0);
        facts
    });
    let subject = ["payment_intent", "invoice", "subscription"].iter().find_map(|name| id(object, name));
    let serial_key = match &order_id {
        Some(id) => format!("order:{id}"),
        None => format!("stripe:{}", subject.unwrap_or_else(|| object_id.clone())),
    };
    let seed = RunSeed {
        provider: Provider::Stripe,
        task: "revenue_report",
        serial_key,
        run_name: format!("Stripe {event_type} {object_id}"),
        order_fallback: String::new(),
        goal,
        event: event_type.clone(),
        summary: summary.clone(),
    };
    ParsedDelivery {
        provider: Provider::Stripe,
        event_id,
        event_type,
        priority,
        resource_key: Some(object_id),
        occurred_at,
        payload: Value::Object(summary),
        headers_subset: nothing,
        facts,
        action: Action::Run(seed),
    }
}
