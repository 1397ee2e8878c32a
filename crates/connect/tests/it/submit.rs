//! Printing an order.

use gateway::{Passed, Reconciled, Resolution, SendError};
use serde_json::{Value, json};

use crate::fake::{Answer, LOOK_UP, ORDER, World, fixture, not_found, print_order};

const TOOL: &str = "printful_submit_order";
const CONFIRM: &str = "/v2/orders/90000001/confirmation";

fn params(confirm: bool) -> Value {
    json!({"shopify_order_id": ORDER, "confirm": confirm})
}

async fn refusal(world: &World) -> &'static str {
    world.resolve(TOOL, params(true)).await.unwrap_err().code
}

fn shop(change: impl FnOnce(&mut Value)) -> Value {
    let mut answer = fixture("shopify_order");
    change(&mut answer["data"]["order"]);
    answer
}

#[tokio::test]
async fn a_paid_order_is_created_and_confirmed() {
    let world = World::start().await;
    world.paid_order();
    let call = world.call(TOOL, params(true)).await;
    assert_eq!(call.call["action"], "create_and_confirm");
    assert_eq!(call.call["items"], json!([{"sync_variant_id": 4_752_058_849_u64, "quantity": 1}]));
    assert_eq!(call.call["ship_to"], "Leeds, GB");
    assert_eq!(call.call["cost"], json!({"currency": "USD", "total_minor": 1961}));
    assert_eq!((call.risk.as_str(), call.margin_minor), ("medium", Some(1939)));
    assert_eq!(call.business_key.as_deref(), Some("print:5830137741322"));
    let shown = format!("{call:?}");
    assert!(!shown.contains("Ada") && !shown.contains("Sample Street"), "personal data in {shown}");

    world.json("POST /orders", fixture("printful_v1_order"));
    world.json("GET /v2/orders/90000001", print_order("draft", "19.61"));
    world.json(&format!("POST {CONFIRM}"), print_order("pending", "19.61"));
    let Passed::Done(done) = world.pass(TOOL, &call).await else { unreachable!("not done") };
    assert_eq!(done.result["status"], "pending");
    assert_eq!(done.provider_ref.as_deref(), Some("90000001"));
    let facts = done.order_facts.unwrap();
    assert_eq!((facts.fulfilment.unwrap().as_i64(), facts.print_cost_minor), (1, Some(1961)));
    assert_eq!((world.count("POST", "/orders"), world.count("POST", CONFIRM)), (1, 1));
}

#[tokio::test]
async fn an_imported_draft_is_confirmed_instead_of_a_second_order() {
    let world = World::start().await;
    world.paid_order();
    world.json(LOOK_UP, print_order("draft", "19.61"));
    world.json("GET /v2/orders/90000001", print_order("draft", "19.61"));
    world.json(&format!("POST {CONFIRM}"), print_order("pending", "19.61"));
    let call = world.call(TOOL, params(true)).await;
    assert_eq!((&call.call["action"], &call.call["printful_order_id"]), (&json!("confirm"), &json!("90000001")));
    assert!(matches!(world.pass(TOOL, &call).await, Passed::Done(_)));
    assert_eq!((world.count("POST", "/orders"), world.count("POST", CONFIRM)), (0, 1));
}

#[tokio::test]
async fn an_order_that_is_already_with_the_printer_is_settled_without_a_call() {
    for (status, fulfilment) in [("pending", 1), ("onhold", 1), ("inprocess", 2), ("partial", 3), ("fulfilled", 4)] {
        let world = World::start().await;
        world.paid_order();
        world.json(LOOK_UP, print_order(status, "19.61"));
        let Resolution::Settled { result, order_facts } = world.resolve(TOOL, params(true)).await.unwrap() else {
            unreachable!("a call for {status}")
        };
        assert_eq!(result["already_submitted"], true);
        assert_eq!(order_facts.unwrap().fulfilment.unwrap().as_i64(), fulfilment, "{status}");
    }
}

#[tokio::test]
async fn what_must_not_be_printed_is_refused_before_any_call() {
    let world = World::start().await;
    world.paid_order();
    world.json(LOOK_UP, print_order("canceled", "19.61"));
    assert_eq!(refusal(&world).await, "print_cancelled");

    let mut other = print_order("draft", "19.61");
    other["data"]["order_items"][0]["quantity"] = json!(2);
    world.json(LOOK_UP, other);
    assert_eq!(refusal(&world).await, "draft_differs");

    world.on(LOOK_UP, [not_found()]);
    world.json("POST /orders/estimate-costs", json!({"code": 200, "result": {"costs": null}}));
    assert_eq!(refusal(&world).await, "cost_unknown");

    let graphql = "POST /admin/api/2026-10/graphql.json";
    world.json(graphql, shop(|order| order["shippingAddress"] = Value::Null));
    assert_eq!(refusal(&world).await, "no_address");
    world.json(graphql, shop(|order| order["lineItems"]["nodes"][0]["unfulfilledQuantity"] = json!(0)));
    assert_eq!(refusal(&world).await, "nothing_to_print");
    world.json(graphql, json!({"data": {"order": null}}));
    assert_eq!(refusal(&world).await, "order_not_found");
    assert_eq!(world.count("POST", "/orders"), 0);
}

