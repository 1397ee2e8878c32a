//! Anthropic's Messages protocol: who may ask, which models there are, messages, their events, and refusals.

pub mod refusal;
pub mod request;
pub mod response;
pub mod stream;

mod blocks;
mod cache;
mod fields;
mod limits;
mod models;
mod parameters;
mod tools;
mod turns;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use self::refusal::{Problem, Refusal};
use self::request::MessagesRequest;
use self::response::Message;
use super::is_rehearsed;
use super::policy;
use super::reading::Reading;
use super::said::{Said, tokens};
use super::spoil::{self, Spoil};
use crate::model_host::{ModelHost, hang_up};

/// Most bytes of a request.
const BODY_LIMIT: usize = 32 << 20;
/// The version of the protocol that is spoken here.
const VERSIONS: [&str; 2] = ["2023-06-01", "2023-01-01"];
/// Name under which faults are planted.
const UPSTREAM: &str = "anthropic";

type Host = State<Arc<dyn ModelHost>>;

/// The provider's routes.
pub fn router(host: Arc<dyn ModelHost>) -> Router {
    Router::new()
        .route("/v1/messages", post(messages))
        .route("/v1/messages/count_tokens", post(count_tokens))
        .route("/v1/models", get(list_models))
        .route("/v1/models/{id}", get(one_model))
        .fallback(unknown_path)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(host)
}

async fn messages(State(host): Host, headers: HeaderMap, body: Bytes) -> Response {
    let host = host.as_ref();
    enveloped(host, &body, |id| {
        admitted(&headers)?;
        let spoil = match spoil::take(host, UPSTREAM) {
            Some(Spoil::Instead(fault)) => return Err(Problem::of(fault)),
            spoil => spoil,
        };
        let request = MessagesRequest::parse(&body)?;
        if spoil == Some(Spoil::Overloaded) && !request.stream {
            return Err(Problem::Overloaded);
        }
        host.record_call(&request.model);
        if spoil == Some(Spoil::HangUp) {
            return Ok(hang_up());
        }
        let answer = policy::decide(&Reading::of(&request.conversation));
        let said = Said::new(answer, Some(request.max_tokens), &request.stops);
        let message = Message::new(id, &request, said);
        if !request.stream {
            return Ok(spoil::whole(message.to_body().to_string(), spoil));
        }
        let mut events = stream::events(&message);
        if spoil == Some(Spoil::Overloaded) {
            spoil::middle(&mut events);
            events.push(stream::overloaded());
        }
        Ok(spoil::streamed(events, "text/event-stream; charset=utf-8", spoil))
    })
}

async fn count_tokens(State(host): Host, headers: HeaderMap, body: Bytes) -> Response {
    enveloped(host.as_ref(), &body, |_| {
        admitted(&headers)?;
        let request = MessagesRequest::parse_to_count(&body)?;
        Ok(Json(json!({"input_tokens": tokens(request.chars())})).into_response())
    })
}

async fn list_models(State(host): Host, headers: HeaderMap, query: Query<Vec<(String, String)>>) -> Response {
    enveloped(host.as_ref(), &[], |_| {
        admitted(&headers)?;
        Ok(Json(models::page(&query.0)?).into_response())
    })
}

async fn one_model(State(host): Host, headers: HeaderMap, Path(id): Path<String>) -> Response {
    enveloped(host.as_ref(), id.as_bytes(), |_| {
        admitted(&headers)?;
        models::one(&id).map(|model| Json(model).into_response()).ok_or(Problem::UnknownModel(id.clone()))
    })
}

async fn unknown_path(State(host): Host) -> Response {
    enveloped(host.as_ref(), &[], |_| Err(Problem::UnknownPath))
}

/// Gives the answer its request id and the account's limits.
fn enveloped(host: &dyn ModelHost, body: &[u8], answer: impl FnOnce(&str) -> Result<Response, Problem>) -> Response {
    let id = spoil::request_id(body, host.now().timestamp_micros());
    let (mut response, limited_for) = match answer(&id) {
        Ok(response) => (response, None),
        Err(problem) => {
            let seconds = problem.limited_for();
            (Refusal { problem, request_id: id.clone() }.into_response(), seconds)
        }
    };
    let headers = response.headers_mut();
    limits::write(headers, host.real_now(), limited_for);
    headers.insert("anthropic-organization-id", HeaderValue::from_static("rehearsal"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert("request-id", value);
    }
    response
}

fn admitted(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("x-api-key") {
        Some(key) if is_rehearsed(key) => {}
        Some(_) => return Err(Problem::Unauthorized("invalid x-api-key")),
        None => return Err(Problem::Unauthorized("x-api-key header is required")),
    }
    match text("anthropic-version") {
        Some(version) if VERSIONS.contains(&version) => Ok(()),
        Some(version) => Err(Problem::Invalid(format!("anthropic-version: \"{version}\" is not a valid version"))),
        None => Err(Problem::Invalid("anthropic-version: header is required".to_owned())),
    }
}
