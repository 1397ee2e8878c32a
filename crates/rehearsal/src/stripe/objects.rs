//! Lists, single objects and the four things that can be made.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as Shelf};
use axum::response::{IntoResponse, Response};
use domain::time::Timestamp;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::form::Form;
use super::{failure_body, missing, views};
use crate::shell::Shared;
use crate::world::State;

type World = Shelf<Arc<Shared>>;

/// A list page, the newest first, after `starting_after`, within `created[…]`.
fn list(mut all: Vec<Value>, form: &Form, path: &str) -> Response {
    let number = |name: &str| form.get(name).and_then(|value| value.parse::<i64>().ok());
    let (from, to) = (number("created[gte]"), number("created[lt]"));
    all.retain(|row| {
        let created = row["created"].as_i64().unwrap_or(0);
        from.is_none_or(|from| created >= from) && to.is_none_or(|to| created < to)
    });
    all.sort_by(|a, b| (b["created"].as_i64(), b["id"].as_str()).cmp(&(a["created"].as_i64(), a["id"].as_str())));
    let start = match form.get("starting_after") {
        None => 0,
        Some(after) => match all.iter().position(|row| row["id"] == after) {
            Some(at) => at + 1,
            None => return missing(&format!("No such object: '{after}'")),
        },
    };
    let limit = usize::try_from(number("limit").unwrap_or(10).clamp(1, 100)).unwrap_or(10);
    let has_more = all.len() > start + limit;
    let data: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
    Json(json!({"object": "list", "url": path, "has_more": has_more, "data": data})).into_response()
}

async fn listed(shared: &Shared, query: Option<String>, path: &str, rows: fn(&State, &Form) -> Vec<Value>) -> Response {
    let form = Form::parse(&query.unwrap_or_default());
    match shared.act(|state, _| rows(state, &form)).await {
        Ok(all) => list(all, &form, path),
        Err(_) => super::refusal(crate::fault::FaultKind::Error),
    }
}

async fn single(shared: &Shared, id: &str, row: impl FnOnce(&State) -> Option<Value>) -> Response {
    match shared.act(|state, _| row(state)).await {
        Ok(Some(object)) => Json(object).into_response(),
        Ok(None) => missing(&format!("No such object: '{id}'")),
        Err(_) => super::refusal(crate::fault::FaultKind::Error),
    }
}

fn of_kind(state: &State, kind: &str, form: &Form) -> Vec<Value> {
    let active = form.get("active").map(|value| value == "true");
    let rows = state.stripe.values().filter(|row| row["object"] == kind);
    rows.filter(|row| active.is_none_or(|wanted| row["active"] == wanted)).cloned().collect()
}

pub(super) async fn charges(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/charges", |state, _| state.payments.values().map(views::charge).collect()).await
}

pub(super) async fn charge(Shelf(shared): World, Path(id): Path<String>) -> Response {
    single(&shared, &id, |state| state.payments.get(&id).map(views::charge)).await
}

pub(super) async fn intents(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/payment_intents", |state, _| state.payments.values().map(views::intent).collect()).await
}

pub(super) async fn intent(Shelf(shared): World, Path(id): Path<String>) -> Response {
    single(&shared, &id, |state| state.payments.values().find(|row| row.intent_id == id).map(views::intent)).await
}

pub(super) async fn refunds(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/refunds", |state, form| {
        let mut rows = of_kind(state, "refund", form);
        rows.retain(|row| form.get("charge").is_none_or(|charge| row["charge"] == charge));
        rows
    })
    .await
}

pub(super) async fn products(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/products", |state, form| of_kind(state, "product", form)).await
}

pub(super) async fn prices(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/prices", |state, form| {
        let mut rows = of_kind(state, "price", form);
        rows.retain(|row| form.get("product").is_none_or(|product| row["product"] == product));
        rows
    })
    .await
}

pub(super) async fn price(Shelf(shared): World, Path(id): Path<String>) -> Response {
    single(&shared, &id, |state| state.stripe.get(&id).filter(|row| row["object"] == "price").cloned()).await
}

pub(super) async fn links(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/payment_links", |state, form| of_kind(state, "payment_link", form)).await
}

pub(super) async fn event(Shelf(shared): World, Path(id): Path<String>) -> Response {
    single(&shared, &id, |state| state.stripe.get(&id).filter(|row| row["object"] == "event").cloned()).await
}

/// What a creating request ends in: status and body, remembered under its idempotency key.
type Outcome = (StatusCode, Value);

fn invalid(message: &str, code: Option<&str>, param: &str) -> Outcome {
    (StatusCode::BAD_REQUEST, failure_body("invalid_request_error", code, message, Some(param)))
}

/// Does `what` once per idempotency key: a repeated request gets the first answer, a different one under the same key
/// is refused.
async fn once(
    shared: &Shared,
    headers: &HeaderMap,
    path: &str,
    body: &str,
    what: impl FnOnce(&mut State, Timestamp, &Form) -> Outcome,
) -> Response {
    let form = Form::parse(body);
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(|key| format!("key:{key}"));
    let asked = format!("{path}\n{}", form.fingerprint());
    let acted = shared.act(|state, now| {
        if let Some(first) = key.as_deref().and_then(|key| state.stripe.get(key)) {
            if first["asked"] != asked {
                let message = "Keys for idempotent requests can only be used with the same parameters";
                return (StatusCode::BAD_REQUEST, failure_body("idempotency_error", None, message, None), true);
            }
            let status = first["status"].as_u64().and_then(|status| u16::try_from(status).ok());
            let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
            return (status, first["body"].clone(), true);
        }
        let (status, answer) = what(state, now, &form);
        if let Some(key) = key {
            state.stripe.put(key, json!({"asked": asked, "status": status.as_u16(), "body": answer}));
        }
        (status, answer, false)
    });
    match acted.await {
        Ok((status, answer, replayed)) => {
            let mut response = (status, Json(answer)).into_response();
            if replayed {
                response.headers_mut().insert("idempotent-replayed", http::HeaderValue::from_static("true"));
            }
            response
        }
        Err(_) => super::refusal(crate::fault::FaultKind::Error),
    }
}

