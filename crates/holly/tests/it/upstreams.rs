//! How the upstreams are called, seen from their side; and the tools that change them, against the world's own wire.

use std::sync::Arc;

use clock::{OsEntropy, SharedClock, SystemClock};
use connect::shopify::{Shopify, ShopifyAuth};
use connect::stripe::{self, Stripe};
use connect::tools::{CreatePaymentLink, CreateProduct, StripeCreateProduct, UpdateDescription};
use domain::ids::{EffectId, RunId};
use domain::lease::Fence;
use gateway::{Begin, BlockReason, CallContext, Ledger, LedgerError, Passed, Reconciled, Resolution, Resolved, Tool};
use net::{BaseUrl, Breakers, PlainHttp, SecretString, Upstream};
use serde_json::{Value, json};

use crate::server::Server;

/// What reached the shop, in order.
fn asked(server: &Server) -> Vec<Value> {
    server.world("GET", "/control/requests?upstream=shopify", None)["requests"].as_array().unwrap().clone()
}

#[test]
fn a_drained_shop_is_waited_for_and_not_hammered() {
    let server = Server::start(&[]);
    server.fault("shopify", "rate_limit", 1);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    assert!(ticket["id"].is_number());
    let asked = asked(&server);
    let throttled: Vec<_> = asked.iter().filter(|request| request["throttled"] == true).collect();
    assert_eq!(throttled.len(), 1, "{asked:?}");
    assert!(asked.len() <= 5, "{asked:?}");
    assert!(asked.iter().rev().all(|request| request["status"] == 200), "{asked:?}");
}

#[test]
fn every_tool_of_the_upstreams_is_listed() {
    let server = Server::start(&[]);
    let tools = server.get("/tools");
    let text = tools.to_string();
    for id in [
        "shopify_create_product",
        "shopify_fetch_descriptions",
        "shopify_score_description",
        "shopify_update_description",
        "stripe_create_product",
        "stripe_create_payment_link",
    ] {
        assert!(text.contains(&format!("\"{id}\"")), "{id} in {text}");
    }
}

/// A ledger that lets everything go: what stands before the door is tested elsewhere.
struct Open;

#[async_trait::async_trait]
impl Ledger for Open {
    async fn begin(&self, _begin: &Begin) -> Result<Result<(), BlockReason>, LedgerError> {
        Ok(Ok(()))
    }
}

fn way(server: &Server, service: &'static str, retry: net::RetryPolicy) -> Upstream {
    let runtime = std::fs::read_to_string(server.data().join("runtime.json")).unwrap();
    let runtime: Value = serde_json::from_str(&runtime).unwrap();
    let base = BaseUrl::parse(runtime["upstreams"][service].as_str().unwrap(), PlainHttp::NearOnly).unwrap();
    let clock: SharedClock = Arc::new(SystemClock::new());
    let settings = net::Settings { retry, ..net::Settings::new(service, base) };
    Upstream::new(settings, Breakers::new(clock.clone()), clock, Arc::new(OsEntropy)).unwrap()
}

fn shop(server: &Server) -> Shopify {
    let token = SecretString::from("rehearsal-shopify-key".to_owned());
    Shopify::new(way(server, "shopify", net::RetryPolicy::STANDARD), "2026-10", ShopifyAuth::Token(token))
}

fn payments(server: &Server) -> Stripe {
    Stripe::new(way(server, "stripe", stripe::RETRY), SecretString::from("rehearsal-stripe-key".to_owned()))
}

async fn resolve(tool: &dyn Tool, params: &Value) -> Resolution {
    let caller = CallContext { run_id: None, agent_id: "operations".into(), trigger_source: "test".into() };
    tool.resolve(&caller, params).await.unwrap()
}

async fn call(tool: &dyn Tool, params: &Value) -> Resolved {
    match resolve(tool, params).await {
        Resolution::Call(call) => *call,
        Resolution::Settled { result, .. } => panic!("settled: {result}"),
    }
}

async fn pass(tool: &dyn Tool, call: &Resolved, key: &str) -> Passed {
    let begin = Begin {
        effect_id: EffectId::from_hex(&"a".repeat(32)),
        run_id: RunId::from_hex(&"b".repeat(16)),
        fence: Fence { owner: "test".into(), epoch: 1 },
        payload_hash: String::new(),
        policy_version: String::new(),
        provider_key: key.into(),
        goal_level: None,
        order: None,
        ticket_id: None,
    };
    gateway::pass(&Open, tool, call, begin).await.unwrap()
}

