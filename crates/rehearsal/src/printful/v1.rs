//! Version 1: products and variants of the store, estimates, creation and cancellation of orders.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shelf};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::{broken, failure, not_found, paging};
use crate::shell::Shared;
use crate::world::{Estimate, ItemRequest, Print, PrintRefused, Product, State, StoreKind, Variant, money};

type Params = Query<HashMap<String, String>>;

fn success(result: Value) -> Response {
    Json(json!({"code": 200, "result": result})).into_response()
}

fn bad(message: &str) -> Response {
    failure(StatusCode::BAD_REQUEST, "BadRequest", message)
}

pub(super) async fn sync_products(Shelf(shared): Shelf<Arc<Shared>>, params: Params) -> Response {
    list(&shared, &params, StoreKind::Shopify).await
}

pub(super) async fn store_products(Shelf(shared): Shelf<Arc<Shared>>, params: Params) -> Response {
    list(&shared, &params, StoreKind::Native).await
}

async fn list(shared: &Shared, params: &Params, kind: StoreKind) -> Response {
    let (limit, offset) = match paging::read(params) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let found = shared.act(|state, _| {
        let fits = state.meta().printful_store == kind;
        fits.then(|| state.products.values().filter_map(listed).collect::<Vec<Value>>())
    });
    match found.await {
        Ok(Some(all)) => {
            let total = all.len();
            let result: Vec<Value> = all.into_iter().skip(offset).take(limit).collect();
            Json(json!({"code": 200, "result": result, "paging": {"total": total, "offset": offset, "limit": limit}}))
                .into_response()
        }
        Ok(None) => bad("This API endpoint does not apply to the type of this store"),
        Err(_) => broken(),
    }
}

fn listed(product: &Product) -> Option<Value> {
    let printed = product.variants.iter().filter(|variant| variant.printable.is_some()).count();
    let first = product.variants.iter().find_map(|variant| variant.printable.as_ref())?;
    Some(
        json!({"id": first.sync_variant_id - 3_700_000_000, "external_id": product.id.to_string(), "name": product.title,
        "variants": product.variants.len(), "synced": printed, "is_ignored": false,
        "thumbnail_url": format!("https://files.example/thumb/{}.png", product.id)}),
    )
}

pub(super) async fn sync_variant(Shelf(shared): Shelf<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.act(|state, _| find_variant(state, &id, StoreKind::Shopify)).await {
        Ok(Some((product, variant))) => success(wrapped(variant, product)),
        Ok(None) => not_found(),
        Err(_) => broken(),
    }
}

pub(super) async fn store_variant(Shelf(shared): Shelf<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.act(|state, _| find_variant(state, &id, StoreKind::Native)).await {
        Ok(Some((_, variant))) => success(variant),
        Ok(None) => not_found(),
        Err(_) => broken(),
    }
}

fn find_variant(state: &State, id: &str, kind: StoreKind) -> Option<(Value, Value)> {
    if state.meta().printful_store != kind {
        return None;
    }
    let (product, variant) = match id.strip_prefix('@') {
        Some(external) => state.shop_variant(external.parse().ok()?)?,
        None => state.sync_variant(id.parse().ok()?)?,
    };
    Some((listed(product)?, one_variant(product, variant)?))
}

fn one_variant(product: &Product, variant: &Variant) -> Option<Value> {
    let printable = variant.printable.as_ref()?;
    Some(json!({
        "id": printable.sync_variant_id, "external_id": variant.id.to_string(),
        "sync_product_id": printable.sync_variant_id - 3_700_000_000, "name": format!("{} / {}", product.title, variant.title),
        "synced": true, "is_ignored": false, "variant_id": printable.catalog_variant_id,
        "retail_price": money(variant.price), "currency": "USD", "sku": variant.sku, "availability_status": "active",
        "size": variant.title, "color": "White", "files": [], "options": [],
    }))
}

/// What a body of `POST /orders` asks for.
struct Wanted {
    external_id: String,
    items: Vec<ItemRequest>,
    recipient: Value,
    retail_costs: Value,
}

