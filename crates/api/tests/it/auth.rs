//! Who gets in.

use std::sync::atomic::Ordering;

use axum::body::Body;
use domain::role::Role;
use http::header;

use crate::app::{TestApp, builder};

#[tokio::test]
async fn credentials_that_do_not_count_are_all_refused_alike() {
    let app = TestApp::new();
    let good = app.token(Role::Admin);
    for value in [
        format!("bearer {good}"),
        format!("Basic {good}"),
        "Bearer".into(),
        "Bearer ".into(),
        "Bearer x.y.z".into(),
        format!("Bearer  {good}"),
        format!("Bearer {good}x"),
    ] {
        let request = builder("GET", "/tower/runs").header(header::AUTHORIZATION, &value).body(Body::empty()).unwrap();
        let body = app.send(request).await.assert_error(401, "invalid_credentials");
        assert_eq!(body["error"], "Invalid or expired credentials", "{value}");
    }
}

#[tokio::test]
async fn two_credentials_in_one_request_are_refused() {
    let app = TestApp::new();
    let bearer = format!("Bearer {}", app.token(Role::Admin));
    let request =
        builder("GET", "/tower/runs").header(header::AUTHORIZATION, &bearer).header(header::AUTHORIZATION, &bearer);
    app.send(request.body(Body::empty()).unwrap()).await.assert_error(401, "invalid_credentials");
}

#[tokio::test]
async fn a_token_ends_with_its_time() {
    let app = TestApp::new();
    let bearer = format!("Bearer {}", app.token(Role::Viewer));
    let request = || builder("GET", "/tower/runs").header(header::AUTHORIZATION, &bearer).body(Body::empty()).unwrap();
    assert_eq!(app.send(request()).await.status, 200);
    app.pass(3_630);
    app.send(request()).await.assert_error(401, "invalid_credentials");
}

#[tokio::test]
async fn a_stranger_cannot_tell_what_exists() {
    let app = TestApp::new();
    for (method, path) in [
        ("GET", "/nothing"),
        ("PUT", "/tower/runs"),
        ("GET", "/webhooks/shopify"),
        ("POST", "/webhooks/shopifyx"),
        ("GET", "/tower/runs/"),
    ] {
        let answer = app.send(builder(method, path).body(Body::empty()).unwrap()).await;
        answer.assert_error(401, "authentication_required");
    }
    app.get(Role::Viewer, "/nothing").await.assert_error(404, "not_found");
    app.get(Role::Viewer, "/webhooks/shopify").await.assert_error(405, "method_not_allowed");
    let answer = app.ask(Role::Viewer, "PUT", "/tower/runs", None).await;
    answer.assert_error(405, "method_not_allowed");
    assert!(answer.header("allow").unwrap().contains("GET"));
}

#[tokio::test]
async fn a_revoked_token_no_longer_counts() {
    let app = TestApp::new();
    assert_eq!(app.get(Role::Viewer, "/tower/runs").await.status, 200);
    app.revocations.0.store(true, Ordering::SeqCst);
    app.get(Role::Viewer, "/tower/runs").await.assert_error(401, "invalid_credentials");
}

#[tokio::test]
async fn a_role_that_is_too_low_is_written_down_and_a_stranger_is_not() {
    let app = TestApp::new();
    app.get(Role::Viewer, "/docs").await.assert_error(403, "forbidden");
    app.send(builder("GET", "/docs").body(Body::empty()).unwrap()).await.assert_error(401, "authentication_required");
    app.get(Role::Webhook, "/nothing").await.assert_error(404, "not_found");
    let entries = app.audit.0.lock().unwrap();
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((entry.action, entry.target.as_str(), entry.outcome), ("role.refused", "GET /docs", "denied"));
    assert_eq!((entry.actor.as_deref(), entry.role), (Some("tester"), Some(Role::Viewer)));
    assert!(entry.ip.is_some() && entry.request_id.is_some());
}
