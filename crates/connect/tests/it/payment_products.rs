//! Products, prices and payment links at Stripe.

use gateway::{Passed, Reconciled, SendError};
use serde_json::{Value, json};

use crate::fake::{Answer, World};

const PRODUCT: &str = "stripe_create_product";
const LINK: &str = "stripe_create_payment_link";

fn product() -> Value {
    json!({"id": "prod_1", "object": "product", "name": "Fox Tee", "metadata": {"holly_key": "key1"}})
}

fn price() -> Value {
    json!({"id": "price_1", "object": "price", "product": "prod_1", "unit_amount": 2400, "currency": "usd", "active": true})
}

fn list(items: &[Value]) -> Value {
    json!({"object": "list", "data": items, "has_more": false})
}

fn params() -> Value {
    json!({"name": "Fox Tee", "description": "Soft & warm", "price_cents": 2400})
}

#[tokio::test]
async fn product_and_price_are_made_under_keys_of_one_effect() {
    let world = World::start().await;
    world.json("POST /v1/products", product());
    world.json("POST /v1/prices", price());
    let call = world.call(PRODUCT, params()).await;
    assert_eq!((call.risk.as_str(), call.business_key.as_deref()), ("medium", Some("price:Fox Tee:2400")));
    let Passed::Done(done) = world.pass(PRODUCT, &call).await else { unreachable!("not done") };
    assert_eq!(
        done.result,
        json!({"product_id": "prod_1", "product_name": "Fox Tee", "price_id": "price_1", "price_cents": 2400})
    );
    let seen = world.seen();
    assert_eq!(seen[0].body, "description=Soft+%26+warm&metadata[holly_key]=key1&name=Fox+Tee");
    assert_eq!(seen[1].body, "currency=usd&product=prod_1&unit_amount=2400");
    let keys: Vec<_> = seen.iter().map(|seen| seen.headers["idempotency-key"].as_str()).collect();
    assert_eq!(keys, ["prod_key1", "price_key1"]);
}

#[tokio::test]
async fn an_empty_description_is_left_out() {
    let world = World::start().await;
    world.json("POST /v1/products", product());
    world.json("POST /v1/prices", price());
    let call = world.call(PRODUCT, json!({"name": "Fox Tee", "price_cents": 0})).await;
    world.pass(PRODUCT, &call).await;
    assert!(!world.seen()[0].body.contains("description"));
}

#[tokio::test]
async fn a_lost_price_is_read_back_and_made_again_under_the_same_key() {
    let world = World::start().await;
    world.json("POST /v1/products", product());
    world.on("POST /v1/prices", [Answer::Json(500, json!({}))]);
    let call = world.call(PRODUCT, params()).await;
    let passed = world.pass(PRODUCT, &call).await;
    assert!(matches!(passed, Passed::Failed(SendError::Unclear { .. })), "{passed:?}");
    world.json("GET /v1/products", list(&[product()]));
    world.json("GET /v1/prices", list(&[]));
    assert!(matches!(world.reconcile(PRODUCT, "key1", &call).await, Reconciled::Absent));
    // A day later the key is forgotten: a repetition would make a second product, so a person is asked.
    assert!(matches!(world.reconcile_after(PRODUCT, "key1", &call, 86_400).await, Reconciled::NoAnswer(_)));
    world.json("GET /v1/prices", list(&[price()]));
    assert!(matches!(world.reconcile(PRODUCT, "key1", &call).await, Reconciled::Committed(_)));
    assert!(matches!(world.reconcile(PRODUCT, "other", &call).await, Reconciled::Absent));
}

#[tokio::test]
async fn a_refused_price_names_the_product_that_was_left() {
    let world = World::start().await;
    world.json("POST /v1/products", product());
    let body = json!({"error": {"type": "invalid_request_error", "param": "unit_amount", "message": "too large"}});
    world.on("POST /v1/prices", [Answer::Json(400, body)]);
    let call = world.call(PRODUCT, params()).await;
    let passed = world.pass(PRODUCT, &call).await;
    let Passed::Failed(SendError::Refused(error)) = passed else { unreachable!("{passed:?}") };
    assert_eq!((error.code, &error.details["product_id"]), ("price_not_set", &json!("prod_1")));
}

