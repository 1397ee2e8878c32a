//! Charges and refunds over the wire.

use serde_json::Value;

use crate::support::Caller;

async fn refund(caller: &Caller, charge: &str, amount: u32, key: &str) -> (u16, Value) {
    let request = caller.request("stripe", "POST", "/v1/refunds").header("idempotency-key", key);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer =
        request.body(format!("charge={charge}&amount={amount}&metadata%5Bholly_key%5D=k")).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_repeated_refund_moves_money_once() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    caller.order("paid").await;
    let (_, charges) = caller.get("stripe", "/v1/charges?limit=100").await;
    let charge = charges["data"][0]["id"].as_str().unwrap().to_owned();
    let first = refund(&caller, &charge, 100, "key-1").await;
    let again = refund(&caller, &charge, 100, "key-1").await;
    assert_eq!(first, again);
    assert_eq!(first.1["metadata"]["holly_key"], "k");
    assert_eq!(refund(&caller, &charge, 200, "key-1").await.1["error"]["type"], "idempotency_error");
    assert_eq!(refund(&caller, &charge, 9_999_999, "key-2").await.0, 400);
    let books = caller.handle.books().await.unwrap();
    assert_eq!(books["refunds"].as_array().unwrap().len(), 1);
    assert_eq!(books["payments"][0]["amount_refunded"], 100);
}

#[tokio::test]
async fn charges_are_paged_to_the_end_and_name_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(caller.order("paid").await);
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/charges?limit=2".to_owned());
    loop {
        let (_, page) = caller.get("stripe", &path).await;
        for charge in page["data"].as_array().unwrap() {
            seen.push(charge["metadata"]["shopify_order_id"].as_str().unwrap().to_owned());
            path = format!("/v1/charges?limit=2&starting_after={}", charge["id"].as_str().unwrap());
        }
        if page["has_more"] == false {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, orders);
}

#[tokio::test]
async fn a_live_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let url = format!("{}/v1/charges", caller.handle.urls["stripe"]);
    let key = ["sk_", "live_", "not-a-real-key"].concat();
    let answer = reqwest::Client::new().get(url).bearer_auth(key).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert!(answer.headers()["request-id"].to_str().unwrap().starts_with("rehearsal-"));
}
