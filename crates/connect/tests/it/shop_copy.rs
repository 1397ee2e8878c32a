//! Product texts: read, scored, replaced, and put back.

use gateway::{Passed, Reconciled, Resolution};
use serde_json::{Value, json};

use crate::fake::{Answer, GRAPHQL, World};

const TOOL: &str = "shopify_update_description";
const GID: &str = "gid://shopify/Product/77";

fn says(html: &str) -> Answer {
    Answer::Json(200, json!({"data": {"product": {"id": GID, "title": "Fox Tee", "descriptionHtml": html}}}))
}

fn updated(html: &str) -> Answer {
    let product = json!({"id": GID, "title": "Fox Tee", "descriptionHtml": html});
    Answer::Json(200, json!({"data": {"productUpdate": {"product": product, "userErrors": []}}}))
}

fn params(html: &str) -> Value {
    json!({"product_id": GID, "description_html": html})
}

#[tokio::test]
async fn only_clean_copy_is_sent_and_the_old_text_is_kept() {
    let world = World::start().await;
    world.on(GRAPHQL, [says("<div>Old</div>"), updated("<p>New</p>")]);
    let call = world.call(TOOL, params("<p onclick=x>New</p><script>alert(1)</script>")).await;
    assert_eq!(
        call.call,
        json!({"product_id": GID, "title": "Fox Tee", "description_html": "<p>New</p>", "previous_html": "<div>Old</div>"})
    );
    assert_eq!((call.risk.as_str(), world.tool(TOOL).spec().goal_level), ("medium", Some(5)));
    let Passed::Done(done) = world.pass(TOOL, &call).await else { unreachable!("not done") };
    assert_eq!(done.result, json!({"id": GID, "title": "Fox Tee", "description_updated": true}));
    assert_eq!(done.undo, Some(json!({"tool": TOOL, "params": params("<div>Old</div>")})));
    let sent: Value = serde_json::from_str(&world.seen().pop().unwrap().body).unwrap();
    assert_eq!(sent["variables"], json!({"product": {"id": GID, "descriptionHtml": "<p>New</p>"}}));
}

#[tokio::test]
async fn a_text_that_is_there_already_is_not_sent() {
    let world = World::start().await;
    world.on(GRAPHQL, [says("<p class=\"x\">New</p>")]);
    let resolution = world.resolve(TOOL, params("<p>New</p>")).await.unwrap();
    let Resolution::Settled { result, .. } = resolution else { unreachable!("{resolution:?}") };
    assert_eq!((&result["description_updated"], &result["unchanged"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn copy_without_words_and_products_that_are_not_there_are_refused() {
    let world = World::start().await;
    world.on(GRAPHQL, [Answer::Json(200, json!({"data": {"product": null}}))]);
    for (html, code) in [("<p>Text</p>", "product_not_found"), ("<script>x</script><p> </p>", "invalid_params")] {
        assert_eq!(world.resolve(TOOL, params(html)).await.unwrap_err().code, code);
    }
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_what_the_product_says() {
    let world = World::start().await;
    world.on(GRAPHQL, [says("<p>Old</p>")]);
    let call = world.call(TOOL, params("<p>New</p>")).await;
    assert!(matches!(world.reconcile(TOOL, "key1", &call).await, Reconciled::Absent));
    world.on(GRAPHQL, [says("<p>New</p>")]);
    let found = world.reconcile(TOOL, "key1", &call).await;
    let Reconciled::Committed(executed) = found else { unreachable!("{found:?}") };
    assert_eq!(executed.undo, Some(json!({"tool": TOOL, "params": params("<p>Old</p>")})));
    world.on(GRAPHQL, [says("<p>A person wrote this</p>")]);
    assert!(matches!(world.reconcile(TOOL, "key1", &call).await, Reconciled::NoAnswer(_)));
}

#[tokio::test]
async fn texts_are_fetched_with_price_and_address() {
    let world = World::start().await;
    let node = json!({"id": GID, "title": "Fox Tee", "status": "ACTIVE", "descriptionHtml": "<p>Soft</p>", "totalInventory": 4,
        "onlineStoreUrl": "https://fox.example/products/fox-tee", "variants": {"edges": [{"node": {"price": "24.00"}}]}});
    let page = json!({"edges": [{"node": node}], "pageInfo": {"hasNextPage": false, "endCursor": null}});
    world.json(GRAPHQL, json!({"data": {"products": page}}));
    let result = world.read("shopify_fetch_descriptions", json!({})).await.unwrap();
    assert_eq!(
        result,
        json!({"count": 1, "products": [{"id": GID, "title": "Fox Tee", "description_html": "<p>Soft</p>", "status": "ACTIVE",
            "inventory": 4, "url": "https://fox.example/products/fox-tee", "price": "24.00"}]})
    );
}

#[tokio::test]
async fn a_text_is_scored_without_any_call() {
    let world = World::start().await;
    let params = json!({"description": "<p>A premium gift.</p>", "keywords": ["premium"]});
    let result = world.read("shopify_score_description", params).await.unwrap();
    assert_eq!((&result["word_count"], &result["kd_pct"]), (&json!(3), &json!(33.33)));
    assert!(world.seen().is_empty());
}
