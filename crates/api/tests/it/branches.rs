//! Runs that are done again.

use domain::role::Role;
use domain::run::RunStatus;
use serde_json::json;

use crate::app::TestApp;
use crate::engine::{CHECKPOINT, RUN};

fn path(action: &str) -> String {
    format!("/tower/runs/{RUN}/{action}")
}

#[tokio::test]
async fn a_retry_is_made_once_for_its_key() {
    let app = TestApp::new();
    let body = json!({"key": "k1", "checkpoint_id": CHECKPOINT});
    let first = app.post(Role::Operator, &path("retry"), body.clone()).await;
    assert_eq!((first.status.as_u16(), first.json()), (201, json!({"run_id": RUN, "status": "queued"})));
    assert_eq!(app.post(Role::Operator, &path("retry"), body).await.status, 200);
    assert_eq!(app.post(Role::Operator, &path("retry"), json!({"key": "k2"})).await.status, 201);
    let retries = app.engine.retries.lock().unwrap();
    assert_eq!((retries[0].key.as_str(), retries[2].checkpoint_id.is_none()), ("k1", true));
}

#[tokio::test]
async fn only_what_has_ended_is_retried_and_only_from_its_own_checkpoints() {
    let app = TestApp::new();
    let unknown = json!({"key": "k", "checkpoint_id": "cp_ffffffffffff"});
    app.post(Role::Operator, &path("retry"), unknown).await.assert_error(404, "checkpoint_not_found");
    let elsewhere = "/tower/runs/run_ffffffffffffffff/retry";
    app.post(Role::Operator, elsewhere, json!({"key": "k"})).await.assert_error(404, "run_not_found");
    for key in ["", "a b", "ü", &"k".repeat(256)] {
        app.post(Role::Operator, &path("retry"), json!({"key": key})).await.assert_error(422, "rule_broken");
    }
    *app.engine.status.lock().unwrap() = Some(RunStatus::Running);
    app.post(Role::Operator, &path("retry"), json!({"key": "k"})).await.assert_error(409, "run_not_ended");
}

#[tokio::test]
async fn a_fork_replaces_what_is_named_and_nothing_of_the_engine() {
    let app = TestApp::new();
    let body = |state| json!({"checkpoint_id": CHECKPOINT, "state": state});
    let forked = app.post(Role::Operator, &path("fork"), body(json!({"messages": ["again"], "error": ""}))).await;
    assert_eq!((forked.status.as_u16(), forked.json()), (201, json!({"run_id": RUN, "status": "queued"})));
    let state = app.engine.forks.lock().unwrap().pop().unwrap();
    assert_eq!(state["messages"], json!([{"type": "human", "content": "again"}]));

    let owned = body(json!({"_budget_tracker": {}, "_x": 1, "error": ""}));
    let refused = app.post(Role::Operator, &path("fork"), owned).await.assert_error(422, "rule_broken");
    assert_eq!(refused["violations"].as_array().map(Vec::len), Some(2));
    assert!(refused["error"].as_str().unwrap().contains("state._budget_tracker"));
    app.post(Role::Operator, &path("fork"), body(json!({"messages": 1}))).await.assert_error(400, "invalid_body");
    let unknown = json!({"checkpoint_id": "cp_ffffffffffff", "state": {}});
    app.post(Role::Operator, &path("fork"), unknown).await.assert_error(404, "checkpoint_not_found");
    *app.engine.status.lock().unwrap() = Some(RunStatus::WaitingApproval);
    app.post(Role::Operator, &path("fork"), body(json!({}))).await.assert_error(409, "run_not_ended");
}
