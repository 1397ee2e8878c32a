//! Jobs and dead letters over HTTP.

use domain::role::Role;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn a_job_is_fired_by_hand_once_and_says_so_in_words() {
    let app = TestApp::new();
    let fired = app.ask(Role::Operator, "POST", "/scheduler/trigger/order_check", None).await;
    assert_eq!((fired.status.as_u16(), fired.json()), (200, json!({"status": "triggered", "job_id": "order_check"})));
    let again = app.ask(Role::Operator, "POST", "/scheduler/trigger/daily_revenue", None).await;
    assert_eq!((again.status.as_u16(), again.json()["status"].clone()), (409, json!("already_running")));
    let unknown = app.ask(Role::Operator, "POST", "/scheduler/trigger/nothing", None).await;
    assert_eq!((unknown.status.as_u16(), unknown.json()["status"].clone()), (404, json!("not_found")));
    assert_eq!(unknown.json()["job_id"], "nothing");
    let viewer = app.ask(Role::Viewer, "POST", "/scheduler/trigger/order_check", None).await;
    assert_eq!(viewer.status.as_u16(), 403);
}

#[tokio::test]
async fn a_retry_says_what_became_of_it() {
    let app = TestApp::new();
    let failed = app.ask(Role::Operator, "POST", "/scheduler/dlq/1/retry", None).await;
    assert_eq!((failed.status.as_u16(), failed.json()["status"].clone()), (500, json!("failed")));
    assert_eq!(failed.json()["error"], "Retry failed");
    let waits = app.ask(Role::Operator, "POST", "/scheduler/dlq/2/retry", None).await;
    assert_eq!((waits.status.as_u16(), waits.json()["run_id"].clone()), (202, json!("run_0123456789abcdef")));
    let done = app.ask(Role::Operator, "POST", "/scheduler/dlq/3/retry", None).await;
    assert_eq!((done.status.as_u16(), done.json()["status"].clone()), (200, json!("resolved")));
    for path in ["/scheduler/dlq/9/retry", "/scheduler/dlq/0/retry", "/scheduler/dlq/x/retry"] {
        assert_eq!(app.ask(Role::Operator, "POST", path, None).await.status.as_u16(), 404, "{path}");
    }
}
