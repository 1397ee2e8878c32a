//! The printer's rate limit, shared by all calls of both versions.

use serde_json::json;

use crate::fake::{Answer, LOOK_UP, World, print_order};
use clock::Clock as _;

#[tokio::test]
async fn a_lockout_holds_up_every_call_and_no_call_is_hammered() {
    let world = World::start().await;
    let locked = Answer::With(429, json!({"code": 429, "result": "too many"}), vec![("retry-after", "60".to_owned())]);
    world.on(LOOK_UP, [locked, Answer::Json(200, print_order("pending", "19.61"))]);
    world.json("GET /v2/catalog-categories", json!({"data": []}));
    let before = world.clock.monotonic();
    let order = world.running(world.clients.printful.order("@5830137741322")).await.unwrap();
    assert_eq!(order.unwrap().status, "pending");
    assert!((world.clock.monotonic() - before).as_secs() >= 60);
    assert_eq!(world.seen().len(), 2);
}

#[tokio::test]
async fn a_printer_that_never_lets_us_is_given_up_with_its_wait() {
    let world = World::start().await;
    let reset = vec![("x-ratelimit-reset", "30".to_owned())];
    world.on(LOOK_UP, [Answer::With(429, json!({}), reset)]);
    let error = world.running(world.clients.printful.order("@5830137741322")).await.unwrap_err();
    assert_eq!((error.status(), error.certainty()), (Some(429), net::Certainty::NotDone));
    assert_eq!(world.seen().len(), 4);
}

#[tokio::test]
async fn a_count_of_none_left_makes_the_next_call_wait() {
    let world = World::start().await;
    let empty = vec![("x-ratelimit-remaining", "0".to_owned())];
    world.on("GET /v2/catalog-categories", [Answer::With(200, json!({"data": []}), empty)]);
    world.running(world.clients.printful.categories()).await.unwrap();
    let before = world.clock.monotonic();
    world.running(world.clients.printful.categories()).await.unwrap();
    assert!(world.clock.monotonic() - before >= std::time::Duration::from_millis(500));
}

#[tokio::test]
async fn shipments_are_read_to_the_last_page() {
    let world = World::start().await;
    let page = |id: u64, offset: u64| {
        Answer::Json(200, json!({"data": [{"id": id}], "paging": {"total": 2, "limit": 1, "offset": offset}}))
    };
    world.on("GET /v2/orders/7/shipments", [page(1, 0), page(2, 1)]);
    let shipments = world.running(world.clients.printful.shipments("7")).await.unwrap();
    assert_eq!(shipments.len(), 2);
    assert!(world.seen()[1].query.contains("offset=1"));
}
