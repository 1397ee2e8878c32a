//! Giving money back.

use gateway::{Passed, Reconciled, SendError};
use serde_json::{Value, json};

use crate::fake::{Answer, World};

const TOOL: &str = "stripe_refund";

fn charge(metadata: Value) -> Value {
    json!({"id": "ch_1", "object": "charge", "amount": 3900, "amount_refunded": 900, "currency": "usd", "status": "succeeded",
        "paid": true, "metadata": metadata})
}

fn refund() -> Value {
    json!({"id": "re_1", "object": "refund", "amount": 3000, "currency": "usd", "status": "succeeded", "metadata": {"holly_key": "key1"}})
}

#[tokio::test]
async fn what_is_left_is_refunded_under_a_key() {
    let world = World::start().await;
    world.json("GET /v1/charges/ch_1", charge(json!({})));
    world.json("POST /v1/refunds", refund());
    let call = world.call(TOOL, json!({"charge_id": "ch_1", "reason": "duplicate"})).await;
    assert_eq!(call.call, json!({"charge_id": "ch_1", "amount_cents": 3000, "currency": "usd", "reason": "duplicate"}));
    assert_eq!((call.risk.as_str(), call.margin_minor), ("high", Some(-3000)));
    let Passed::Done(done) = world.pass(TOOL, &call).await else { unreachable!("not done") };
    assert_eq!(done.result["amount_cents"], 3000);
    let seen = world.seen().pop().unwrap();
    assert_eq!(seen.headers["idempotency-key"], "refund_key1");
    assert_eq!(seen.body, "amount=3000&charge=ch_1&metadata[holly_key]=key1&reason=duplicate");
}

#[tokio::test]
async fn a_lost_reply_is_repeated_with_the_same_key() {
    let world = World::start().await;
    world.json("GET /v1/charges/ch_1", charge(json!({})));
    world.on("POST /v1/refunds", [Answer::Dropped, Answer::Json(200, refund())]);
    let call = world.call(TOOL, json!({"charge_id": "ch_1"})).await;
    assert!(matches!(world.pass(TOOL, &call).await, Passed::Done(_)));
    let keys: Vec<_> = world
        .seen()
        .into_iter()
        .filter(|seen| seen.method == "POST")
        .map(|seen| seen.headers["idempotency-key"].clone())
        .collect();
    assert_eq!(keys, ["refund_key1", "refund_key1"]);
}

#[tokio::test]
async fn reading_back_finds_our_refund_by_its_key() {
    let world = World::start().await;
    world.json("GET /v1/charges/ch_1", charge(json!({})));
    let call = world.call(TOOL, json!({"charge_id": "ch_1"})).await;
    world.json("GET /v1/refunds", json!({"object": "list", "data": [refund()], "has_more": false}));
    assert!(matches!(world.reconcile(TOOL, "key1", &call).await, Reconciled::Committed(_)));
    assert!(matches!(world.reconcile(TOOL, "other", &call).await, Reconciled::Absent));
}

#[tokio::test]
async fn refunds_that_make_no_sense_are_refused_before_any_call() {
    let world = World::start().await;
    for (metadata, amount, code) in [
        (json!({"shopify_order_id": "1"}), 1, "refund_in_shopify"),
        (json!({}), 3001, "amount_too_large"),
        (json!({}), 0, "invalid_params"),
    ] {
        world.json("GET /v1/charges/ch_1", charge(metadata));
        let params = json!({"charge_id": "ch_1", "amount_cents": amount});
        assert_eq!(world.resolve(TOOL, params).await.unwrap_err().code, code);
    }
}

#[tokio::test]
async fn stripes_own_refusal_is_told_with_its_code() {
    let world = World::start().await;
    world.json("GET /v1/charges/ch_1", charge(json!({})));
    let call = world.call(TOOL, json!({"charge_id": "ch_1"})).await;
    let body = json!({"error": {"type": "invalid_request_error", "code": "charge_disputed", "message": "disputed"}});
    world.on("POST /v1/refunds", [Answer::Json(400, body)]);
    let passed = world.pass(TOOL, &call).await;
    let Passed::Failed(SendError::Refused(error)) = passed else { unreachable!("{passed:?}") };
    assert!(error.message.contains("charge_disputed"));
}