#[tokio::test]
async fn an_unpaid_cancelled_or_test_order_is_not_printable() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 3] = [
        ("not_paid", |order| order["displayFinancialStatus"] = json!("PENDING")),
        ("cancelled", |order| order["cancelledAt"] = json!("2026-05-28T18:04:00Z")),
        ("test", |order| order["test"] = json!(true)),
    ];
    for (reason, change) in changes {
        let world = World::start().await;
        world.paid_order();
        world.json("POST /admin/api/2026-10/graphql.json", shop(change));
        let error = world.resolve(TOOL, params(true)).await.unwrap_err();
        assert_eq!((error.code, &error.details["reason"]), ("order_not_printable", &json!(reason)));
    }
}

#[tokio::test]
async fn a_young_order_of_a_connected_store_waits_for_the_import() {
    let world = World::start().await;
    world.paid_order();
    world.json("GET /v2/stores", json!({"data": [{"id": 10, "type": "shopify", "name": "Fox"}]}));
    world.json("GET /sync/variant/@44001", fixture("printful_v1_variant"));
    let now = clock::Clock::now(&*world.clock).to_rfc3339();
    world.json("POST /admin/api/2026-10/graphql.json", shop(|order| order["createdAt"] = json!(now)));
    assert_eq!(refusal(&world).await, "not_imported_yet");
}

#[tokio::test]
async fn a_reply_lost_after_the_creation_is_unclear_and_the_look_up_settles_it() {
    let world = World::start().await;
    world.paid_order();
    let call = world.call(TOOL, params(true)).await;
    world.on("POST /orders", [Answer::Dropped]);
    let passed = world.pass(TOOL, &call).await;
    assert!(matches!(passed, Passed::Failed(SendError::Unclear { .. })), "{passed:?}");
    assert_eq!(world.count("POST", "/orders"), 1, "never sent again by itself");

    assert!(matches!(world.reconcile(TOOL, ORDER, &call).await, Reconciled::Absent));
    world.json(LOOK_UP, print_order("draft", "19.61"));
    assert!(matches!(world.reconcile(TOOL, ORDER, &call).await, Reconciled::Absent), "only the confirmation is left");
    world.json(LOOK_UP, print_order("pending", "19.61"));
    assert!(matches!(world.reconcile(TOOL, ORDER, &call).await, Reconciled::Committed(_)));
    world.json(LOOK_UP, print_order("canceled", "19.61"));
    assert!(matches!(world.reconcile(TOOL, ORDER, &call).await, Reconciled::Failed(_)));
    world.on(LOOK_UP, [Answer::Json(500, json!({}))]);
    assert!(matches!(world.reconcile(TOOL, ORDER, &call).await, Reconciled::NoAnswer(_)));
}

#[tokio::test]
async fn without_confirm_a_draft_is_the_whole_effect() {
    let world = World::start().await;
    world.paid_order();
    let call = world.call(TOOL, params(false)).await;
    assert_eq!(
        (call.call["action"].as_str(), call.business_key.as_deref()),
        (Some("create"), Some("draft:5830137741322"))
    );
    world.json("POST /orders", fixture("printful_v1_order"));
    let Passed::Done(done) = world.pass(TOOL, &call).await else { unreachable!("not done") };
    assert!(done.order_facts.is_none() && done.result["status"] == "draft");
    world.json(LOOK_UP, print_order("draft", "19.61"));
    assert!(matches!(world.reconcile(TOOL, ORDER, &call).await, Reconciled::Committed(_)));
    assert!(matches!(world.resolve(TOOL, params(false)).await.unwrap(), Resolution::Settled { .. }));
}

#[tokio::test]
async fn a_draft_that_became_dearer_is_not_confirmed() {
    let world = World::start().await;
    world.paid_order();
    let call = world.call(TOOL, params(true)).await;
    world.json("POST /orders", fixture("printful_v1_order"));
    world.json("GET /v2/orders/90000001", print_order("draft", "21.00"));
    let passed = world.pass(TOOL, &call).await;
    let Passed::Failed(SendError::Refused(error)) = passed else { unreachable!("{passed:?}") };
    assert_eq!(error.code, "cost_changed");
    assert_eq!(world.count("POST", CONFIRM), 0);
}

#[tokio::test]
async fn a_cost_still_being_calculated_is_waited_for_and_then_given_up() {
    let world = World::start().await;
    world.paid_order();
    let call = world.call(TOOL, params(true)).await;
    world.json("POST /orders", fixture("printful_v1_order"));
    let mut calculating = print_order("draft", "0.00");
    calculating["data"]["costs"]["calculation_status"] = json!("calculating");
    world.json("GET /v2/orders/90000001", calculating);
    let passed = world.pass(TOOL, &call).await;
    let Passed::Failed(SendError::Refused(error)) = passed else { unreachable!("{passed:?}") };
    assert_eq!(error.code, "cost_unknown");
    assert_eq!((world.count("GET", "/v2/orders/90000001"), world.count("POST", CONFIRM)), (5, 0));
}

#[tokio::test]
async fn a_refusal_because_the_order_exists_leads_to_the_existing_one() {
    let world = World::start().await;
    world.paid_order();
    let call = world.call(TOOL, params(true)).await;
    world.on(LOOK_UP, [not_found(), Answer::Json(200, print_order("draft", "19.61"))]);
    world.on("POST /orders", [Answer::Json(400, fixture("printful_v1_error"))]);
    world.json("GET /v2/orders/90000001", print_order("draft", "19.61"));
    world.json(&format!("POST {CONFIRM}"), print_order("pending", "19.61"));
    assert!(matches!(world.pass(TOOL, &call).await, Passed::Done(_)));
}
