//! The four things that can be made: products, prices, payment links, refunds.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shelf;
use axum::response::{IntoResponse, Response};
use domain::time::Timestamp;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::failure_body;
use super::form::Form;
use super::refused::{Outcome, invalid, missing_param};
use crate::shell::Shared;
use crate::world::State;

type World = Shelf<Arc<Shared>>;

/// Currencies of prices here: those with two decimal places that the world knows.
const CURRENCIES: [&str; 5] = ["usd", "eur", "gbp", "cad", "aud"];
/// The dearest price.
const MOST: i64 = 99_999_999;
/// What a link says of its item.
const ITEM: [&str; 2] = ["line_items[0][price]", "line_items[0][quantity]"];

/// Does `what` once per idempotency key: a repeated request gets the first answer, a different one under the same key
/// is refused. Parameters beyond `known` and `metadata` are refused before that, and remembered by nobody.
async fn once(
    shared: &Shared,
    headers: &HeaderMap,
    path: &str,
    body: &str,
    known: &[&str],
    what: impl FnOnce(&mut State, Timestamp, &Form) -> Outcome,
) -> Response {
    let form = Form::parse(body);
    if let Err((status, body)) = form.only(&[known, &["metadata", "expand"]].concat()).and_then(|()| form.sound()) {
        return (status, Json(body)).into_response();
    }
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
    once(&shared, &headers, "/v1/refunds", &body, &["charge", "amount", "reason"], |state, now, form| {
        let Some(id) = form.get("charge") else { return missing_param("charge") };
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
    once(&shared, &headers, "/v1/products", &body, &["name", "description", "active"], |state, now, form| {
        let Some(name) = form.get("name") else { return missing_param("name") };
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
    once(
        &shared,
        &headers,
        "/v1/prices",
        &body,
        &["product", "unit_amount", "currency", "active"],
        |state, now, form| {
            let Some(product) = form.get("product") else { return missing_param("product") };
            if state.stripe.get(product).is_none_or(|row| row["object"] != "product") {
                return invalid(&format!("No such product: '{product}'"), Some("resource_missing"), "product");
            }
            let Some(asked) = form.get("unit_amount") else { return missing_param("unit_amount") };
            let Some(amount) = asked.parse::<i64>().ok().filter(|cents| (0..=MOST).contains(cents)) else {
                return invalid(&format!("Invalid integer: {asked}"), Some("parameter_invalid_integer"), "unit_amount");
            };
            let Some(currency) = form.get("currency") else { return missing_param("currency") };
            if !CURRENCIES.contains(&currency) {
                return invalid(&format!("Invalid currency: {currency}."), None, "currency");
            }
            let id = format!("price_{}", state.meta_mut().rng.token(24));
            let price = json!({"id": id, "object": "price", "active": true, "billing_scheme": "per_unit",
            "created": now.timestamp(), "currency": currency, "custom_unit_amount": null,
            "livemode": false, "lookup_key": null, "metadata": form.metadata(), "nickname": null, "product": product,
            "recurring": null, "tax_behavior": "unspecified", "tiers_mode": null, "transform_quantity": null,
            "type": "one_time", "unit_amount": amount, "unit_amount_decimal": amount.to_string()});
            state.stripe.put(id, price.clone());
            (StatusCode::OK, price)
        },
    )
    .await
}

pub(super) async fn create_link(Shelf(shared): World, headers: HeaderMap, body: String) -> Response {
    once(&shared, &headers, "/v1/payment_links", &body, &["line_items"], |state, _, form| {
        let Some(price) = form.get("line_items[0][price]") else { return missing_param("line_items[0][price]") };
        if form.names().any(|name| name.starts_with("line_items[") && !ITEM.contains(&name)) {
            return invalid("The rehearsal makes links of one line item: price and quantity.", None, "line_items");
        }
        let quantity = form.get("line_items[0][quantity]").and_then(|quantity| quantity.parse::<u32>().ok());
        if quantity.is_none_or(|quantity| quantity == 0) {
            let name = "line_items[0][quantity]";
            return invalid("Invalid integer", Some("parameter_invalid_integer"), name);
        }
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
