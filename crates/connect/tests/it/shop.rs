//! The shop's client.

use std::time::Duration;

use chrono::DateTime;
use clock::Clock;
use connect::ConnectError;
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::fake::{Answer, GRAPHQL, ORDER, World, fixture};

fn variables(body: &str) -> Value {
    serde_json::from_str::<Value>(body).unwrap()["variables"].clone()
}

#[tokio::test]
async fn a_throttled_query_waits_for_the_bucket_and_is_asked_again() {
    let world = World::start().await;
    world.on(GRAPHQL, [Answer::Json(200, fixture("shopify_throttled")), Answer::Json(200, fixture("shopify_order"))]);
    let before = world.clock.monotonic();
    let order = world.running(world.clients.shopify.order(ORDER)).await.unwrap();
    assert!(order.is_some());
    // 40 points at 10 a second.
    assert!((world.clock.monotonic() - before).as_secs_f64() >= 4.0);
}

#[tokio::test]
async fn a_call_that_is_dropped_gives_its_points_back() {
    let world = World::start().await;
    let shopify = &world.clients.shopify;
    world.json(GRAPHQL, fixture("shopify_order"));
    // Some are dropped while their answer is awaited, the others while they wait for their points.
    for _ in 0..20 {
        assert!(shopify.order(ORDER).now_or_never().is_none());
    }
    let mut full = fixture("shopify_order");
    full["extensions"] = json!({"cost": {"requestedQueryCost": 100.0, "throttleStatus":
        {"maximumAvailable": 1000.0, "currentlyAvailable": 1000.0, "restoreRate": 100.0}}});
    world.json(GRAPHQL, full);
    world.running(shopify.order(ORDER)).await.unwrap();
    // The bucket is full, so that nothing has to wait: the clock stands still.
    let at_once = tokio::time::timeout(Duration::from_secs(20), shopify.order(ORDER)).await;
    assert!(at_once.unwrap().unwrap().is_some());
}

#[tokio::test]
async fn an_error_inside_an_answer_of_status_200_is_an_error() {
    let world = World::start().await;
    world.json(
        GRAPHQL,
        json!({"data": {"order": null}, "errors": [{"message": "no scope", "extensions": {"code": "ACCESS_DENIED"}}]}),
    );
    let error = world.running(world.clients.shopify.order(ORDER)).await.unwrap_err();
    assert!(matches!(&error, ConnectError::Api { code, .. } if code == "ACCESS_DENIED"), "{error:?}");
    assert_eq!(world.seen().len(), 1);
}

#[tokio::test]
async fn all_pages_of_the_lines_are_read() {
    let world = World::start().await;
    let mut first = fixture("shopify_order");
    first["data"]["order"]["lineItems"]["pageInfo"] = json!({"hasNextPage": true, "endCursor": "c1"});
    world.on(GRAPHQL, [Answer::Json(200, first), Answer::Json(200, fixture("shopify_order"))]);
    let order = world.running(world.clients.shopify.order(ORDER)).await.unwrap().unwrap();
    assert_eq!(order.lines.len(), 2);
    let seen = world.seen();
    assert_eq!(variables(&seen[1].body), json!({"id": "gid://shopify/Order/5830137741322", "after": "c1"}));
    assert_eq!(seen[0].headers["x-shopify-access-token"], "shpat_fake");
}

#[tokio::test]
async fn changed_orders_are_read_page_by_page_with_the_time_as_a_variable() {
    let world = World::start().await;
    let node = |id: u64| {
        json!({"node": {"id": format!("gid://shopify/Order/{id}"), "legacyResourceId": id.to_string(), "name": "#1",
        "displayFinancialStatus": "PARTIALLY_REFUNDED", "test": true,
        "totalPriceSet": {"shopMoney": {"amount": "39.0", "currencyCode": "USD"}},
        "totalRefundedSet": {"shopMoney": {"amount": "5.0", "currencyCode": "USD"}}}})
    };
    let page = |id, more: bool| json!({"data": {"orders": {"edges": [node(id)], "pageInfo": {"hasNextPage": more, "endCursor": "c"}}}});
    world.on(GRAPHQL, [Answer::Json(200, page(1, true)), Answer::Json(200, page(2, false))]);
    let since = DateTime::parse_from_rfc3339("2026-05-28T18:00:00Z").unwrap().to_utc();
    let orders = world.running(world.clients.shopify.orders_since(since)).await.unwrap();
    let facts = orders[1].facts(since).unwrap();
    assert_eq!(
        (facts.order_key.as_str(), facts.payment.unwrap().as_i64(), facts.refunded_minor),
        ("shopify:2", 4, Some(500))
    );
    assert_eq!((facts.is_test, facts.item_count), (Some(true), None));
    let query = &variables(&world.seen()[0].body)["query"];
    assert_eq!(query, "updated_at:>='2026-05-28T18:00:00Z'");
}

#[tokio::test]
async fn a_frozen_shop_is_final() {
    let world = World::start().await;
    world.on(GRAPHQL, [Answer::Json(402, json!({"errors": "Unavailable Shop"}))]);
    let error = world.running(world.clients.shopify.orders(1)).await.unwrap_err();
    assert!(matches!(&error, ConnectError::Api { status: 402, message, .. } if message == "Unavailable Shop"));
    assert_eq!(world.seen().len(), 1);
}
