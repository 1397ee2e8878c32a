//! Drafts, confirmation, cancellation over the wire.

use std::time::Duration;

use serde_json::json;

use crate::support::Caller;

#[tokio::test]
async fn a_second_creation_under_one_external_id_is_refused_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let order = caller.order("paid").await;
    let body = caller.print_body(&order).await;
    let (status, first) = caller.create(&body).await;
    assert_eq!((status, first["result"]["status"].as_str()), (200, Some("draft")));
    let (status, second) = caller.create(&body).await;
    assert_eq!((status, second["error"]["reason"].as_str()), (400, Some("BadRequest")));
    let books = caller.handle.books().await.unwrap();
    assert_eq!(books["prints"][0]["create_requests"], 2);
    assert_eq!(books["prints"][0]["arrivals"], 0);
    assert_eq!(books["prints"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_draft_is_confirmed_once_and_cancelled_while_pending() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let body = caller.print_body("5830137741322").await;
    let (_, made) = caller.create(&body).await;
    let path = format!("/v2/orders/{}/confirmation", made["result"]["id"]);
    // Costs are known after a second; before that the confirmation is refused.
    let status = loop {
        let (_, order) = caller.get("printful", "/v2/orders/@5830137741322").await;
        if order["data"]["costs"]["calculation_status"] == "done" {
            break caller.request("printful", "POST", &path).send().await.unwrap().status().as_u16();
        }
        assert!(order["data"]["costs"]["total"].is_null());
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(status, 200);
    let again = caller.request("printful", "POST", &path).send().await.unwrap();
    assert_eq!(again.status(), 409);
    let cancelled = caller.request("printful", "DELETE", "/orders/@5830137741322").send().await.unwrap();
    let cancelled: serde_json::Value = cancelled.json().await.unwrap();
    assert_eq!(cancelled["result"]["status"], "canceled");
    assert_eq!(caller.handle.books().await.unwrap()["prints"][0]["arrivals"], 1);
}

#[tokio::test]
async fn estimates_change_nothing_and_agree_with_the_draft() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let body = caller.print_body("1").await;
    let estimate = caller.request("printful", "POST", "/orders/estimate-costs").json(&body).send().await.unwrap();
    let estimate: serde_json::Value = estimate.json().await.unwrap();
    assert_eq!(caller.get("printful", "/v2/orders/@1").await.0, 404);
    let (_, made) = caller.create(&body).await;
    assert_eq!(made["result"]["costs"]["total"], estimate["result"]["costs"]["total"]);
}

#[tokio::test]
async fn a_connected_store_imports_paid_orders_as_drafts() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    caller.control("PUT", "settings/printful_store", json!({"value": "shopify"})).await;
    caller.control("PUT", "settings/speed", json!({"value": 1000})).await;
    // Now and then an order is not imported at all; one of several is.
    for _ in 0..6 {
        caller.order("paid").await;
    }
    loop {
        let books = caller.handle.books().await.unwrap();
        if let Some(print) = books["prints"].get(0) {
            assert_eq!((print["status"].as_str(), print["create_requests"].as_u64()), (Some("draft"), Some(0)));
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn every_answer_shows_the_rate_limit_and_needs_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let answer = caller.request("printful", "GET", "/v2/stores").send().await.unwrap();
    assert_eq!(answer.headers()["x-ratelimit-limit"], "120");
    assert_eq!(answer.headers()["x-holly-rehearsal"], "1");
    let bare = reqwest::get(format!("{}/v2/stores", caller.handle.urls["printful"])).await.unwrap();
    assert_eq!(bare.status(), 401);
}

#[tokio::test]
async fn all_pages_together_are_all_products_and_a_page_out_of_range_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let (mut seen, mut total) = (Vec::new(), 1);
    while seen.len() < total {
        let (_, page) = caller.get("printful", &format!("/store/products?limit=4&offset={}", seen.len())).await;
        total = usize::try_from(page["paging"]["total"].as_u64().unwrap()).unwrap();
        let ids = page["result"].as_array().unwrap();
        assert!(!ids.is_empty(), "{page}");
        seen.extend(ids.iter().map(|product| product["id"].as_u64().unwrap()));
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((seen.len(), total), (9, 9));
    for path in ["/store/products?limit=0", "/store/products?limit=101", "/v2/catalog-products?offset=-1"] {
        assert_eq!(caller.get("printful", path).await.0, 400, "{path}");
    }
}
