//! The layer around each upstream's routes that makes it fail when told to.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};

use super::Shared;
use super::requests::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::model_host::{HangUp, hang_up};
use crate::{printful, shopify, stripe};

/// What a handler tells the log about its answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// Name of the GraphQL operation.
    pub(crate) operation: Option<String>,
    /// Refused because the caller asks too often.
    pub(crate) throttled: bool,
}

/// Wraps `router`, the routes of `upstream`: notes each request, and makes it fail when told to. A model knows its own
/// refusals and asks for those faults itself; here it gets late and dropped answers only.
pub(crate) fn layer(router: Router, upstream: &'static str, shared: Arc<Shared>) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let shared = Arc::clone(&shared);
        async move {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
            let number = shared.arrived(upstream, request.method().as_str(), &path);
            let (response, mut outcome) = answer(upstream, &shared, request, next).await;
            let hung_up = response.extensions().get::<HangUp>().is_some();
            outcome.status = (!hung_up).then(|| response.status().as_u16());
            outcome.throttled |= response.status() == StatusCode::TOO_MANY_REQUESTS;
            shared.ended(number, outcome);
            response
        }
    }))
}

async fn answer(upstream: &'static str, shared: &Shared, request: Request, next: Next) -> (Response, Outcome) {
    let of_model = matches!(upstream, "anthropic" | "openai" | "ollama");
    let fault = shared.with_faults(|book| {
        book.take_if(upstream, |kind| kind != FaultKind::Duplicate && (kind.is_of_the_server() || !of_model))
    });
    let response = match fault {
        // The shop has no refusal for those who ask too often: its bucket is empty, and the request finds it so.
        Some(Fault { kind: FaultKind::RateLimit, .. }) if upstream == "shopify" => {
            shared.drain_shop();
            next.run(request).await
        }
        Some(fault @ Fault { kind: FaultKind::Error | FaultKind::RateLimit | FaultKind::Credit, .. }) => {
            refusal(upstream, fault)
        }
        _ => next.run(request).await,
    };
    let told = response.extensions().get::<Told>().cloned().unwrap_or_default();
    let by_model = response.extensions().get::<FaultKind>().copied();
    let outcome = Outcome {
        operation: told.operation,
        throttled: told.throttled,
        fault: fault.map(|fault| fault.kind).or(by_model),
        status: None,
    };
    // Counters and faults are part of the books: on disk before the answer leaves.
    if (of_model || fault.is_some()) && shared.act(|_, _| ()).await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE.into_response(), outcome);
    }
    for (upstream, fault) in shared.with_faults(crate::fault::FaultBook::take_refusals) {
        shared.refuse(&upstream, fault);
    }
    let response = match fault {
        Some(Fault { kind: FaultKind::Delay, seconds }) => {
            shared.config.clock.sleep(Duration::from_secs(seconds.into())).await;
            response
        }
        Some(Fault { kind: FaultKind::DropReply, .. }) => hang_up(),
        Some(fault @ Fault { kind: FaultKind::Refuse, .. }) => {
            shared.refuse(upstream, fault);
            hang_up()
        }
        Some(Fault { kind: FaultKind::Malformed, .. }) => cut(response).await,
        _ => response,
    };
    (response, outcome)
}

fn refusal(upstream: &str, fault: Fault) -> Response {
    let mut response = match upstream {
        "shopify" => shopify::refusal(fault.kind),
        "stripe" => stripe::refusal(fault.kind),
        _ => printful::refusal(fault.kind),
    };
    if fault.kind == FaultKind::RateLimit {
        let seconds = HeaderValue::from(fault.seconds);
        response.headers_mut().insert(RETRY_AFTER, seconds.clone());
        if upstream == "printful" {
            response.headers_mut().insert("x-ratelimit-remaining", HeaderValue::from(0));
            response.headers_mut().insert("x-ratelimit-reset", seconds);
        }
    }
    response
}

/// The first half of the body under the same head.
async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, 16 << 20).await.unwrap_or_default();
    parts.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
}
