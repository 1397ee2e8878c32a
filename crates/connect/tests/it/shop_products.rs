//! Making a product: once, as a draft, and never sold for nothing.

use gateway::{Passed, Reconciled, Resolution, SendError};
use serde_json::{Value, json};

use crate::fake::{Answer, GRAPHQL, World};

const TOOL: &str = "shopify_create_product";
const GID: &str = "gid://shopify/Product/77";

fn ok(data: Value) -> Answer {
    Answer::Json(200, json!({"data": data}))
}

/// What a search finds.
fn found(products: &[Value]) -> Answer {
    let edges: Vec<_> = products.iter().map(|node| json!({"node": node})).collect();
    ok(json!({"products": {"edges": edges}}))
}

fn product(title: &str, tag: &str, status: &str, price: &str) -> Value {
    json!({"id": GID, "title": title, "status": status, "tags": [tag],
        "variants": {"nodes": [{"id": "gid://shopify/ProductVariant/78", "price": price}]}})
}

fn created() -> Answer {
    let product = json!({"id": GID, "title": "Fox Tee", "status": "DRAFT",
        "variants": {"nodes": [{"id": "gid://shopify/ProductVariant/78"}]}});
    ok(json!({"productCreate": {"product": product, "userErrors": []}}))
}

fn priced() -> Answer {
    let variants = json!([{"id": "gid://shopify/ProductVariant/78", "price": "24.00"}]);
    ok(json!({"productVariantsBulkUpdate": {"productVariants": variants, "userErrors": []}}))
}

fn price_refused() -> Answer {
    let problem = json!({"field": ["variants", "0", "price"], "message": "too dear", "code": "INVALID"});
    ok(json!({"productVariantsBulkUpdate": {"productVariants": null, "userErrors": [problem]}}))
}

fn params() -> Value {
    json!({"title": "Fox Tee", "description": "<p>Soft.</p><script>x</script>", "price": "24"})
}

/// The roots of what was asked, with their variables.
fn asked(world: &World) -> Vec<(String, Value)> {
    let roots = ["productCreate", "productVariantsBulkUpdate", "products("];
    let body = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let root =
        |query: &str| roots.into_iter().find(|root| query.contains(root)).unwrap().trim_end_matches('(').to_owned();
    let seen = world.seen().into_iter().map(|seen| body(&seen.body));
    seen.map(|body| (root(body["query"].as_str().unwrap()), body["variables"].clone())).collect()
}

async fn resolved(world: &World) -> gateway::Resolved {
    world.on(GRAPHQL, [found(&[])]);
    world.call(TOOL, params()).await
}

#[tokio::test]
async fn a_draft_is_made_with_our_tag_and_then_priced() {
    let world = World::start().await;
    let call = resolved(&world).await;
    assert_eq!((call.risk.as_str(), call.business_key.as_deref()), ("medium", Some("product:Fox Tee")));
    assert_eq!(
        call.call,
        json!({"title": "Fox Tee", "description_html": "<p>Soft.</p>", "price": "24.00", "status": "DRAFT"})
    );
    world.on(GRAPHQL, [found(&[]), found(&[]), created(), priced()]);
    let Passed::Done(done) = world.pass(TOOL, &call).await else { unreachable!("not done") };
    assert_eq!(done.result, json!({"id": GID, "title": "Fox Tee", "status": "DRAFT"}));
    let asked = asked(&world);
    let roots: Vec<_> = asked.iter().map(|(root, _)| root.as_str()).collect();
    assert_eq!(roots, ["products", "products", "products", "productCreate", "productVariantsBulkUpdate"]);
    assert_eq!(asked[0].1["query"], "title:'Fox Tee'");
    assert_eq!(asked[1].1["query"], "tag:'holly-key1'");
    assert_eq!(
        asked[3].1["product"],
        json!({"title": "Fox Tee", "descriptionHtml": "<p>Soft.</p>", "status": "DRAFT", "tags": ["holly-key1"]})
    );
    assert_eq!(
        asked[4].1,
        json!({"productId": GID, "variants": [{"id": "gid://shopify/ProductVariant/78", "price": "24.00"}]})
    );
}

#[tokio::test]
async fn a_product_of_exactly_this_title_prevents_a_second_one() {
    let world = World::start().await;
    world
        .on(GRAPHQL, [found(&[product("Fox Tee XL", "", "ACTIVE", "9.00"), product("Fox Tee", "", "ACTIVE", "9.00")])]);
    let resolution = world.resolve(TOOL, params()).await.unwrap();
    let Resolution::Settled { result, .. } = resolution else { unreachable!("{resolution:?}") };
    assert_eq!(result, json!({"id": GID, "title": "Fox Tee", "status": "ACTIVE", "_duplicate_prevented": true}));
    world.on(GRAPHQL, [found(&[product("Fox Tee XL", "", "ACTIVE", "9.00")])]);
    assert!(matches!(world.resolve(TOOL, params()).await.unwrap(), Resolution::Call(_)), "the search is fuzzy");
}

#[tokio::test]
async fn one_that_turned_up_since_the_approval_prevents_a_second_one_too() {
    let world = World::start().await;
    let call = resolved(&world).await;
    world.on(GRAPHQL, [found(&[]), found(&[product("Fox Tee", "", "ACTIVE", "9.00")])]);
    let Passed::Done(done) = world.pass(TOOL, &call).await else { unreachable!("not done") };
    assert_eq!(done.result["_duplicate_prevented"], true);
    assert!(asked(&world).iter().all(|(root, _)| root == "products"));
}

