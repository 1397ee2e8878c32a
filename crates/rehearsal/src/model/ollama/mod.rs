//! Ollama's own protocol: chats, their lines, and the models that are pulled.
//!
//! The real server overlooks members it does not know and never counts calls against results. This one does neither,
//! because what it overlooked would stay unseen until a model went astray.

pub mod refusal;
pub mod request;
pub mod response;

mod models;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use self::refusal::Refusal;
use self::request::ChatRequest;
use self::response::Answered;
use super::is_rehearsed;
use super::policy;
use super::reading::Reading;
use super::said::Said;
use super::spoil::{self, Spoil};
use crate::model_host::{ModelHost, hang_up};

/// Most bytes of a request.
const BODY_LIMIT: usize = 10 << 20;
/// The version it says it is.
const VERSION: &str = "0.12.0-rehearsal";

type Host = State<Arc<dyn ModelHost>>;

/// The server's routes.
pub fn router(host: Arc<dyn ModelHost>) -> Router {
    Router::new()
        .route("/", get(async || "Ollama is running"))
        .route("/api/version", get(async || Json(json!({"version": VERSION}))))
        .route("/api/tags", get(tags))
        .route("/api/chat", post(chat))
        .route("/api/embed", post(embed))
        .fallback(async || Refusal::NotRehearsed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(host)
}

async fn tags(headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    admitted(&headers)?;
    Ok(Json(models::list()))
}

/// No model for embeddings is pulled here, as on most machines.
async fn embed(headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    admitted(&headers)?;
    let body = request::object(&body)?;
    let model = request::text(&body, "model")?;
    if !body.contains_key("input") {
        return Err(Refusal::Invalid("missing required field: input".to_owned()));
    }
    Err(if models::is_pulled(model) {
        Refusal::Invalid(format!("\"{model}\" does not support embeddings"))
    } else {
        Refusal::UnknownModel(model.to_owned())
    })
}

async fn chat(State(host): Host, headers: HeaderMap, body: Bytes) -> Response {
    let now = host.now();
    let id = spoil::request_id(&body, now.timestamp_micros());
    let mut response = match answer(host.as_ref(), &headers, &body) {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    };
    // The real server numbers nothing; the rehearsal shows that it is one.
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

fn answer(host: &dyn ModelHost, headers: &HeaderMap, body: &[u8]) -> Result<Response, Refusal> {
    admitted(headers)?;
    let spoil = match spoil::take(host, "ollama") {
        Some(Spoil::Instead(fault)) => return Err(Refusal::of(fault)),
        spoil => spoil,
    };
    let request = ChatRequest::parse(body)?;
    host.record_call(&request.model);
    if spoil == Some(Spoil::HangUp) {
        return Ok(hang_up());
    }
    let answer = policy::decide(&Reading::of(&request.conversation));
    let said = Said::new(answer, request.num_predict, &request.stops);
    let answered = Answered { model: request.model, said, prompt_chars: request.prompt_chars, at: host.now() };
    Ok(if request.stream {
        spoil::streamed(answered.lines(), "application/x-ndjson", spoil)
    } else {
        spoil::whole(answered.to_body().to_string(), spoil)
    })
}

/// A server at home asks for no key; one that is sent must be the rehearsal's.
fn admitted(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(sent) = headers.get(header::AUTHORIZATION) else { return Ok(()) };
    match sent.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")) {
        Some(key) if is_rehearsed(key) => Ok(()),
        _ => Err(Refusal::Unauthorized),
    }
}