#[tokio::test]
async fn a_payment_link_is_high_risk_and_says_what_it_takes() {
    let world = World::start().await;
    world.json("GET /v1/prices/price_1", price());
    world.json(
        "POST /v1/payment_links",
        json!({"id": "plink_1", "url": "https://buy.stripe.com/test_1", "metadata": {}}),
    );
    let call = world.call(LINK, json!({"price_id": "price_1", "quantity": 2})).await;
    assert_eq!((call.risk.as_str(), call.business_key.as_deref()), ("high", None));
    assert_eq!(call.preview, "Create a public payment link for 2 x price_1: 48.00 USD");
    let Passed::Done(done) = world.pass(LINK, &call).await else { unreachable!("not done") };
    assert_eq!(done.result, json!({"payment_link_id": "plink_1", "url": "https://buy.stripe.com/test_1"}));
    let sent = world.seen().pop().unwrap();
    assert_eq!(sent.body, "line_items[0][price]=price_1&line_items[0][quantity]=2&metadata[holly_key]=key1");
    assert_eq!(sent.headers["idempotency-key"], "plink_key1");
}

#[tokio::test]
async fn a_link_for_a_price_that_cannot_be_sold_is_refused() {
    let world = World::start().await;
    let mut old = price();
    old["active"] = json!(false);
    world.json("GET /v1/prices/price_1", old);
    world.on("GET /v1/prices/price_2", [Answer::Json(404, json!({"error": {"code": "resource_missing"}}))]);
    for (id, code) in [("price_1", "price_not_active"), ("price_2", "price_not_found")] {
        assert_eq!(world.resolve(LINK, json!({"price_id": id})).await.unwrap_err().code, code);
    }
    let error = world.resolve(LINK, json!({"price_id": "price_1", "quantity": 100})).await.unwrap_err();
    assert_eq!(error.code, "invalid_params");
}

#[tokio::test]
async fn a_lost_link_is_found_by_our_key() {
    let world = World::start().await;
    world.json("GET /v1/prices/price_1", price());
    let call = world.call(LINK, json!({"price_id": "price_1"})).await;
    let link = json!({"id": "plink_1", "url": "https://buy.stripe.com/x", "metadata": {"holly_key": "key1"}});
    world.json("GET /v1/payment_links", list(&[link]));
    assert!(matches!(world.reconcile(LINK, "key1", &call).await, Reconciled::Committed(_)));
    assert!(matches!(world.reconcile(LINK, "key2", &call).await, Reconciled::Absent));
}

#[tokio::test]
async fn a_conflict_of_the_same_key_is_tried_again_and_then_left_open() {
    let world = World::start().await;
    world.json("GET /v1/prices/price_1", price());
    let call = world.call(LINK, json!({"price_id": "price_1"})).await;
    let busy = json!({"error": {"type": "idempotency_error", "code": "idempotency_key_in_use", "message": "busy"}});
    world.on("POST /v1/payment_links", [Answer::Json(409, busy)]);
    let passed = world.pass(LINK, &call).await;
    assert!(matches!(passed, Passed::Failed(SendError::Unclear { .. })), "{passed:?}");
    assert_eq!(world.count("POST", "/v1/payment_links"), 4);
}

#[tokio::test]
async fn stripes_own_word_decides_whether_a_call_is_made_again() {
    let world = World::start().await;
    world.json("GET /v1/prices/price_1", price());
    let call = world.call(LINK, json!({"price_id": "price_1"})).await;
    let no = vec![("stripe-should-retry", "false".to_owned())];
    world.on("POST /v1/payment_links", [Answer::With(500, json!({}), no)]);
    world.pass(LINK, &call).await;
    assert_eq!(world.count("POST", "/v1/payment_links"), 1);
}
