//! The Chat Completions protocol: requests in, completions, events and errors out.

pub mod refusal;
pub mod request;
pub mod response;
pub mod stream;

mod fault;
mod models;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::iter;
use sha2::{Digest, Sha256};

use self::fault::Spoil;
use self::refusal::Refusal;
use self::request::{ChatRequest, Delivery};
use self::response::Completion;
use super::policy;
use super::reading::Reading;
use crate::model_host::{ModelHost, hang_up};

/// Most bytes of a request.
const BODY_LIMIT: usize = 10 << 20;

/// The key that a program in rehearsal sends. Keys that say they are the rehearsal's are known; any other, above all a
/// real one that strayed here, is refused.
pub const API_KEY: &str = "sk-rehearsal";

/// The provider's routes, with and without the `/v1` that base URLs may or may not carry.
pub fn router(host: Arc<dyn ModelHost>) -> Router {
    let routes = Router::new()
        .route("/chat/completions", post(complete))
        .route("/models", get(list_models))
        .route("/models/{name}", get(one_model));
    routes.clone().nest("/v1", routes).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(host)
}

async fn list_models(headers: HeaderMap) -> Result<Response, Refusal> {
    authorised(&headers)?;
    Ok(Json(models::list()).into_response())
}

async fn one_model(headers: HeaderMap, Path(name): Path<String>) -> Result<Response, Refusal> {
    authorised(&headers)?;
    models::one(&name).map(|model| Json(model).into_response()).ok_or(Refusal::UnknownModel(name))
}

async fn complete(State(host): State<Arc<dyn ModelHost>>, headers: HeaderMap, body: Bytes) -> Response {
    let now = host.now();
    let id = request_id(&body, now.timestamp_micros());
    let mut response = match answer(host.as_ref(), &headers, &body, &id, now.timestamp()) {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

fn answer(host: &dyn ModelHost, headers: &HeaderMap, body: &[u8], id: &str, created: i64) -> Result<Response, Refusal> {
    authorised(headers)?;
    let spoil = fault::take(host);
    if let Some(Spoil::Refuse(refusal)) = spoil {
        return Err(refusal);
    }
    let request = ChatRequest::parse(body)?;
    host.record_call(&request.model);
    if spoil == Some(Spoil::HangUp) {
        return Ok(hang_up());
    }
    let cut = spoil == Some(Spoil::Cut);
    let completion = Completion::new(id.to_owned(), created, &request, policy::decide(&Reading::of(&request)));
    Ok(match request.delivery {
        Delivery::Whole => whole(&completion, cut),
        delivery => streamed(&completion, delivery, cut),
    })
}

fn whole(completion: &Completion, cut: bool) -> Response {
    let mut text = completion.to_body().to_string();
    if cut {
        fault::cut(&mut text);
    }
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn streamed(completion: &Completion, delivery: Delivery, cut: bool) -> Response {
    let mut events = stream::events(completion, delivery);
    if cut {
        events.truncate(events.len() / 2);
        if let Some(last) = events.last_mut() {
            fault::cut(last);
        }
    }
    let body = Body::from_stream(iter(events.into_iter().map(|event| Ok::<_, Infallible>(Bytes::from(event)))));
    ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")], body).into_response()
}

fn authorised(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match value.strip_prefix("Bearer ") {
        Some(key) if key.contains("rehearsal") => Ok(()),
        _ => Err(Refusal::Unauthorized),
    }
}

/// An id that shows where the answer came from: the same request at the same moment has the same one.
fn request_id(body: &[u8], now_us: i64) -> String {
    let digest = Sha256::new().chain_update(body).chain_update(now_us.to_be_bytes()).finalize();
    format!("rehearsal-{}", hex::encode(&digest[..12]))
}
