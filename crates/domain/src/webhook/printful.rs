//! Deliveries of the printer, in the second form of its API and the names of the first.

use serde_json::{Map, Value, json};

use super::read::{clean, digits, id, number, put, text, time};
use super::{
    Action, DeliveryHeaders, ParseContext, ParsedDelivery, Priority, Provider, RunSeed, VERIFY, body_id, ignored,
};
use crate::canonical;
use crate::ids::OrderKey;
use crate::order::{Fulfilment, OrderFacts, Origin};

/// What an event type leads to.
enum Kind {
    /// A run about an order: priority, what happened, goal.
    Order(Priority, &'static str, &'static str),
    /// Facts only.
    OrderNews,
    /// One run per product and some minutes.
    Product(&'static str),
    /// Nothing but the row.
    News,
}

fn kind(event: &str) -> Option<Kind> {
    Some(match event {
        "shipment_sent" | "package_shipped" => Kind::Order(Priority::Normal, "shipped", "write the customer note"),
        "shipment_returned" | "package_returned" => Kind::Order(Priority::Normal, "returned", "handle the return"),
        "shipment_out_of_stock" => Kind::Order(Priority::High, "out of stock", "resolve the hold"),
        "order_put_hold" | "shipment_put_hold" => Kind::Order(Priority::High, "on hold", "resolve the hold"),
        "order_failed" => Kind::Order(Priority::High, "failed", "diagnose the failed order"),
        "order_canceled" => Kind::Order(Priority::Normal, "cancelled at the printer", "reconcile with the shop"),
        "order_created" | "order_updated" | "order_remove_hold" | "shipment_remove_hold" => Kind::OrderNews,
        "product_synced" => Kind::Product("synced"),
        "product_updated" => Kind::Product("updated"),
        "product_deleted" => Kind::Product("deleted"),
        "catalog_stock_updated" | "catalog_price_changed" => Kind::News,
        _ => return None,
    })
}

pub(super) fn parse(headers: &DeliveryHeaders, body: &[u8], context: &ParseContext) -> ParsedDelivery {
    let kept = match headers.get("x-pf-webhook-public-key") {
        Some(key) => json!({"x-pf-webhook-public-key": clean(key)}),
        None => json!({}),
    };
    let Ok(event @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
        return ignored(Provider::Printful, body_id(body), "unknown", kept, "the body is not a JSON object");
    };
    let member = |name: &str| event.get(name).cloned().unwrap_or_default();
    // `retries` counts deliveries of one event and is left out.
    let event_id = canonical::hash(&json!([member("type"), member("occurred_at"), member("store_id"), member("data")]));
    let event_type = text(&event, "type").unwrap_or_else(|| "unknown".into());
    if let (Some(ours), Some(theirs)) = (context.printful_store_id, number(&event, "store_id"))
        && ours != theirs
    {
        return ignored(Provider::Printful, event_id, &event_type, kept, "store_id differs from the configured one");
    }
    let Some(kind) = kind(&event_type) else {
        return ignored(Provider::Printful, event_id, &event_type, kept, "this event type is not handled");
    };
    let data = member("data");
    let base = ParsedDelivery {
        provider: Provider::Printful,
        event_id,
        event_type: event_type.clone(),
        priority: Priority::Normal,
        resource_key: None,
        occurred_at: time(&event, "occurred_at"),
        payload: json!({}),
        headers_subset: kept,
        facts: None,
        action: Action::EventOnly,
    };
    match kind {
        Kind::News => base,
        Kind::Product(what) => product(base, &data, what),
        Kind::OrderNews => order(base, &data, None),
        Kind::Order(priority, what, goal) => order(ParsedDelivery { priority, ..base }, &data, Some((what, goal))),
    }
}

fn product(base: ParsedDelivery, data: &Value, what: &str) -> ParsedDelivery {
    let object = ["sync_product", "product"].iter().find_map(|name| data.get(name)).unwrap_or(data);
    let Some(product) = id(object, "external_id").or_else(|| id(object, "id")) else { return base };
    let mut summary = Map::new();
    summary.insert("product_id".into(), json!(product));
    put(&mut summary, "title", text(object, "name"));
    let seed = RunSeed::product(Provider::Printful, &base.event_type, &product, what, VERIFY, summary.clone());
    ParsedDelivery {
        resource_key: Some(format!("product:{product}")),
        payload: Value::Object(summary),
        action: Action::Coalesce(seed),
        ..base
    }
}

fn order(base: ParsedDelivery, data: &Value, run: Option<(&'static str, &'static str)>) -> ParsedDelivery {
    let none = Value::Null;
    let object = data.get("order").unwrap_or(&none);
    let parcel = data.get("shipment").unwrap_or(&none);
    let print_id = id(object, "id").or_else(|| id(parcel, "order_id"));
    let external = digits(object, "external_id").or_else(|| digits(parcel, "order_external_id"));
    let status = text(object, "status");
    let mut summary = Map::new();
    put(&mut summary, "printful_order_id", print_id.clone());
    put(&mut summary, "shopify_order_id", external.clone());
    put(&mut summary, "status", status.clone());
    for name in ["carrier", "service", "tracking_number", "tracking_url"] {
        put(&mut summary, name, text(parcel, name));
    }
    put(&mut summary, "reason", text(data, "reason"));
    let facts = external.as_deref().and_then(|id| OrderKey::shopify(id).ok()).map(|key| {
        let mut facts = OrderFacts::new(Origin::Printful, key);
        facts.at = base.occurred_at;
        facts.print_order_id.clone_from(&print_id);
        facts.tracking_url = text(parcel, "tracking_url");
        facts.print_cancelled = (base.event_type == "order_canceled").then_some(true);
        facts.fulfilment = fulfilment(&base.event_type, status.as_deref());
        facts
    });
    let subject = match (&external, &print_id) {
        (Some(external), _) => format!("order:{external}"),
        (None, Some(id)) => format!("printful:{id}"),
        (None, None) => return ParsedDelivery { payload: Value::Object(summary), ..base },
    };
    let action = match run {
        None => Action::EventOnly,
        Some((what, goal)) => Action::Run(RunSeed {
            provider: Provider::Printful,
            task: "order_check",
            serial_key: subject.clone(),
            run_name: format!("Order {{order}} {what}"),
            order_fallback: external.or(print_id).unwrap_or_default(),
            goal,
            event: base.event_type.clone(),
            summary: summary.clone(),
        }),
    };
    ParsedDelivery { resource_key: Some(subject), payload: Value::Object(summary), facts, action, ..base }
}

fn fulfilment(event: &str, status: Option<&str>) -> Option<Fulfilment> {
    match (event, status) {
        ("shipment_returned" | "package_returned", _) => Some(Fulfilment::Returned),
        (_, Some("fulfilled")) => Some(Fulfilment::Shipped),
        ("shipment_sent" | "package_shipped", _) | (_, Some("partial")) => Some(Fulfilment::PartlyShipped),
        (_, Some("inprocess")) => Some(Fulfilment::InProduction),
        _ => None,
    }
}