pub(super) async fn refund(Shelf(shared): World, headers: HeaderMap, body: String) -> Response {
    once(&shared, &headers, "/v1/refunds", &body, |state, now, form| {
        let id = form.get("charge").unwrap_or_default();
        let Some(payment) = state.payments.get(id) else {
            return invalid(&format!("No such charge: '{id}'"), Some("resource_missing"), "charge");
        };
        let left = payment.amount - payment.amount_refunded;
        if left == 0 {
            return invalid("Charge has already been refunded", Some("charge_already_refunded"), "charge");
        }
        let amount = match form.get("amount").map(str::parse::<i64>) {
            None => left,
            Some(Ok(amount)) if amount > 0 && amount <= left => amount,
            Some(_) => return invalid("Refund amount is greater than unrefunded amount on charge", None, "amount"),
        };
        let reason = form.get("reason").unwrap_or("requested_by_customer").to_owned();
        if !["duplicate", "fraudulent", "requested_by_customer"].contains(&reason.as_str()) {
            return invalid("Invalid reason", None, "reason");
        }
        let id = id.to_owned();
        (StatusCode::OK, state.refund_charge(now, &id, amount, &reason, form.metadata()))
    })
    .await
}

pub(super) async fn create_product(Shelf(shared): World, headers: HeaderMap, body: String) -> Response {
    once(&shared, &headers, "/v1/products", &body, |state, now, form| {
        let Some(name) = form.get("name").filter(|name| !name.is_empty()) else {
            return invalid("Missing required param: name.", Some("parameter_missing"), "name");
        };
        let id = format!("prod_{}", state.meta_mut().rng.token(14));
        let product = json!({"id": id, "object": "product", "active": true, "created": now.timestamp(),
            "default_price": null, "description": form.get("description"), "features": [], "images": [],
            "livemode": false, "metadata": form.metadata(), "name": name, "package_dimensions": null,
            "shippable": null, "statement_descriptor": null, "tax_code": null, "updated": now.timestamp(), "url": null});
        state.stripe.put(id, product.clone());
        (StatusCode::OK, product)
    })
    .await
}

pub(super) async fn create_price(Shelf(shared): World, headers: HeaderMap, body: String) -> Response {
    once(&shared, &headers, "/v1/prices", &body, |state, now, form| {
        let product = form.get("product").unwrap_or_default();
        if state.stripe.get(product).is_none_or(|row| row["object"] != "product") {
            return invalid(&format!("No such product: '{product}'"), Some("resource_missing"), "product");
        }
        let Some(amount) =
            form.get("unit_amount").and_then(|amount| amount.parse::<i64>().ok()).filter(|cents| *cents >= 0)
        else {
            return invalid("Invalid integer", Some("parameter_invalid_integer"), "unit_amount");
        };
        let id = format!("price_{}", state.meta_mut().rng.token(24));
        let price = json!({"id": id, "object": "price", "active": true, "billing_scheme": "per_unit",
            "created": now.timestamp(), "currency": form.get("currency").unwrap_or("usd"), "custom_unit_amount": null,
            "livemode": false, "lookup_key": null, "metadata": form.metadata(), "nickname": null, "product": product,
            "recurring": null, "tax_behavior": "unspecified", "tiers_mode": null, "transform_quantity": null,
            "type": "one_time", "unit_amount": amount, "unit_amount_decimal": amount.to_string()});
        state.stripe.put(id, price.clone());
        (StatusCode::OK, price)
    })
    .await
}

pub(super) async fn create_link(Shelf(shared): World, headers: HeaderMap, body: String) -> Response {
    once(&shared, &headers, "/v1/payment_links", &body, |state, _, form| {
        let price = form.get("line_items[0][price]").unwrap_or_default();
        let Some(found) = state.stripe.get(price).filter(|row| row["object"] == "price") else {
            return invalid(&format!("No such price: '{price}'"), Some("resource_missing"), "line_items[0][price]");
        };
        let currency = found["currency"].clone();
        let id = format!("plink_{}", state.meta_mut().rng.token(24));
        let path = state.meta_mut().rng.token(18);
        let link = json!({"id": id, "object": "payment_link", "active": true,
            "after_completion": {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": null}},
            "allow_promotion_codes": false, "application_fee_amount": null, "application_fee_percent": null,
            "automatic_tax": {"enabled": false}, "billing_address_collection": "auto", "consent_collection": null,
            "currency": currency, "custom_fields": [],
            "custom_text": {"shipping_address": null, "submit": null, "terms_of_service_acceptance": null},
            "customer_creation": "if_required", "invoice_creation": null, "livemode": false,
            "metadata": form.metadata(), "on_behalf_of": null, "payment_intent_data": null,
            "payment_method_collection": "always", "payment_method_types": null,
            "phone_number_collection": {"enabled": false}, "shipping_address_collection": null, "shipping_options": [],
            "submit_type": "auto", "subscription_data": null, "tax_id_collection": {"enabled": false},
            "transfer_data": null, "url": format!("https://buy.rehearsal.example/{path}")});
        state.stripe.put(id, link.clone());
        (StatusCode::OK, link)
    })
    .await
}
