//! Stripe: charges, refunds, products, prices, payment links, intents, events.

mod create;
mod form;
mod list;
mod objects;
mod refused;
pub(crate) mod views;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State as Shelf};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::fault::FaultKind;
use crate::shell::Shared;

pub(crate) use form::Form;

/// The routes.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/charges", get(objects::charges))
        .route("/v1/charges/{id}", get(objects::charge))
        .route("/v1/refunds", get(objects::refunds).post(create::refund))
        .route("/v1/refunds/{id}", get(objects::refund))
        .route("/v1/payment_intents", get(objects::intents))
        .route("/v1/payment_intents/{id}", get(objects::intent))
        .route("/v1/products", get(objects::products).post(create::create_product))
        .route("/v1/products/{id}", get(objects::product))
        .route("/v1/prices", get(objects::prices).post(create::create_price))
        .route("/v1/prices/{id}", get(objects::price))
        .route("/v1/payment_links", get(objects::links).post(create::create_link))
        .route("/v1/payment_links/{id}", get(objects::link))
        .route("/v1/events/{id}", get(objects::event))
        .fallback(|| async { missing("Unrecognized request URL") })
        .layer(from_fn_with_state(Arc::clone(&shared), admit))
        .with_state(shared)
}

/// Checks the key. A live key is refused: nothing here may ever be taken for the real thing.
async fn admit(Shelf(shared): Shelf<Arc<Shared>>, request: Request, next: Next) -> Response {
    let key = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let key = key.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let live = key.starts_with("sk_live_") || key.starts_with("rk_live_");
    let version = request.headers().get("stripe-version").cloned();
    let sent = request.headers().get("idempotency-key").cloned();
    let mut response = if key.is_empty() || live {
        failure(StatusCode::UNAUTHORIZED, "invalid_request_error", None, "Invalid API Key provided", None)
    } else {
        next.run(request).await
    };
    let id = format!("rehearsal-{:x}", shared.real_now().timestamp_micros());
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("request-id", id);
    }
    headers.insert("stripe-version", version.unwrap_or(HeaderValue::from_static(views::API_VERSION)));
    if let Some(sent) = sent {
        headers.insert("idempotency-key", sent);
    }
    response
}

/// Stripe's error body.
pub(crate) fn failure(
    status: StatusCode,
    kind: &str,
    code: Option<&str>,
    message: &str,
    param: Option<&str>,
) -> Response {
    (status, axum::Json(failure_body(kind, code, message, param))).into_response()
}

fn failure_body(kind: &str, code: Option<&str>, message: &str, param: Option<&str>) -> Value {
    let mut error = json!({"type": kind, "message": message});
    if let Some(code) = code {
        error["code"] = code.into();
    }
    if let Some(param) = param {
        error["param"] = param.into();
    }
    json!({"error": error})
}

fn missing(message: &str) -> Response {
    failure(StatusCode::NOT_FOUND, "invalid_request_error", Some("resource_missing"), message, None)
}

/// The answer to a planted fault.
pub(crate) fn refusal(kind: FaultKind) -> Response {
    match kind {
        FaultKind::RateLimit => {
            let mut response = failure(
                StatusCode::TOO_MANY_REQUESTS,
                "invalid_request_error",
                Some("rate_limit"),
                "Too many requests hit the API too quickly",
                None,
            );
            response.headers_mut().insert("stripe-should-retry", HeaderValue::from_static("true"));
            response
        }
        FaultKind::Credit => failure(
            StatusCode::BAD_REQUEST,
            "invalid_request_error",
            Some("balance_insufficient"),
            "Insufficient funds in your balance",
            None,
        ),
        _ => failure(StatusCode::INTERNAL_SERVER_ERROR, "api_error", None, "An error occurred on our end", None),
    }
}
