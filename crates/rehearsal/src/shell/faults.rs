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
use crate::fault::{Fault, FaultKind};
use crate::model_host::hang_up;
use crate::{printful, shopify, stripe};

/// Wraps `router`, the routes of `upstream`. A model knows its own refusals and asks for those faults itself; here it
/// gets late and dropped answers only.
pub(crate) fn layer(router: Router, upstream: &'static str, shared: Arc<Shared>) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let shared = Arc::clone(&shared);
        async move { answer(upstream, &shared, request, next).await }
    }))
}

async fn answer(upstream: &'static str, shared: &Shared, request: Request, next: Next) -> Response {
    let of_model = matches!(upstream, "anthropic" | "openai" | "ollama");
    let fault = shared.with_faults(|book| {
        book.take_if(upstream, |kind| kind != FaultKind::Duplicate && (kind.is_of_the_server() || !of_model))
    });
    let response = match fault {
        Some(fault @ Fault { kind: FaultKind::Error | FaultKind::RateLimit | FaultKind::Credit, .. }) => {
            refusal(upstream, fault)
        }
        _ => next.run(request).await,
    };
    // Counters and faults are part of the books: on disk before the answer leaves.
    if (of_model || fault.is_some()) && shared.act(|_, _| ()).await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    for (upstream, fault) in shared.with_faults(crate::fault::FaultBook::take_refusals) {
        shared.refuse(&upstream, fault);
    }
    match fault {
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
    }
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
