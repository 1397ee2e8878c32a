//! `/webhooks/...`: deliveries of the shop, the payments and the printer.
//!
//! They carry a signature instead of a token. A bad one is counted per address under the costly limit; a good one is
//! never limited, because a provider that is turned away stops delivering.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use domain::codes::Code;
use http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::raw;
use crate::layers::client::client_ip;
use crate::layers::rate::Caller;
use crate::openapi::{Operation, schema};
use crate::ports::{Delivery, Provider, WebhookOutcome};
use crate::route::RateClass;

/// POST `/webhooks/shopify`
pub async fn shopify(State(app): State<App>, request: Request) -> Response {
    receive(&app, Provider::Shopify, None, request).await
}

/// POST `/webhooks/shopify/{topic}`
pub async fn shopify_topic(
    State(app): State<App>,
    topic: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    receive(&app, Provider::Shopify, topic.ok().map(|Path(topic)| topic), request).await
}

/// POST `/webhooks/stripe`
pub async fn stripe(State(app): State<App>, request: Request) -> Response {
    receive(&app, Provider::Stripe, None, request).await
}

/// POST `/webhooks/printful`
pub async fn printful(State(app): State<App>, request: Request) -> Response {
    receive(&app, Provider::Printful, None, request).await
}

async fn receive(app: &App, provider: Provider, sub_topic: Option<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match raw::read(&parts.headers, &parts.extensions, body).await {
        Ok(body) => body,
        Err(error) => return error.for_webhook().into_response(),
    };
    let ip = client_ip(&parts.extensions, &parts.headers, &app.settings.trusted_proxies);
    let delivery = Delivery { provider, headers: parts.headers, sub_topic, body };
    match app.tower.receive_webhook(delivery).await {
        Ok(WebhookOutcome::Accepted | WebhookOutcome::Ignored) => received(StatusCode::ACCEPTED),
        Ok(WebhookOutcome::Duplicate) => received(StatusCode::OK),
        Ok(WebhookOutcome::Unauthorized) => {
            let verdict = app.limiter.count(Caller::new(ip, None), RateClass::Costly, app.clock.monotonic());
            let error = match verdict.filter(|verdict| !verdict.allowed) {
                Some(over) => ApiError::rate_limited(over.reset_s),
                None => ApiError::new(Code::InvalidSignature),
            };
            let mut response = error.for_webhook().into_response();
            if let Some(verdict) = verdict {
                verdict.write(response.headers_mut());
            }
            response
        }
        Err(error) => ApiError::from(error).for_webhook().into_response(),
    }
}

fn received(status: StatusCode) -> Response {
    (status, Json(json!({"status": "received"}))).into_response()
}

fn delivery_doc(id: &'static str, summary: &'static str) -> Operation {
    let body = schema::object(&[("status", schema::one_of(&["received"]))]);
    Operation::new(id, "Webhooks", summary)
        .describe("Authenticated by the provider's signature over the raw body. Refusals carry a `status` beside the usual members.")
        .answer(200, "Seen before", body.clone())
        .answer(202, "Stored", body)
}

pub(crate) fn shopify_doc() -> Operation {
    delivery_doc("receive_shopify", "A delivery of the shop")
}

pub(crate) fn shopify_topic_doc() -> Operation {
    delivery_doc("receive_shopify_topic", "A delivery of the shop, its topic in the path").path(
        "topic",
        "Counts only when the topic header is missing; may contain a slash",
        schema::text(),
        Code::NotFound,
    )
}

pub(crate) fn stripe_doc() -> Operation {
    delivery_doc("receive_stripe", "A delivery of the payments")
}

pub(crate) fn printful_doc() -> Operation {
    delivery_doc("receive_printful", "A delivery of the printer")
}

/// GET `/webhooks/status`
pub async fn status(State(app): State<App>) -> Result<Json<Value>, ApiError> {
    let counts = app.tower.webhook_counts().await?;
    let mut totals: BTreeMap<&str, i64> = Provider::ALL.iter().map(|provider| (provider.as_str(), 0)).collect();
    let mut by_status: BTreeMap<&str, BTreeMap<String, i64>> = BTreeMap::new();
    for (provider, counts) in counts {
        totals.insert(provider.as_str(), counts.total);
        by_status.insert(provider.as_str(), counts.by_status);
    }
    Ok(Json(json!({"counts": totals, "by_status": by_status})))
}

pub(crate) fn status_doc() -> Operation {
    Operation::new("show_webhook_status", "Webhooks", "How many deliveries arrived and what became of them").answer(
        200,
        "By provider, and by provider and state",
        schema::object(&[
            ("counts", schema::map_of(schema::whole())),
            ("by_status", schema::map_of(schema::map_of(schema::whole()))),
        ]),
    )
}
