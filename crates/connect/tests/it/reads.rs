//! The tools that only read.

use connect::stripe::Charge;
use connect::tools::{Revenue, revenue};
use domain::tool::Access;
use serde_json::{Value, json};

use crate::fake::{Answer, LOOK_UP, ORDER, World, fixture, not_found, print_order};

#[tokio::test]
async fn an_order_is_shown_without_its_address_and_merged_into_its_row() {
    let world = World::start().await;
    world.paid_order();
    let result = world.read("shopify_query_orders", json!({"order_id": ORDER})).await.unwrap();
    let order = &result["orders"][0];
    assert_eq!((&order["total"], &order["ship_to"]), (&json!("39.00"), &json!({"city": "Leeds", "country": "GB"})));
    assert_eq!(order["line_items"][0]["variant_id"], "44001");
    let text = result.to_string();
    assert!(!text.contains("Ada") && !text.contains("Sample") && !text.contains("LS1"), "{text}");
    let key = domain::ids::OrderKey::shopify(ORDER).unwrap();
    let row = connect::OrderBook::get(&*world.book, &key).await.unwrap().unwrap();
    assert_eq!((row.payment.as_i64(), row.item_count), (3, Some(1)));
}

#[tokio::test]
async fn a_print_is_shown_with_its_shipments_and_without_its_recipient() {
    let world = World::start().await;
    world.json(LOOK_UP, print_order("fulfilled", "19.61"));
    let shipment = json!({"id": 1, "carrier": "DHL", "tracking_url": "https://example.com/t", "departure_address": {"city": "Riga"}});
    world.json("GET /v2/orders/90000001/shipments", json!({"data": [shipment]}));
    let result = world.read("printful_order_status", json!({"order_id": format!("@{ORDER}")})).await.unwrap();
    assert_eq!((&result["items"], &result["costs"]["total"]), (&json!(1), &json!("19.61")));
    assert_eq!(result["shipments"][0]["carrier"], "DHL");
    assert!(!result.to_string().contains("Ada"));
    world.on(LOOK_UP, [not_found()]);
    let result = world.read("printful_order_status", json!({"order_id": format!("@{ORDER}")})).await.unwrap();
    assert_eq!(result, json!({"found": false}));
}

#[tokio::test]
async fn revenue_is_read_to_the_last_page_and_currencies_stay_apart() {
    let world = World::start().await;
    let charge = |id: &str, amount: i64, currency: &str, status: &str| {
        json!({"id": id, "amount": amount, "amount_refunded": 100,
        "currency": currency, "status": status, "paid": true, "created": 1})
    };
    let page = |data: Value, more: bool| Answer::Json(200, json!({"object": "list", "data": data, "has_more": more}));
    world.on(
        "GET /v1/charges",
        [
            page(json!([charge("ch_1", 1000, "usd", "succeeded"), charge("ch_2", 700, "usd", "failed")]), true),
            page(json!([charge("ch_3", 2000, "usd", "succeeded"), charge("ch_4", 500, "eur", "succeeded")]), false),
        ],
    );
    let result = world.read("stripe_revenue_query", json!({})).await.unwrap();
    assert_eq!(
        result,
        json!({"period_days": 7, "total_charges": 2, "total_revenue_cents": 3000, "total_refunded_cents": 200,
        "net_revenue_cents": 2800, "currency": "usd", "other_currencies": [{"currency": "eur", "total_charges": 1,
        "total_revenue_minor": 500, "total_refunded_minor": 100, "net_revenue_minor": 400}]})
    );
    assert!(world.seen()[1].query.contains("starting_after=ch_2"));
}

#[test]
fn no_charge_counts_in_two_currencies() {
    let charge = |currency: &str| Charge {
        id: "ch".to_owned(),
        amount: 10,
        amount_refunded: 3,
        currency: currency.to_owned(),
        status: "succeeded".to_owned(),
        paid: true,
        metadata: Default::default(),
    };
    let sums = revenue(&[charge("usd"), charge("jpy"), charge("USD")]);
    assert_eq!(
        (sums["usd"], sums["jpy"]),
        (Revenue { charges: 2, gross: 20, refunded: 6 }, Revenue { charges: 1, gross: 10, refunded: 3 })
    );
}

#[tokio::test]
async fn store_products_are_read_to_the_end() {
    let world = World::start().await;
    world.json("GET /v2/stores", json!({"data": [{"id": 10, "type": "shopify", "name": "Fox"}]}));
    let page = |id: u64| {
        Answer::Json(
            200,
            json!({"code": 200, "result": [{"id": id, "external_id": "e", "name": "n", "variants": 1,
        "synced": 1, "thumbnail_url": "x"}], "paging": {"total": 2, "offset": 0, "limit": 100}}),
        )
    };
    world.on("GET /sync/products", [page(1), page(2)]);
    let result = world.read("printful_get_store_products", json!({})).await.unwrap();
    assert_eq!((&result["count"], &result["products"][1]["id"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn both_error_shapes_of_the_printer_become_one() {
    let world = World::start().await;
    let problem = json!({"type": "t", "status": 403, "title": "Forbidden", "details": "no scope"});
    world.on("GET /v2/catalog-categories", [Answer::Json(403, problem)]);
    let error = world.read("printful_list_catalog", json!({})).await.unwrap_err();
    assert_eq!((error.code, error.message.as_str()), ("upstream_refused", "printful refused (Forbidden): no scope"));
    world.json("GET /v2/stores", json!({"data": [{"id": 10, "type": "native", "name": "Fox"}]}));
    world.on("GET /store/products", [Answer::Json(400, fixture("printful_v1_error"))]);
    let error = world.read("printful_get_store_products", json!({})).await.unwrap_err();
    assert!(error.message.contains("(BadRequest)"), "{}", error.message);
}

#[tokio::test]
async fn every_tool_is_declared_and_a_mutating_one_names_its_recovery_and_level() {
    let world = World::start().await;
    let ids: Vec<_> = world.tools.iter().map(|tool| tool.spec().id.to_string()).collect();
    assert_eq!(ids.len(), 17);
    let (mut levels, mut risks) = (Vec::new(), Vec::new());
    for tool in &world.tools {
        let spec = tool.spec();
        assert!(jsonschema::validator_for(&spec.schema).is_ok(), "{}", spec.id);
        assert_eq!(spec.goal_level.is_some(), spec.access == Access::Mutate, "{}", spec.id);
        if let Some(level) = spec.goal_level {
            levels.push((spec.id.to_string(), level));
            risks.push(spec.risk.as_str());
        }
    }
    let level = |id: &str| levels.iter().find(|(found, _)| found == id).map(|(_, level)| *level);
    for (id, serves) in [
        ("printful_submit_order", 3),
        ("printful_cancel_order", 3),
        ("stripe_refund", 3),
        ("shopify_create_product", 5),
        ("shopify_update_description", 5),
        ("stripe_create_product", 5),
        ("stripe_create_payment_link", 5),
    ] {
        assert_eq!(level(id), Some(serves), "{id}");
    }
    assert_eq!((levels.len(), risks.contains(&"low")), (7, false), "no change goes without a person by default");
}