async fn done(tool: &dyn Tool, call: &Resolved, key: &str) -> Value {
    match pass(tool, call, key).await {
        Passed::Done(executed) => executed.result,
        other => panic!("{other:?}"),
    }
}

async fn read_back(tool: &dyn Tool, call: &Resolved, key: &str) -> Reconciled {
    let prepared = json!({"tool": tool.spec().id, "params": call.params, "call": call.call});
    tool.reconcile(&EffectId::from_hex(&"a".repeat(32)), key, &prepared, 60).await
}

#[tokio::test]
async fn a_product_is_made_once_although_the_answer_is_lost() {
    let server = Server::start(&[]);
    let (shop, tool) = (shop(&server), CreateProduct::new(shop(&server)));
    let params = json!({"title": "It's a \\ Fox Tee", "description": "<p>Soft<script>x</script></p>", "price": "24.5"});
    let new = call(&tool, &params).await;
    // Two look-ups go through; the product is made and nobody hears of it.
    let fault = json!({"upstream": "shopify", "kind": "drop_reply", "times": 1, "after": 2});
    server.world("POST", "/control/faults", Some(&fault));
    assert!(matches!(pass(&tool, &new, "key1").await, Passed::Failed(gateway::SendError::Unclear { .. })));
    let found = shop.product_by_key("key1").await.unwrap().unwrap();
    assert!(found.lacks_price("24.50"), "{found:?}");
    assert!(matches!(read_back(&tool, &new, "key1").await, Reconciled::Absent), "the price is still to come");
    assert!(matches!(resolve(&tool, &params).await, Resolution::Call(_)));
    let result = done(&tool, &new, "key1").await;
    assert_eq!((&result["id"], &result["status"]), (&json!(found.id), &json!("DRAFT")));
    let priced = shop.product_by_title("It's a \\ Fox Tee").await.unwrap().unwrap();
    assert_eq!((priced.id, priced.price.as_deref()), (found.id.clone(), Some("24.50")));
    assert!(matches!(read_back(&tool, &new, "key1").await, Reconciled::Committed(_)));
    let Resolution::Settled { result, .. } = resolve(&tool, &params).await else { panic!("a second product") };
    assert_eq!(result["_duplicate_prevented"], true);

    let tool = UpdateDescription::new(shop.clone());
    let change = call(&tool, &json!({"product_id": found.id, "description_html": "<h2>New</h2><img src=x>"})).await;
    assert_eq!(change.call["previous_html"], "<p>Soft</p>");
    assert_eq!(done(&tool, &change, "key2").await["description_updated"], true);
    assert_eq!(shop.product_copy(&found.id).await.unwrap().unwrap().description_html, "<h2>New</h2>");
    assert!(matches!(read_back(&tool, &change, "key2").await, Reconciled::Committed(_)));
}

#[tokio::test]
async fn a_payment_link_stands_on_a_product_and_a_price_made_once() {
    let server = Server::start(&[]);
    let tool = StripeCreateProduct::new(payments(&server), "usd");
    let new = call(&tool, &json!({"name": "Fox Tee", "price_cents": 2450})).await;
    server.fault("stripe", "drop_reply", 1);
    let made = done(&tool, &new, "key1").await;
    assert_eq!(done(&tool, &new, "key1").await, made, "the same key gives the same product");
    assert!(matches!(read_back(&tool, &new, "key1").await, Reconciled::Committed(found) if found.result == made));

    let tool = CreatePaymentLink::new(payments(&server));
    let new = call(&tool, &json!({"price_id": made["price_id"], "quantity": 2})).await;
    assert!(new.preview.ends_with("49.00 USD"), "{}", new.preview);
    let link = done(&tool, &new, "key2").await;
    assert!(link["url"].as_str().unwrap().starts_with("https://"));
    assert!(matches!(read_back(&tool, &new, "key2").await, Reconciled::Committed(found) if found.result == link));
}

#[tokio::test]
async fn an_app_is_given_a_token_by_the_shop() {
    let server = Server::start(&[]);
    let secret = |text: &str| SecretString::from(text.to_owned());
    let auth = ShopifyAuth::ClientCredentials { id: secret("app-of-a-test"), secret: secret("secret-of-a-test") };
    let shop = Shopify::new(way(&server, "shopify", net::RetryPolicy::STANDARD), "2026-10", auth);
    assert!(shop.shop().await.unwrap().domain.ends_with(".myshopify.com"));
    shop.products_with_copy(60).await.unwrap();
    let asked = asked(&server);
    let tokens = asked.iter().filter(|request| request["path"].as_str().unwrap().ends_with("access_token"));
    assert_eq!(tokens.count(), 1, "{asked:?}");
}
