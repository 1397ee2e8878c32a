//! Printful's two versions on one server.

mod bucket;
mod paging;
mod v1;
mod v2;
pub(crate) mod views;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State as Shelf};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::fault::FaultKind;
use crate::shell::Shared;
use bucket::Bucket;

type Door = Arc<(Arc<Shared>, Mutex<Bucket>)>;

/// The routes.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let door: Door = Arc::new((Arc::clone(&shared), Mutex::new(Bucket::full())));
    Router::new()
        .route("/v2/stores", get(v2::stores))
        .route("/v2/stores/{id}", get(v2::store))
        .route("/v2/catalog-categories", get(v2::categories))
        .route("/v2/catalog-products", get(v2::products))
        .route("/v2/orders", get(v2::orders))
        .route("/v2/orders/{id}", get(v2::order))
        .route("/v2/orders/{id}/shipments", get(v2::shipments))
        .route("/v2/orders/{id}/confirmation", post(v2::confirm))
        .route("/sync/products", get(v1::sync_products))
        .route("/store/products", get(v1::store_products))
        .route("/sync/variant/{id}", get(v1::sync_variant))
        .route("/store/variants/{id}", get(v1::store_variant))
        .route("/orders/estimate-costs", post(v1::estimate))
        .route("/orders", post(v1::create))
        .route("/orders/{id}", delete(v1::cancel))
        .fallback(|| async { not_found() })
        .with_state(shared)
        .layer(from_fn_with_state(door, admit))
}

/// Checks the token and the rate limit, and adds the limit's headers to every answer.
async fn admit(Shelf(door): Shelf<Door>, request: Request, next: Next) -> Response {
    let (shared, bucket) = &*door;
    let token = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    if token.and_then(|value| value.strip_prefix("Bearer ")).is_none_or(|token| token.trim().is_empty()) {
        return failure(StatusCode::UNAUTHORIZED, "Unauthorized", "Authorization token is missing or invalid");
    }
    let now = crate::model_host::ModelHost::now(&**shared);
    let left = bucket.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take(now);
    let mut response = match left {
        Some(_) => next.run(request).await,
        None => refusal(FaultKind::RateLimit),
    };
    let headers = response.headers_mut();
    headers.insert("x-ratelimit-limit", HeaderValue::from(120));
    headers.insert("x-ratelimit-policy", HeaderValue::from_static("120;w=60;"));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(left.unwrap_or(0)));
    headers.insert("x-ratelimit-reset", HeaderValue::from((120 - left.unwrap_or(0)).div_ceil(2)));
    if left.is_none() {
        headers.insert("retry-after", HeaderValue::from(1));
    }
    response
}

/// The error body of both versions. It names the reason twice: version 1 reads `error`, version 2 the problem members.
pub(crate) fn failure(status: StatusCode, reason: &str, message: &str) -> Response {
    let body = json!({
        "code": status.as_u16(), "result": message, "error": {"reason": reason, "message": message},
        "type": "about:blank", "status": status.as_u16(), "title": reason, "details": message,
        "instance": "rehearsal-printful",
    });
    (status, axum::Json(body)).into_response()
}

fn not_found() -> Response {
    failure(StatusCode::NOT_FOUND, "NotFound", "Not found")
}

fn broken() -> Response {
    failure(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "The service is unavailable")
}

/// The answer to a planted fault.
pub(crate) fn refusal(kind: FaultKind) -> Response {
    match kind {
        FaultKind::RateLimit => failure(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", "Rate limit exceeded"),
        FaultKind::Credit => failure(StatusCode::PAYMENT_REQUIRED, "PaymentRequired", "Not enough funds in the wallet"),
        _ => failure(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "Internal server error"),
    }
}
