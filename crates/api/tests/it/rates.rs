//! How often one may ask.

use api::Settings;
use api::layers::client::Peer;
use api::ports::WebhookOutcome;
use api::settings::Rates;
use axum::body::Body;
use domain::role::Role;
use http::header;
use serde_json::json;

use crate::app::{TestApp, builder};

fn limited() -> TestApp {
    TestApp::with(Settings {
        rates: Rates { costly: 2, writes: 3, reads: 4 },
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..Settings::default()
    })
}

#[tokio::test]
async fn the_request_over_the_limit_is_told_when_to_come_back() {
    let app = limited();
    for left in [3, 2, 1, 0] {
        let answer = app.get(Role::Viewer, "/tower/runs").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("ratelimit-remaining")),
            (200, Some(left.to_string().as_str()))
        );
        assert_eq!(answer.header("ratelimit-limit"), Some("4"));
    }
    let answer = app.get(Role::Viewer, "/tower/runs").await;
    let body = answer.assert_error(429, "rate_limited");
    assert_eq!((body["error"].as_str(), body["retry_after"].as_u64()), (Some("Rate limit exceeded"), Some(60)));
    assert_eq!((answer.header("retry-after"), answer.header("ratelimit-reset")), (Some("60"), Some("60")));
    app.pass(60);
    assert_eq!(app.get(Role::Viewer, "/tower/runs").await.status, 200);
}

#[tokio::test]
async fn strangers_are_limited_before_they_are_refused() {
    let app = limited();
    let request = || builder("GET", "/nothing").body(Body::empty()).unwrap();
    for _ in 0..4 {
        app.send(request()).await.assert_error(401, "authentication_required");
    }
    app.send(request()).await.assert_error(429, "rate_limited");
    assert_eq!(app.get(Role::Viewer, "/tower/runs").await.status, 200, "a good token is counted apart");
}

#[tokio::test]
async fn starts_count_as_costly() {
    let app = limited();
    let body = json!({"input_state": {"messages": ["hello"]}});
    for _ in 0..2 {
        assert_eq!(app.post(Role::Operator, "/tower/runs/start", body.clone()).await.status, 201);
    }
    app.post(Role::Operator, "/tower/runs/start", body).await.assert_error(429, "rate_limited");
    assert_eq!(app.post(Role::Operator, "/tower/tickets/42/decide", json!({"decision": "approve"})).await.status, 200);
}

#[tokio::test]
async fn health_is_never_limited() {
    let app = limited();
    for _ in 0..20 {
        let answer = app.send(builder("GET", "/health").body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.header("ratelimit-limit")), (200, None));
    }
}

#[tokio::test]
async fn good_deliveries_are_never_limited_and_bad_ones_are() {
    let app = limited();
    let deliver = || builder("POST", "/webhooks/stripe").body(Body::from("{}")).unwrap();
    for status in [401, 401, 429, 429] {
        assert_eq!(app.send(deliver()).await.status, status);
    }
    *app.engine.webhook.lock().unwrap() = Some(WebhookOutcome::Accepted);
    for _ in 0..20 {
        assert_eq!(app.send(deliver()).await.status, 202);
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_forwarded_address_counts_and_elsewhere_it_does_not() {
    let app = limited();
    let ask = |peer: [u8; 4], forwarded: String| {
        let mut request = builder("GET", "/nothing")
            .header("x-forwarded-for", forwarded)
            .header(header::ACCEPT, "*/*")
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(Peer((peer, 1).into()));
        app.send(request)
    };
    for number in 0..10 {
        assert_eq!(ask([10, 0, 0, 1], format!("198.51.100.{number}")).await.status, 401);
    }
    let mut last = 0;
    for number in 0..5 {
        last = ask([203, 0, 113, 9], format!("198.51.100.{number}")).await.status.as_u16();
    }
    assert_eq!(last, 429, "a stranger cannot spread itself over addresses it makes up");
}