#[tokio::test]
async fn a_failed_price_step_is_unclear_and_is_finished_alone() {
    let world = World::start().await;
    let call = resolved(&world).await;
    world.on(GRAPHQL, [found(&[]), found(&[]), created(), Answer::Json(500, json!({}))]);
    let passed = world.pass(TOOL, &call).await;
    assert!(matches!(passed, Passed::Failed(SendError::Unclear { .. })), "{passed:?}");
    // Reading back finds the draft without its price: not done yet.
    let unpriced = product("Fox Tee", "holly-key1", "DRAFT", "0.00");
    world.on(GRAPHQL, [found(std::slice::from_ref(&unpriced))]);
    assert!(matches!(world.reconcile(TOOL, "key1", &call).await, Reconciled::Absent));
    // The gateway resolves again before it lets the call go: our own draft is no duplicate.
    assert!(matches!(world.resolve(TOOL, params()).await.unwrap(), Resolution::Call(_)));
    world.on(GRAPHQL, [found(&[unpriced]), priced()]);
    let Passed::Done(done) = world.pass(TOOL, &call).await else { unreachable!("not done") };
    assert_eq!(done.result["status"], "DRAFT");
    let made = asked(&world).iter().filter(|(root, _)| root == "productCreate").count();
    assert_eq!(made, 1);
    world.on(GRAPHQL, [found(&[product("Fox Tee", "holly-key1", "DRAFT", "24.00")])]);
    assert!(matches!(world.reconcile(TOOL, "key1", &call).await, Reconciled::Committed(_)));
}

#[tokio::test]
async fn a_price_that_is_refused_again_ends_in_a_failure_and_a_draft() {
    let world = World::start().await;
    let call = resolved(&world).await;
    world.on(GRAPHQL, [found(&[]), found(&[]), created(), price_refused()]);
    assert!(matches!(world.pass(TOOL, &call).await, Passed::Failed(SendError::Unclear { .. })));
    world.on(GRAPHQL, [found(&[product("Fox Tee", "holly-key1", "DRAFT", "0.00")]), price_refused()]);
    let passed = world.pass(TOOL, &call).await;
    let Passed::Failed(SendError::Refused(error)) = passed else { unreachable!("{passed:?}") };
    assert_eq!((error.code, &error.details["product_id"]), ("price_not_set", &json!(GID)));
}

#[tokio::test]
async fn a_lost_answer_is_not_taken_for_absence_before_the_search_has_caught_up() {
    let world = World::start().await;
    let call = resolved(&world).await;
    world.on(GRAPHQL, [found(&[]), found(&[]), Answer::Dropped]);
    assert!(matches!(world.pass(TOOL, &call).await, Passed::Failed(SendError::Unclear { .. })));
    world.on(GRAPHQL, [found(&[])]);
    assert!(matches!(world.reconcile_after(TOOL, "key1", &call, 5).await, Reconciled::NoAnswer(_)));
    assert!(matches!(world.reconcile_after(TOOL, "key1", &call, 60).await, Reconciled::Absent));
}

#[tokio::test]
async fn an_error_of_the_shop_itself_leaves_open_whether_a_draft_was_made() {
    let failed = json!([{"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]);
    let denied = json!([{"message": "no", "path": ["productCreate", "product", "variants"],
        "extensions": {"code": "ACCESS_DENIED"}}]);
    let made = json!({"productCreate": {"product": {"id": GID, "variants": null}, "userErrors": []}});
    for (data, errors) in [(json!({"productCreate": null}), failed), (made, denied)] {
        let world = World::start().await;
        let call = resolved(&world).await;
        let answer = Answer::Json(200, json!({"data": data, "errors": errors}));
        world.on(GRAPHQL, [found(&[]), found(&[]), answer]);
        let passed = world.pass(TOOL, &call).await;
        assert!(matches!(passed, Passed::Failed(SendError::Unclear { .. })), "{passed:?}");
    }
}

#[tokio::test]
async fn a_refused_title_is_told_with_its_field() {
    let world = World::start().await;
    let call = resolved(&world).await;
    let problem = json!({"field": ["title"], "message": "is too long"});
    let refused = ok(json!({"productCreate": {"product": null, "userErrors": [problem]}}));
    world.on(GRAPHQL, [found(&[]), found(&[]), refused]);
    let passed = world.pass(TOOL, &call).await;
    let Passed::Failed(SendError::Refused(error)) = passed else { unreachable!("{passed:?}") };
    assert_eq!((error.code, &error.details["field"]), ("upstream_invalid", &json!("title")));
}

#[tokio::test]
async fn a_dear_product_is_high_risk_and_a_price_that_is_none_is_refused() {
    let world = World::start().await;
    world.on(GRAPHQL, [found(&[])]);
    let call = world.call(TOOL, json!({"title": "Coat", "price": "100.01"})).await;
    assert_eq!((call.risk.as_str(), call.risk_flags), ("high", vec!["price:high".to_owned()]));
    for price in ["1e2", "-1.00", "1.005", "free"] {
        let error = world.resolve(TOOL, json!({"title": "Coat", "price": price})).await.unwrap_err();
        assert_eq!(error.code, "invalid_params", "{price}");
    }
}

#[tokio::test]
async fn a_throttled_change_is_sent_again_because_it_was_not_done() {
    let world = World::start().await;
    let call = resolved(&world).await;
    let throttled = json!({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": {"requestedQueryCost": 10.0, "throttleStatus":
            {"maximumAvailable": 1000.0, "currentlyAvailable": 0.0, "restoreRate": 100.0}}}});
    world.on(GRAPHQL, [found(&[]), found(&[]), Answer::Json(200, throttled), created(), priced()]);
    assert!(matches!(world.pass(TOOL, &call).await, Passed::Done(_)));
}