fn parse(body: &[u8]) -> Result<Wanted, String> {
    let body: Value = serde_json::from_slice(body).map_err(|_| "Request body is not valid JSON".to_owned())?;
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let recipient = body["recipient"].clone();
    for field in ["name", "address1", "city", "country_code", "zip"] {
        if recipient[field].as_str().is_none_or(str::is_empty) {
            return Err(format!("Recipient {field} is required"));
        }
    }
    let items = body["items"].as_array().filter(|items| !items.is_empty()).ok_or("Order items are required")?;
    let items = items
        .iter()
        .map(|item| {
            Ok(ItemRequest {
                external_id: text(&item["external_id"]),
                sync_variant_id: item["sync_variant_id"].as_u64().ok_or("Item sync_variant_id is required")?,
                quantity: item["quantity"]
                    .as_i64()
                    .filter(|count| *count > 0)
                    .ok_or("Item quantity must be positive")?,
                retail_price: text(&item["retail_price"]),
            })
        })
        .collect::<Result<_, String>>()?;
    let retail_costs = body["retail_costs"].clone();
    Ok(Wanted { external_id: text(&body["external_id"]).unwrap_or_default(), items, recipient, retail_costs })
}

fn costs(estimate: Estimate) -> Value {
    json!({"currency": "USD", "subtotal": money(estimate.subtotal), "discount": "0.00",
        "shipping": money(estimate.shipping), "digitization": "0.00", "additional_fee": "0.00",
        "fulfillment_fee": "0.00", "retail_delivery_fee": "0.00", "tax": "0.00", "vat": "0.00",
        "total": money(estimate.total())})
}

pub(super) async fn estimate(Shelf(shared): Shelf<Arc<Shared>>, body: Bytes) -> Response {
    let wanted = match parse(&body) {
        Ok(wanted) => wanted,
        Err(message) => return bad(&message),
    };
    match shared.act(|state, _| state.estimate(&wanted.items)).await {
        Ok(Ok(estimate)) => success(json!({"costs": costs(estimate), "retail_costs": wanted.retail_costs})),
        Ok(Err(refused)) => bad(&refused.to_string()),
        Err(_) => broken(),
    }
}

pub(super) async fn create(Shelf(shared): Shelf<Arc<Shared>>, params: Params, body: Bytes) -> Response {
    if params.get("confirm").is_some_and(|value| matches!(value.as_str(), "1" | "true")) {
        return bad("This world creates drafts; confirm them by their own call");
    }
    let wanted = match parse(&body) {
        Ok(wanted) if wanted.external_id.is_empty() => return bad("Order external_id is required"),
        Ok(wanted) => wanted,
        Err(message) => return bad(&message),
    };
    let made = shared.act(|state, now| {
        state.create_print(now, &wanted.external_id, &wanted.items, wanted.recipient, wanted.retail_costs)
    });
    match made.await {
        Ok(Ok(print)) => success(order(&print)),
        Ok(Err(refused)) => bad(&refused.to_string()),
        Err(_) => broken(),
    }
}

pub(super) async fn cancel(Shelf(shared): Shelf<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.act(|state, now| state.cancel_print(now, &id)).await {
        Ok(Ok(print)) => success(order(&print)),
        Ok(Err(PrintRefused::Unknown)) => not_found(),
        Ok(Err(refused)) => bad(&refused.to_string()),
        Err(_) => broken(),
    }
}

fn order(print: &Print) -> Value {
    let items: Vec<Value> = print
        .items
        .iter()
        .map(|item| {
            json!({"id": item.id, "external_id": item.external_id, "sync_variant_id": item.sync_variant_id,
                "variant_id": item.catalog_variant_id, "quantity": item.quantity, "price": money(item.price),
                "retail_price": item.retail_price, "name": item.name,
                "external_variant_id": item.variant_id.to_string()})
        })
        .collect();
    json!({"id": print.id, "external_id": print.external_id, "store": super::views::STORE_ID, "status": print.status,
        "shipping": print.shipping, "created": print.created_at.timestamp(), "updated": print.updated_at.timestamp(),
        "recipient": print.recipient, "items": items, "costs": costs(print.cost), "retail_costs": print.retail_costs,
        "shipments": []})
}

/// The integrated answer: the variant's members, and once more wrapped beside its product.
fn wrapped(variant: Value, product: Value) -> Value {
    let mut result = variant.clone();
    result["sync_variant"] = variant;
    result["sync_product"] = product;
    result
}
