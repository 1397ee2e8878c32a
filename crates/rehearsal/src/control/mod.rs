//! The control server: the books, orders on demand, faults, settings, the log of requests. For people and tests, never for the product.

pub(crate) mod token;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State as Shelf};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use domain::time::Timestamp;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fault::{FaultBook, FaultKind, Planted, UPSTREAMS};
use crate::shell::Shared;
use crate::world::{MoveRefused, OrderKind, State};

type World = Shelf<Arc<Shared>>;

/// The routes.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/control/status", get(status))
        .route("/control/orders", post(orders))
        .route("/control/orders/{id}/{action}", post(move_order))
        .route("/control/faults", get(faults).post(plant).delete(clear))
        .route("/control/settings/{name}", put(set))
        .route("/control/requests", get(requests))
        .layer(from_fn_with_state(Arc::clone(&shared), admit))
        .with_state(shared)
}

async fn admit(Shelf(shared): World, request: Request, next: Next) -> Response {
    let sent = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    match sent.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(token) if token::same(token, &shared.token) => next.run(request).await,
        _ => refuse(StatusCode::UNAUTHORIZED, "the token of rehearsal.token is missing"),
    }
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": message}))).into_response()
}

fn broken() -> Response {
    refuse(StatusCode::SERVICE_UNAVAILABLE, "the world cannot write its file")
}

async fn status(Shelf(shared): World) -> Response {
    match shared.act(|state, now| state.books(now)).await {
        Ok(books) => Json(books).into_response(),
        Err(_) => broken(),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrdersAsked {
    #[serde(default = "one")]
    count: u32,
    kind: Option<OrderKind>,
}

fn one() -> u32 {
    1
}

/// An empty body is an empty object.
fn parse<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(if body.is_empty() { b"{}" } else { body })
}

fn unreadable(error: &serde_json::Error) -> Response {
    refuse(StatusCode::BAD_REQUEST, &error.to_string())
}

async fn orders(Shelf(shared): World, body: Bytes) -> Response {
    let asked: OrdersAsked = match parse(&body) {
        Ok(asked) => asked,
        Err(error) => return unreadable(&error),
    };
    if !(1..=1_000).contains(&asked.count) {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "count is 1 to 1000");
    }
    let made = shared
        .act(|state, now| (0..asked.count).map(|_| state.arrive(now, asked.kind).to_string()).collect::<Vec<String>>());
    match made.await {
        Ok(ids) => (StatusCode::CREATED, Json(json!({"shopify_order_ids": ids}))).into_response(),
        Err(_) => broken(),
    }
}

async fn move_order(Shelf(shared): World, Path((id, action)): Path<(String, String)>) -> Response {
    let act: fn(&mut State, Timestamp, &str) -> Result<(), MoveRefused> = match action.as_str() {
        "pay" => State::pay,
        "cancel" => State::cancel,
        "refund" => State::refund,
        "ship" => State::ship,
        _ => return refuse(StatusCode::NOT_FOUND, "the actions are pay, cancel, refund and ship"),
    };
    match shared.act(|state, now| act(state, now, &id)).await {
        Ok(Ok(())) => Json(json!({"shopify_order_id": id, "action": action})).into_response(),
        Ok(Err(refused @ MoveRefused::Unknown(_))) => refuse(StatusCode::NOT_FOUND, &refused.to_string()),
        Ok(Err(refused)) => refuse(StatusCode::CONFLICT, &refused.to_string()),
        Err(_) => broken(),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultAsked {
    upstream: String,
    kind: FaultKind,
    #[serde(default = "one")]
    times: u32,
    #[serde(default)]
    after: u32,
    seconds: Option<u32>,
}

fn listed(book: &FaultBook) -> Value {
    json!({"faults": book.planted()})
}

async fn faults(Shelf(shared): World) -> Response {
    Json(shared.with_faults(|book| listed(book))).into_response()
}

async fn plant(Shelf(shared): World, body: Bytes) -> Response {
    let asked: FaultAsked = match parse(&body) {
        Ok(asked) => asked,
        Err(error) => return unreadable(&error),
    };
    let FaultAsked { upstream, kind, times, after, seconds } = asked;
    if let Err(refused) = shared.plant(Planted { upstream, kind, times, after, seconds }) {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, &refused.to_string());
    }
    written(&shared, StatusCode::CREATED).await
}

async fn clear(Shelf(shared): World) -> Response {
    shared.with_faults(FaultBook::clear);
    written(&shared, StatusCode::OK).await
}

async fn written(shared: &Shared, status: StatusCode) -> Response {
    match shared.act(|_, _| ()).await {
        Ok(()) => (status, Json(shared.with_faults(|book| listed(book)))).into_response(),
        Err(_) => broken(),
    }
}

async fn set(Shelf(shared): World, Path(name): Path<String>, body: Bytes) -> Response {
    let asked: Value = match parse(&body) {
        Ok(asked) => asked,
        Err(error) => return unreadable(&error),
    };
    let value = match &asked["value"] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return refuse(StatusCode::BAD_REQUEST, "the body is {\"value\": …}"),
    };
    let real_now = shared.real_now();
    match shared.act(|state, _| state.set(&name, &value, real_now)).await {
        Ok(Ok(())) => Json(json!({"name": name, "value": value})).into_response(),
        Ok(Err(refused)) => refuse(StatusCode::UNPROCESSABLE_ENTITY, &refused.to_string()),
        Err(_) => broken(),
    }
}

async fn requests(Shelf(shared): World, Query(asked): Query<Vec<(String, String)>>) -> Response {
    let (mut upstream, mut since) = (None, None);
    for (name, value) in &asked {
        match name.as_str() {
            "upstream" if UPSTREAMS.contains(&value.as_str()) && value != "webhooks" => upstream = Some(value.as_str()),
            "upstream" => return refuse(StatusCode::BAD_REQUEST, &format!("nobody can ask an upstream `{value}`")),
            "since" => match value.parse() {
                Ok(from) => since = Some(from),
                Err(()) => {
                    let message = "since is the number of a request or a moment of world time (RFC 3339)";
                    return refuse(StatusCode::BAD_REQUEST, message);
                }
            },
            other => return refuse(StatusCode::BAD_REQUEST, &format!("there is no parameter `{other}`")),
        }
    }
    let answer = shared.with_requests(
        |log| json!({"requests": log.list(upstream, since), "last": log.last(), "forgotten": log.forgotten()}),
    );
    Json(answer).into_response()
}
