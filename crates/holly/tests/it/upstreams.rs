//! How the upstreams are called, seen from their side.

use serde_json::Value;

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
