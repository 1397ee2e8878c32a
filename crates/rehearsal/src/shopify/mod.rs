//! The shop's Admin API: one GraphQL route, a bucket of query points, a token.

mod bucket;
mod document;
mod filter;
mod mutate;
mod project;
pub(crate) mod rest;
mod views;

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, State as Shelf};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use domain::time::Timestamp;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::fault::FaultKind;
use crate::shell::Shared;
use crate::world::State;
use bucket::Bucket;
use document::{Document, Field, parse};
use project::{Refused, project};

type Door = Arc<(Arc<Shared>, Mutex<Bucket>)>;

/// The routes.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let door: Door = Arc::new((shared, Mutex::new(Bucket::full())));
    Router::new().route("/admin/api/{version}/graphql.json", post(graphql)).with_state(door)
}

async fn graphql(Shelf(door): Shelf<Door>, Path(version): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let (shared, bucket) = &*door;
    let mut response = answer(shared, bucket, &headers, &body).await;
    let id = format!("rehearsal-{:x}", shared.real_now().timestamp_micros());
    let headers = response.headers_mut();
    for (name, value) in [("x-request-id", id), ("x-shopify-api-version", version)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

async fn answer(shared: &Shared, bucket: &Mutex<Bucket>, headers: &HeaderMap, body: &[u8]) -> Response {
    if headers.get("x-shopify-access-token").is_none_or(HeaderValue::is_empty) {
        let message = "[API] Invalid API key or access token (unrecognized login or wrong password)";
        return (StatusCode::UNAUTHORIZED, Json(json!({"errors": message}))).into_response();
    }
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return (StatusCode::BAD_REQUEST, Json(json!({"errors": "Bad Request"}))).into_response();
    };
    let variables = request["variables"].as_object().cloned().unwrap_or_default();
    let document = match parse(request["query"].as_str().unwrap_or_default(), &variables) {
        Ok(document) => document,
        Err(message) => return errors(&message, "PARSE_ERROR"),
    };
    let requested = bucket::cost(&document.fields);
    if requested > 1_000 {
        return errors("Query cost exceeds the single query max cost limit of 1000", "MAX_COST_EXCEEDED");
    }
    let now = crate::model_host::ModelHost::now(shared);
    let left = bucket.lock().unwrap_or_else(PoisonError::into_inner).take(now, requested);
    let (available, enough) = (left.available, left.enough);
    let cost = json!({"requestedQueryCost": requested, "actualQueryCost": if enough { json!(requested) } else { Value::Null },
        "throttleStatus": {"maximumAvailable": 1000.0, "currentlyAvailable": available, "restoreRate": 100.0}});
    if !enough {
        return Json(json!({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
            "extensions": {"cost": cost}}))
        .into_response();
    }
    match shared.act(|state, now| run(state, now, &document)).await {
        Ok(Ok(data)) => Json(json!({"data": data, "extensions": {"cost": cost}})).into_response(),
        Ok(Err(Refused { message, path, code })) => Json(json!({
            "errors": [{"message": message, "path": path, "extensions": {"code": code}}],
            "extensions": {"cost": cost}}))
        .into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn errors(message: &str, code: &str) -> Response {
    Json(json!({"errors": [{"message": message, "extensions": {"code": code}}]})).into_response()
}

/// Answers each root field with the members that the document selects.
fn run(state: &mut State, now: Timestamp, document: &Document) -> Result<Value, Refused> {
    let mut data = Map::new();
    for field in &document.fields {
        let whole = if document.mutation { mutate::root(state, now, field)? } else { query(state, field)? };
        data.insert(field.key.clone(), project(&whole, field, &mut vec![field.key.clone()])?);
    }
    Ok(Value::Object(data))
}

fn query(state: &State, field: &Field) -> Result<Value, Refused> {
    Ok(match field.name.as_str() {
        "products" => views::products(state, field),
        "orders" => views::orders(state, field),
        "product" => views::one_product(state, field),
        "order" => views::one_order(state, field),
        "shop" => json!({"__typename": "Shop", "name": "Rehearsal", "myshopifyDomain": state.meta().shop_domain,
            "currencyCode": "USD"}),
        "webhookSubscriptions" => project::connection(Vec::new(), false),
        name => return Err(Refused::field(name, "QueryRoot", &field.key)),
    })
}

/// The answer to a planted fault.
pub(crate) fn refusal(kind: FaultKind) -> Response {
    match kind {
        FaultKind::RateLimit => {
            let message =
                "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.";
            (StatusCode::TOO_MANY_REQUESTS, Json(json!({"errors": message}))).into_response()
        }
        FaultKind::Credit => {
            let message = "Unavailable Shop";
            (StatusCode::PAYMENT_REQUIRED, Json(json!({"errors": message}))).into_response()
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"errors": "Internal Server Error"}))).into_response(),
    }
}
