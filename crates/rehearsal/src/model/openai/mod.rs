//! OpenAI's protocols: who may ask, which models there are, refusals, and two ways to ask.

pub mod chat;
pub mod refusal;
pub mod responses;

mod fields;
mod models;
mod schema;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use self::refusal::Refusal;
use super::is_rehearsed;
use super::spoil::{self, Spoil};
use crate::model_host::ModelHost;

/// Most bytes of a request.
const BODY_LIMIT: usize = 10 << 20;

/// The provider's routes, with and without the `/v1` that base URLs may or may not carry.
pub fn router(host: Arc<dyn ModelHost>) -> Router {
    let routes = Router::new()
        .route("/chat/completions", post(complete))
        .route("/responses", post(respond))
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
    enveloped(host.as_ref(), &headers, &body, chat::answer)
}

async fn respond(State(host): State<Arc<dyn ModelHost>>, headers: HeaderMap, body: Bytes) -> Response {
    enveloped(host.as_ref(), &headers, &body, responses::answer)
}

type Answer = fn(&dyn ModelHost, &[u8], &str, i64, Option<Spoil>) -> Result<Response, Refusal>;

/// Gives the answer its request id and the account's limits.
fn enveloped(host: &dyn ModelHost, headers: &HeaderMap, body: &[u8], answer: Answer) -> Response {
    let now = host.now();
    let id = spoil::request_id(body, now.timestamp_micros());
    let answered = admitted(host, headers).and_then(|spoil| answer(host, body, &id, now.timestamp(), spoil));
    let mut response = match answered {
        Ok(mut response) => {
            refusal::limits(response.headers_mut(), refusal::REQUESTS_PER_MINUTE - 1, "120ms");
            response
        }
        Err(refusal) => refusal.into_response(),
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

fn admitted(host: &dyn ModelHost, headers: &HeaderMap) -> Result<Option<Spoil>, Refusal> {
    authorised(headers)?;
    match spoil::take(host, "openai") {
        Some(Spoil::Instead(fault)) => Err(Refusal::of(fault)),
        spoil => Ok(spoil),
    }
}

fn authorised(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match value.strip_prefix("Bearer ") {
        Some(key) if is_rehearsed(key) => Ok(()),
        _ => Err(Refusal::Unauthorized),
    }
}
