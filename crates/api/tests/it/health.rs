//! `/`, `/health` and `/circuit-breakers`.

use std::sync::atomic::Ordering;

use axum::body::Body;
use domain::role::Role;
use serde_json::json;

use crate::app::{TestApp, builder};

async fn health(app: &TestApp) -> (u16, serde_json::Value) {
    let answer = app.send(builder("GET", "/health").body(Body::empty()).unwrap()).await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn a_healthy_service_says_so_and_in_which_mode() {
    let app = TestApp::new();
    let wanted = json!({
        "status": "healthy", "service": "holly-grace", "mode": "rehearsal", "effects": "on",
        "checks": {"postgres": true, "api_keys_configured": true}, "autonomy": "stopped",
    });
    assert_eq!(health(&app).await, (200, wanted));
    let root = app.send(builder("GET", "/").body(Body::empty()).unwrap()).await.json();
    assert_eq!(root["service"], "holly-grace");
    let live = app.send(builder("GET", "/health/live").body(Body::empty()).unwrap()).await.json();
    assert_eq!(live, json!({"status": "alive"}));
}

#[tokio::test]
async fn many_requests_cause_one_round_of_probes_in_five_seconds() {
    let app = TestApp::new();
    for _ in 0..50 {
        health(&app).await;
    }
    assert_eq!(app.probe.rounds.load(Ordering::SeqCst), 1);
    app.probe.health.lock().unwrap().checks.insert("postgres".into(), false);
    app.pass(4);
    assert_eq!(health(&app).await.0, 200);
    app.pass(1);
    let (status, body) = health(&app).await;
    assert_eq!((status, body["status"].as_str()), (503, Some("unhealthy")));
    assert_eq!(app.probe.rounds.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn something_optional_that_fails_only_degrades() {
    let app = TestApp::new();
    app.probe.health.lock().unwrap().checks.insert("redis".into(), false);
    let (status, body) = health(&app).await;
    assert_eq!((status, body["status"].as_str()), (200, Some("degraded")));
}

#[tokio::test]
async fn breakers_are_listed_whether_used_or_not() {
    let app = TestApp::new();
    let map = app.get(Role::Viewer, "/circuit-breakers").await.json();
    for name in ["ollama", "shopify", "printful", "instagram", "chromadb", "redis"] {
        assert_eq!(map[name], "closed");
    }
    assert_eq!(map["stripe"], "half_open");
    let detail = app.get(Role::Viewer, "/circuit-breakers?detail=true").await.json();
    assert_eq!(detail["count"], 9);
    let stripe = detail["breakers"].as_array().unwrap().iter().find(|breaker| breaker["name"] == "stripe").unwrap();
    assert_eq!(stripe["failure_count"], 5);
    assert!(stripe["last_failure"].as_str().unwrap().ends_with('Z'));
}
