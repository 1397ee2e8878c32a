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
