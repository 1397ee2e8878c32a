//! Runs.

use api::ports::RunCursor;
use axum::body::Body;
use domain::role::Role;
use domain::run::RunStatus;
use http::header;
use serde_json::json;

use crate::app::{Answer, TestApp, builder};
use crate::engine::{CHECKPOINT, RUN};

async fn start_with_key(app: &TestApp, key: &str, body: &str) -> Answer {
    let request = builder("POST", "/tower/runs/start")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token(Role::Operator)))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key);
    app.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn a_start_is_handed_on_with_its_defaults() {
    let app = TestApp::new();
    let answer = app.post(Role::Operator, "/tower/runs/start", json!({"input_state": {"messages": ["hello"]}})).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (201, json!({"run_id": RUN, "status": "queued"})));
    let start = app.engine.starts.lock().unwrap().remove(0);
    assert_eq!(
        (start.workflow_id, start.priority, start.created_by.as_str(), start.idempotency),
        (None, 5, "api", None)
    );
    assert_eq!(start.metadata["actor"], "tester");
}

#[tokio::test]
async fn a_start_without_a_state_is_told_so() {
    let app = TestApp::new();
    for body in [json!({}), json!({"input_state": {}}), json!({"input_state": null})] {
        let error = app.post(Role::Operator, "/tower/runs/start", body).await.assert_error(400, "invalid_body");
        assert_eq!(error["error"], "input_state is required");
    }
    let error = app.post(Role::Operator, "/tower/runs/start", json!({"input_state": {"_thread_id": "x"}})).await;
    assert_eq!(error.assert_error(400, "invalid_body")["details"][0]["field"], "input_state._thread_id");
}

#[tokio::test]
async fn broken_rules_of_a_start_are_listed() {
    let app = TestApp::new();
    let body =
        json!({"input_state": {"a": 1}, "priority": 11, "metadata": {"timeout_seconds": 0, "big": "x".repeat(17_000)}});
    let error = app.post(Role::Operator, "/tower/runs/start", body).await.assert_error(422, "rule_broken");
    assert_eq!(error["violations"].as_array().unwrap().len(), 3, "{error}");
    let body = json!({"input_state": {"a": 1}, "workflow_id": "holly_action"});
    app.post(Role::Operator, "/tower/runs/start", body).await.assert_error(422, "unknown_workflow");
}

#[tokio::test]
async fn the_same_key_brings_back_the_first_run_and_another_body_is_refused() {
    let app = TestApp::new();
    assert_eq!(start_with_key(&app, "k1", r#"{"input_state":{"a":1}}"#).await.status, 201);
    assert_eq!(
        start_with_key(&app, "k1", r#"{ "input_state" : {"a":1} }"#).await.status,
        200,
        "white space changes nothing"
    );
    start_with_key(&app, "k1", r#"{"input_state":{"a":2}}"#).await.assert_error(409, "idempotency_key_reused");
    for wrong in ["", "a b", &"k".repeat(256)] {
        start_with_key(&app, wrong, r#"{"input_state":{"a":1}}"#).await.assert_error(400, "invalid_header");
    }
}

#[tokio::test]
async fn a_list_is_filtered_cut_and_can_be_gone_on_with() {
    let app = TestApp::new();
    let path = "/tower/runs?status=canceled&workflow_id=default&limit=500&offset=3&q=1042&since=2026-01-01T00:00:00Z";
    let body = app.get(Role::Viewer, path).await.json();
    assert_eq!((body["count"].as_i64(), body["next_cursor"].is_null()), (Some(1), true));
    assert_eq!((body["runs"][0]["run_id"].as_str(), body["runs"][0]["cost_usd"].as_f64()), (Some(RUN), Some(1.25)));
    let (filter, page) = app.engine.run_filters.lock().unwrap().remove(0);
    assert_eq!(
        (filter.status, filter.text.as_deref(), page.limit, page.offset),
        (Some(RunStatus::Cancelled), Some("1042"), 200, 3)
    );

    let cursor = app.get(Role::Viewer, "/tower/runs?limit=1").await.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(app.get(Role::Viewer, &format!("/tower/runs?cursor={cursor}")).await.status, 200);
    let (_, page) = app.engine.run_filters.lock().unwrap().pop().unwrap();
    assert_eq!(page.after, RunCursor::parse(&cursor));
    app.get(Role::Viewer, "/tower/runs?status=done").await.assert_error(400, "invalid_query");
}

#[tokio::test]
async fn a_run_is_shown_with_its_events_its_state_and_its_effects() {
    let app = TestApp::new();
    let unknown = "/tower/runs/run_ffffffffffffffff";
    assert_eq!(app.get(Role::Viewer, &format!("/tower/runs/{RUN}")).await.json()["status"], "waiting_approval");
    let events = app.get(Role::Viewer, &format!("/tower/runs/{RUN}/events?after_seq=1")).await.json();
    assert_eq!((events["count"].as_i64(), events["events"][0]["seq"].as_i64()), (Some(2), Some(2)));
    let snapshot = app.get(Role::Operator, &format!("/tower/runs/{RUN}/snapshot")).await.json();
    assert_eq!(snapshot["checkpoint_id"], CHECKPOINT);
    assert_eq!(app.get(Role::Viewer, &format!("/tower/runs/{RUN}/effects")).await.json()["count"], 1);
    for part in ["", "/events", "/effects"] {
        app.get(Role::Viewer, &format!("{unknown}{part}")).await.assert_error(404, "run_not_found");
    }
    for id in [unknown, "/tower/runs/nonsense"] {
        app.get(Role::Operator, &format!("{id}/snapshot")).await.assert_error(404, "snapshot_not_available");
    }
}

#[tokio::test]
async fn a_run_is_cancelled_and_held_with_or_without_a_reason() {
    let app = TestApp::new();
    let path = |action: &str| format!("/tower/runs/{RUN}/{action}");
    let cancelled = app.post(Role::Operator, &path("cancel"), json!({"reason": "twice"})).await.json();
    assert_eq!(cancelled, json!({"run_id": RUN, "status": "cancelled"}));
    assert_eq!(
        app.ask(Role::Operator, "POST", &path("pause"), None).await.json(),
        json!({"run_id": RUN, "paused": true})
    );
    assert_eq!(app.ask(Role::Operator, "POST", &path("continue"), None).await.json()["paused"], false);
    assert_eq!(*app.engine.cancels.lock().unwrap(), [("tester".to_owned(), "twice".to_owned())]);
    let long = json!({"reason": "x".repeat(501)});
    app.post(Role::Operator, &path("cancel"), long).await.assert_error(422, "rule_broken");
}
