//! Orders, effects and checkpoints.

use domain::role::Role;
use serde_json::json;

use crate::app::TestApp;
use crate::engine::{EFFECT, RUN};

#[tokio::test]
async fn an_order_comes_with_everything_that_was_done_for_it() {
    let app = TestApp::new();
    for id in ["5830137741322", "shopify:5830137741322"] {
        let body = app.get(Role::Viewer, &format!("/orders/{id}")).await.json();
        assert_eq!(
            (body["order"]["order_name"].as_str(), body["runs"][0]["run_id"].as_str()),
            (Some("#1042"), Some(RUN))
        );
        assert_eq!(
            (body["effects"][0]["effect_id"].as_str(), body["tickets"][0]["id"].as_i64()),
            (Some(EFFECT), Some(42))
        );
    }
    app.get(Role::Viewer, "/orders/1").await.assert_error(404, "order_not_found");
    let list = app.get(Role::Viewer, "/orders?q=1042").await.json();
    assert_eq!((list["count"].as_i64(), list["orders"][0]["payment"].as_str()), (Some(1), Some("paid")));
    let next = app.get(Role::Viewer, "/orders?limit=1").await.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(app.get(Role::Viewer, &format!("/orders?cursor={next}")).await.status, 200);
    app.get(Role::Viewer, "/orders?cursor=nonsense").await.assert_error(400, "invalid_query");
}

#[tokio::test]
async fn an_effect_is_shown_and_an_unknown_thread_has_no_checkpoints() {
    let app = TestApp::new();
    assert_eq!(app.get(Role::Viewer, &format!("/tower/effects/{EFFECT}")).await.json()["status"], "prepared");
    app.get(Role::Viewer, &format!("/tower/effects/{}", "f".repeat(32))).await.assert_error(404, "effect_not_found");
    let body = app.get(Role::Operator, "/executions/nobody/checkpoints").await.json();
    assert_eq!(body, json!({"thread_id": "nobody", "checkpoints": []}));
    app.get(Role::Viewer, "/executions/nobody/checkpoints").await.assert_error(403, "forbidden");
}
