//! The shop's Admin API: one GraphQL route, a bucket of query points, tokens.

mod bucket;
mod document;
mod filter;
mod mutate;
mod product_input;
mod project;
pub(crate) mod rest;
mod token;
mod version;
mod views;

use std::sync::{Arc, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, State as Shelf};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use domain::time::Timestamp;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::fault::FaultKind;
use crate::model_host::ModelHost;
use crate::shell::{Shared, Told};
use crate::world::State;
pub(crate) use bucket::Bucket;
use document::{Document, Field, parse};
use project::{Refused, project};

type World = Shelf<Arc<Shared>>;

/// The routes.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/admin/api/{version}/graphql.json", post(graphql))
        .route("/admin/oauth/access_token", post(token::grant))
        .with_state(shared)
}

async fn graphql(Shelf(shared): World, Path(asked): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let (mut response, operation, throttled) = answer(&shared, &headers, &body).await;
    let id = format!("rehearsal-{:x}", shared.real_now().timestamp_micros());
    let served = version::served(&asked, ModelHost::now(&*shared).date_naive());
    let headers = response.headers_mut();
    for (name, value) in [("x-request-id", id), ("x-shopify-api-version", served)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response.extensions_mut().insert(Told { operation, throttled });
    response
}

/// The answer, the name of the operation, and whether it had to wait for points.
async fn answer(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> (Response, Option<String>, bool) {
    let sent = headers.get("x-shopify-access-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !token::is_valid(sent, shared.real_now()) {
        let message = "[API] Invalid API key or access token (unrecognized login or wrong password)";
        return ((StatusCode::UNAUTHORIZED, Json(json!({"errors": message}))).into_response(), None, false);
    }
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return ((StatusCode::BAD_REQUEST, Json(json!({"errors": "Bad Request"}))).into_response(), None, false);
    };
    let variables = request["variables"].as_object().cloned().unwrap_or_default();
    let document = match parse(request["query"].as_str().unwrap_or_default(), &variables) {
        Ok(document) => document,
        Err(message) => return (errors(&message, "PARSE_ERROR"), None, false),
    };
    let operation = document.name.clone();
    let requested = bucket::cost(&document.fields);
    if requested > 1_000 {
        let message = "Query cost exceeds the single query max cost limit of 1000";
        return (errors(message, "MAX_COST_EXCEEDED"), operation, false);
    }
    let now = ModelHost::now(shared);
    let left = shared.shop_points.lock().unwrap_or_else(PoisonError::into_inner).take(now, requested);
    let actual = if left.enough { json!(requested) } else { Value::Null };
    let cost = json!({"requestedQueryCost": requested, "actualQueryCost": actual,
        "throttleStatus": {"maximumAvailable": 1000.0, "currentlyAvailable": left.available, "restoreRate": 100.0}});
    if !left.enough {
        let body = json!({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
            "extensions": {"cost": cost}});
        return (Json(body).into_response(), operation, true);
    }
    let response = match shared.act(|state, now| run(state, now, &document)).await {
        Ok(Ok(data)) => Json(json!({"data": data, "extensions": {"cost": cost}})).into_response(),
        Ok(Err(Refused { message, path, code })) => Json(json!({
            "errors": [{"message": message, "path": path, "extensions": {"code": code}}],
            "extensions": {"cost": cost}}))
        .into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    (response, operation, false)
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

/// The answer to a planted fault. `rate_limit` is none of them: it drains the bucket.
pub(crate) fn refusal(kind: FaultKind) -> Response {
    match kind {
        FaultKind::Credit => {
            let message = "Unavailable Shop";
            (StatusCode::PAYMENT_REQUIRED, Json(json!({"errors": message}))).into_response()
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"errors": "Internal Server Error"}))).into_response(),
    }
}
