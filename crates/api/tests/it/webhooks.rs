//! Deliveries.

use api::ports::{Provider, WebhookOutcome};
use axum::body::Body;
use domain::role::Role;
use serde_json::json;

use crate::app::{Answer, TestApp, builder};
use crate::engine::Trouble;

const PATHS: [&str; 4] =
    ["/webhooks/shopify", "/webhooks/shopify/orders/paid", "/webhooks/stripe", "/webhooks/printful"];

async fn deliver(app: &TestApp, path: &str, body: impl Into<Body>) -> Answer {
    app.send(builder("POST", path).header("x-shopify-topic", "orders/paid").body(body.into()).unwrap()).await
}

#[tokio::test]
async fn each_outcome_has_its_status() {
    let app = TestApp::new();
    for path in PATHS {
        for (outcome, status) in
            [(WebhookOutcome::Accepted, 202), (WebhookOutcome::Ignored, 202), (WebhookOutcome::Duplicate, 200)]
        {
            *app.engine.webhook.lock().unwrap() = Some(outcome);
            let answer = deliver(&app, path, "{}").await;
            assert_eq!((answer.status.as_u16(), answer.json()), (status, json!({"status": "received"})));
        }
        *app.engine.webhook.lock().unwrap() = Some(WebhookOutcome::Unauthorized);
        let body = deliver(&app, path, "{}").await.assert_error(401, "invalid_signature");
        assert_eq!(body["status"], "unauthorized");
    }
}

#[tokio::test]
async fn an_oversized_delivery_never_reaches_the_engine() {
    let app = TestApp::new();
    for path in PATHS {
        let body = deliver(&app, path, vec![b' '; 1024 * 1024 + 1]).await.assert_error(413, "body_too_large");
        assert_eq!(body["status"], "rejected");
    }
    assert!(app.engine.deliveries.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_provider_is_asked_to_come_back_when_the_database_is_down() {
    let app = TestApp::new();
    app.engine.is_in(Trouble::DatabaseDown);
    for path in PATHS {
        let answer = deliver(&app, path, "{}").await;
        assert_eq!(answer.assert_error(503, "database_unavailable")["status"], "unavailable");
        assert_eq!(answer.header("retry-after"), Some("30"));
    }
}

#[tokio::test]
async fn a_delivery_arrives_byte_for_byte_with_its_headers_and_sub_topic() {
    let app = TestApp::new();
    let bytes = vec![0, 255, b'{', b' '];
    deliver(&app, "/webhooks/shopify/orders/paid", bytes.clone()).await;
    deliver(&app, "/webhooks/stripe", bytes.clone()).await;
    let deliveries = app.engine.deliveries.lock().unwrap();
    assert_eq!((deliveries[0].provider, deliveries[0].sub_topic.as_deref()), (Provider::Shopify, Some("orders/paid")));
    assert_eq!((deliveries[1].provider, deliveries[1].sub_topic.as_deref()), (Provider::Stripe, None));
    assert_eq!(
        (&deliveries[0].body[..], deliveries[0].headers["x-shopify-topic"].to_str().unwrap()),
        (&bytes[..], "orders/paid")
    );
}

#[tokio::test]
async fn status_counts_every_provider() {
    let app = TestApp::new();
    let body = app.get(Role::Viewer, "/webhooks/status").await.json();
    assert_eq!(body["counts"], json!({"shopify": 2, "stripe": 0, "printful": 0}));
    assert_eq!(body["by_status"]["shopify"], json!({"dispatched": 2}));
}
