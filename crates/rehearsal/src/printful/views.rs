//! Printful's objects as version 2 serves them, and its webhooks.

use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::world::{Customer, Print, Shipment, iso, money};

/// The one store there is.
pub(crate) const STORE_ID: u64 = 16_120_001;

/// Where an order goes, as the shop knows it.
pub(crate) fn recipient_of(customer: &Customer) -> Value {
    json!({
        "name": format!("{} {}", customer.first_name, customer.last_name), "address1": customer.address1,
        "address2": null, "city": customer.city, "state_code": customer.province_code,
        "country_code": customer.country_code, "zip": customer.zip, "phone": null,
    })
}

/// An order. Its costs are unknown for a moment after it was made.
pub(crate) fn order(print: &Print, now: Timestamp) -> Value {
    let known = now >= print.costs_at;
    let cost = |minor: i64| if known { json!(money(minor)) } else { Value::Null };
    let retail = |name: &str| text(&print.retail_costs, name, "0.00");
    let items: Vec<Value> = print
        .items
        .iter()
        .map(|item| {
            json!({"id": item.id, "type": "order_item", "source": "catalog", "catalog_variant_id": item.catalog_variant_id,
                "external_id": item.external_id, "quantity": item.quantity, "name": item.name,
                "price": money(item.price), "retail_price": item.retail_price, "currency": "USD",
                "retail_currency": text(&print.retail_costs, "currency", "USD"), "placements": [],
                "_links": {"self": link(&format!("/v2/orders/{}/order-items/{}", print.id, item.id))}})
        })
        .collect();
    json!({
        "id": print.id, "external_id": print.external_id, "store_id": STORE_ID, "shipping": print.shipping,
        "status": print.status, "created_at": iso(print.created_at), "updated_at": iso(print.updated_at),
        "recipient": recipient(&print.recipient),
        "costs": {
            "calculation_status": if known { "done" } else { "calculating" }, "currency": "USD",
            "subtotal": cost(print.cost.subtotal), "discount": cost(0), "shipping": cost(print.cost.shipping),
            "digitization": cost(0), "additional_fee": cost(0), "fulfillment_fee": cost(0),
            "retail_delivery_fee": cost(0), "vat": cost(0), "tax": cost(0), "total": cost(print.cost.total()),
        },
        "retail_costs": {
            "calculation_status": "done", "currency": text(&print.retail_costs, "currency", "USD"), "subtotal": null,
            "discount": retail("discount"), "shipping": retail("shipping"), "vat": "0.00", "tax": retail("tax"),
            "total": null,
        },
        "order_items": items,
        "_links": {
            "self": link(&format!("/v2/orders/{}", print.id)),
            "order_items": link(&format!("/v2/orders/{}/order-items", print.id)),
            "shipments": link(&format!("/v2/orders/{}/shipments", print.id)),
            "order_confirmation": link(&format!("/v2/orders/{}/confirmation", print.id)),
            "order_invoices": link(&format!("/v2/orders/{}/invoices", print.id)),
        },
    })
}

/// A parcel.
pub(crate) fn shipment(print: &Print, shipment: &Shipment) -> Value {
    let items: Vec<Value> = shipment
        .items
        .iter()
        .map(|(id, quantity)| {
            let item = print.items.iter().find(|item| item.id == *id);
            json!({"id": id + 1, "order_item_id": id, "order_item_external_id": item.and_then(|item| item.external_id.clone()),
                "order_item_name": item.map(|item| item.name.clone()), "quantity": quantity,
                "_links": {"order_item": link(&format!("/v2/orders/{}/order-items/{id}", print.id))}})
        })
        .collect();
    let (status, delivery) = match (shipment.returned, shipment.delivered_at) {
        (true, _) => ("returned", "return_to_sender"),
        (false, Some(_)) => ("shipped", "delivered"),
        (false, None) => ("shipped", "in_transit"),
    };
    let from = shipment.shipped_at + chrono::TimeDelta::days(3);
    let to = shipment.shipped_at + chrono::TimeDelta::days(6);
    json!({
        "id": shipment.id, "order_id": print.id, "order_external_id": print.external_id, "carrier": shipment.carrier,
        "service": shipment.service, "shipment_status": status, "shipped_at": iso(shipment.shipped_at),
        "delivery_status": delivery, "delivered_at": shipment.delivered_at.map(iso),
        "departure_address": {"country_name": "United States", "country_code": "US", "state_code": "NC"},
        "is_reshipment": false, "tracking_number": shipment.tracking_number,
        "tracking_url": format!("https://tracking.example/{}", shipment.tracking_number),
        "tracking_events": [{"triggered_at": iso(shipment.shipped_at), "description": "Handed to the carrier"}],
        "estimated_delivery": {"from_date": from.date_naive().to_string(), "to_date": to.date_naive().to_string(),
            "calculated_at": iso(shipment.shipped_at)},
        "shipment_items": items,
        "_links": {"self": link(&format!("/v2/orders/{}/shipments/{}", print.id, shipment.id)),
            "order": link(&format!("/v2/orders/{}", print.id))},
    })
}

/// A webhook about an order.
pub(crate) fn order_event(kind: &str, print: &Print, at: Timestamp, reason: Option<&str>) -> Value {
    let mut data = json!({"order": order(print, at.max(print.costs_at))});
    if let Some(reason) = reason {
        data["reason"] = reason.into();
    }
    envelope(kind, at, data)
}

/// A webhook about a parcel.
pub(crate) fn shipment_event(
    kind: &str,
    print: &Print,
    parcel: &Shipment,
    at: Timestamp,
    reason: Option<&str>,
) -> Value {
    let mut data = json!({"order": order(print, at.max(print.costs_at)), "shipment": shipment(print, parcel)});
    if let Some(reason) = reason {
        data["reason"] = reason.into();
    }
    envelope(kind, at, data)
}

fn envelope(kind: &str, at: Timestamp, data: Value) -> Value {
    json!({"type": kind, "occurred_at": iso(at), "retries": 0, "store_id": STORE_ID, "data": data})
}

fn recipient(sent: &Value) -> Value {
    const FIELDS: [&str; 13] = [
        "name",
        "company",
        "address1",
        "address2",
        "city",
        "state_code",
        "state_name",
        "country_code",
        "country_name",
        "zip",
        "phone",
        "email",
        "tax_number",
    ];
    FIELDS
        .iter()
        .map(|field| ((*field).to_owned(), text(sent, field, "").into()))
        .collect::<serde_json::Map<_, Value>>()
        .into()
}

/// A text member of what was sent, or `default`.
fn text(sent: &Value, name: &str, default: &str) -> String {
    match sent.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => default.to_owned(),
    }
}

pub(crate) fn link(path: &str) -> Value {
    json!({"href": format!("https://api.printful.com{path}")})
}
