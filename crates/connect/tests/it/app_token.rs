//! Tokens of an app: fetched once, renewed in time, and replaced when the shop refuses one.

use std::time::Duration;

use connect::ConnectError;
use serde_json::{Value, json};

use crate::fake::{Answer, GRAPHQL, World};

const TOKEN: &str = "POST /admin/oauth/access_token";

fn issued(token: &str, life: u64) -> Answer {
    Answer::Json(200, json!({"access_token": token, "scope": "read_products", "expires_in": life}))
}

fn shop() -> Value {
    json!({"data": {"shop": {"name": "Fox", "myshopifyDomain": "fox.myshopify.com"}}})
}

/// The token of each question to the shop, in order.
fn tokens(world: &World) -> Vec<String> {
    let graphql = world.seen().into_iter().filter(|seen| seen.path.ends_with("graphql.json"));
    graphql.map(|seen| seen.headers["x-shopify-access-token"].clone()).collect()
}

#[tokio::test]
async fn many_questions_at_once_fetch_one_token() {
    let world = World::with_app().await;
    world.on(TOKEN, [issued("first", 86_399)]);
    world.json(GRAPHQL, shop());
    let shopify = &world.clients.shopify;
    let all = async { tokio::try_join!(shopify.shop(), shopify.shop(), shopify.shop()) };
    world.running(all).await.unwrap();
    assert_eq!(world.count("POST", "/admin/oauth/access_token"), 1);
    assert_eq!(tokens(&world), ["first"; 3]);
    let sent = world.seen().remove(0);
    assert_eq!(sent.body, "client_id=app-id&client_secret=app-secret&grant_type=client_credentials");
    assert!(!sent.headers.contains_key("x-shopify-access-token") && sent.query.is_empty());
}

#[tokio::test]
async fn a_token_is_renewed_five_minutes_before_it_ends() {
    let world = World::with_app().await;
    world.on(TOKEN, [issued("first", 3600), issued("second", 3600)]);
    world.json(GRAPHQL, shop());
    world.running(world.clients.shopify.shop()).await.unwrap();
    world.clock.advance(Duration::from_secs(3200));
    world.running(world.clients.shopify.shop()).await.unwrap();
    world.clock.advance(Duration::from_secs(150));
    world.running(world.clients.shopify.shop()).await.unwrap();
    assert_eq!(tokens(&world), ["first", "first", "second"]);
}

#[tokio::test]
async fn a_token_that_could_not_be_renewed_is_used_to_its_end() {
    let world = World::with_app().await;
    world.on(TOKEN, [issued("first", 3600), Answer::Json(400, json!({"error": "invalid_client"}))]);
    world.json(GRAPHQL, shop());
    world.running(world.clients.shopify.shop()).await.unwrap();
    world.clock.advance(Duration::from_secs(3400));
    world.running(world.clients.shopify.shop()).await.unwrap();
    assert_eq!(tokens(&world), ["first", "first"]);
    world.clock.advance(Duration::from_secs(300));
    assert!(world.running(world.clients.shopify.shop()).await.is_err());
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let world = World::with_app().await;
    world.on(TOKEN, [issued("first", 86_399), issued("second", 86_399)]);
    let refused = || Answer::Json(401, json!({"errors": "[API] Invalid API key or access token"}));
    world.on(GRAPHQL, [refused(), Answer::Json(200, shop())]);
    world.running(world.clients.shopify.shop()).await.unwrap();
    assert_eq!(tokens(&world), ["first", "second"]);
    world.on(GRAPHQL, [refused()]);
    let error = world.running(world.clients.shopify.shop()).await.unwrap_err();
    assert_eq!(error.status(), Some(401));
    assert_eq!(tokens(&world).len(), 4, "asked once more, not for ever");
}

#[tokio::test]
async fn an_app_that_is_refused_says_so_without_its_secret() {
    let world = World::with_app().await;
    let body = json!({"error": "invalid_client", "error_description": "the app is not installed"});
    world.on(TOKEN, [Answer::Json(400, body)]);
    let error = world.running(world.clients.shopify.shop()).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(&error, ConnectError::Api { status: 400, .. }), "{error:?}");
    assert!(
        text.contains("the app is not installed") && !format!("{error:?} {:?}", world.clients).contains("app-secret")
    );
    assert_eq!(world.count("POST", "/admin/api/2026-10/graphql.json"), 0);
}

#[tokio::test]
async fn a_static_token_is_not_tried_twice() {
    let world = World::start().await;
    world.on(GRAPHQL, [Answer::Json(401, json!({"errors": "no"}))]);
    assert!(world.running(world.clients.shopify.shop()).await.is_err());
    assert_eq!(world.seen().len(), 1);
}

#[tokio::test]
async fn another_version_than_the_one_asked_for_is_noticed() {
    let world = World::start().await;
    let with = |version: &str| Answer::With(200, shop(), vec![("x-shopify-api-version", version.to_owned())]);
    world.on(GRAPHQL, [with("2026-10"), with("2027-01")]);
    world.running(world.clients.shopify.shop()).await.unwrap();
    assert_eq!(world.clients.shopify.fell_forward(), None);
    world.running(world.clients.shopify.shop()).await.unwrap();
    assert_eq!(world.clients.shopify.fell_forward().as_deref(), Some("2027-01"));
}
