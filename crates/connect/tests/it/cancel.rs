//! Stopping a print.

use std::sync::Arc;

use clock::ManualClock;
use gateway::{Passed, Reconciled, Resolution, SendError};
use serde_json::json;

use crate::fake::{Answer, LOOK_UP, ORDER, World, clients, fixture, not_found, print_order};

const TOOL: &str = "printful_cancel_order";

#[tokio::test]
async fn a_pending_print_is_cancelled() {
    let world = World::start().await;
    world.json(LOOK_UP, print_order("pending", "19.61"));
    let call = world.call(TOOL, json!({"shopify_order_id": format!("gid://shopify/Order/{ORDER}")})).await;
    assert_eq!(call.business_key.as_deref(), Some("cancel_print:5830137741322"));
    let mut answer = fixture("printful_v1_order");
    answer["result"]["status"] = json!("canceled");
    world.json("DELETE /orders/@5830137741322", answer);
    let Passed::Done(done) = world.pass(TOOL, &call).await else { unreachable!("not done") };
    assert_eq!((&done.result["status"], done.order_facts.unwrap().print_cancelled), (&json!("canceled"), Some(true)));
}

#[tokio::test]
async fn nothing_there_or_a_draft_needs_no_call_and_a_running_print_cannot_be_stopped() {
    let world = World::start().await;
    let params = json!({"shopify_order_id": ORDER});
    world.on(LOOK_UP, [not_found()]);
    let Resolution::Settled { result, .. } = world.resolve(TOOL, params.clone()).await.unwrap() else { unreachable!() };
    assert_eq!(result, json!({"found": false}));
    world.json(LOOK_UP, print_order("draft", "19.61"));
    let Resolution::Settled { result, .. } = world.resolve(TOOL, params.clone()).await.unwrap() else { unreachable!() };
    assert_eq!(result["status"], "draft");
    world.json(LOOK_UP, print_order("inprocess", "19.61"));
    assert_eq!(world.resolve(TOOL, params).await.unwrap_err().code, "not_cancellable");
}

#[tokio::test]
async fn a_lost_reply_is_settled_by_looking() {
    let world = World::start().await;
    world.json(LOOK_UP, print_order("pending", "19.61"));
    let call = world.call(TOOL, json!({"shopify_order_id": ORDER})).await;
    world.on("DELETE /orders/@5830137741322", [Answer::Dropped]);
    assert!(matches!(world.pass(TOOL, &call).await, Passed::Failed(SendError::Unclear { .. })));
    assert!(matches!(world.reconcile(TOOL, ORDER, &call).await, Reconciled::Absent));
    world.json(LOOK_UP, print_order("canceled", "19.61"));
    assert!(matches!(world.reconcile(TOOL, ORDER, &call).await, Reconciled::Committed(_)));
    world.json(LOOK_UP, print_order("inprocess", "19.61"));
    assert!(matches!(world.reconcile(TOOL, ORDER, &call).await, Reconciled::Failed(_)));
}

#[tokio::test]
async fn a_refused_connection_sends_nothing() {
    let mut world = World::start().await;
    world.json(LOOK_UP, print_order("pending", "19.61"));
    let call = world.call(TOOL, json!({"shopify_order_id": ORDER})).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dead = clients(port, &Arc::new(ManualClock::at_epoch())).printful;
    world.tools = vec![Arc::new(connect::tools::CancelOrder::new(dead))];
    let passed = world.pass(TOOL, &call).await;
    assert!(matches!(passed, Passed::Failed(SendError::NotSent { .. })), "{passed:?}");
}

#[tokio::test]
async fn a_call_put_off_by_the_rate_limit_may_be_made_again() {
    let world = World::start().await;
    world.json(LOOK_UP, print_order("pending", "19.61"));
    let call = world.call(TOOL, json!({"shopify_order_id": ORDER})).await;
    let body = json!({"code": 429, "result": "Too many requests", "error": {"reason": "TooManyRequests", "message": "slow down"}});
    world.on("DELETE /orders/@5830137741322", [Answer::Json(429, body)]);
    let passed = world.pass(TOOL, &call).await;
    assert!(matches!(passed, Passed::Failed(SendError::NotSent { .. })), "{passed:?}");
    assert_eq!(world.count("DELETE", "/orders/@5830137741322"), 1);
}
