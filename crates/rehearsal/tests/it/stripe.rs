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

async fn post(caller: &Caller, path: &str, body: String) -> (u16, Value) {
    let request = caller.request("stripe", "POST", path).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_product_its_price_and_its_link_are_made_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let (_, product) = post(&caller, "/v1/products", "name=Tee&metadata[holly_key]=k1".to_owned()).await;
    let id = product["id"].as_str().unwrap();
    let (_, price) = post(&caller, "/v1/prices", format!("product={id}&unit_amount=1950&currency=usd")).await;
    let price_id = price["id"].as_str().unwrap();
    let items = format!("line_items[0][price]={price_id}&line_items[0][quantity]=2");
    let (_, link) = post(&caller, "/v1/payment_links", items).await;
    for (path, made) in [("products", &product), ("prices", &price), ("payment_links", &link)] {
        let id = made["id"].as_str().unwrap();
        assert_eq!(caller.get("stripe", &format!("/v1/{path}/{id}")).await.1, *made);
        assert_eq!(caller.get("stripe", &format!("/v1/{path}?limit=1")).await.1["data"][0], *made);
        assert_eq!(caller.get("stripe", &format!("/v1/{path}/nothing")).await.0, 404);
    }
    assert_eq!(product["metadata"]["holly_key"], "k1");
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let (_, product) = post(&caller, "/v1/products", "name=Tee".to_owned()).await;
    let id = product["id"].as_str().unwrap();
    for (path, body, param) in [
        ("/v1/products", "name=".to_owned(), "name"),
        ("/v1/products", "description=x".to_owned(), "name"),
        ("/v1/products", "name=Tee&description=".to_owned(), "description"),
        ("/v1/products", "name=Tee&price=1".to_owned(), "price"),
        ("/v1/prices", format!("product={id}&unit_amount=19.5&currency=usd"), "unit_amount"),
        ("/v1/prices", format!("product={id}&unit_amount=1950&currency=USD"), "currency"),
        ("/v1/prices", "product=prod_0&unit_amount=1&currency=usd".to_owned(), "product"),
        (
            "/v1/payment_links",
            "line_items[0][price]=price_0&line_items[0][quantity]=1".to_owned(),
            "line_items[0][price]",
        ),
        ("/v1/payment_links", "quantity=1".to_owned(), "quantity"),
        ("/v1/refunds", "amount=1".to_owned(), "charge"),
        ("/v1/products", format!("name=Tee&metadata[k]={}", "x".repeat(501)), "metadata"),
    ] {
        let (status, answer) = post(&caller, path, body.clone()).await;
        assert_eq!((status, answer["error"]["param"].as_str()), (400, Some(param)), "{path} {body}: {answer}");
    }
}

#[tokio::test]
async fn charges_come_in_each_currency_that_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    assert_eq!(caller.control("PUT", "settings/currencies", serde_json::json!({"value": "USD,EUR"})).await.0, 200);
    for _ in 0..16 {
        caller.order("paid").await;
    }
    let (_, charges) = caller.get("stripe", "/v1/charges?limit=100").await;
    let mut currencies: Vec<&str> =
        charges["data"].as_array().unwrap().iter().map(|charge| charge["currency"].as_str().unwrap()).collect();
    assert_eq!(currencies.len(), 16);
    currencies.sort_unstable();
    currencies.dedup();
    assert_eq!(currencies, ["eur", "usd"]);
}
