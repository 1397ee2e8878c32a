//! Deliveries: signatures, repetitions, restarts.

use std::collections::BTreeSet;

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Caller, Receiver, header, world};

fn hmac(secret: &str, message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[tokio::test]
async fn each_provider_signs_as_it_really_does() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, receiver) = Caller::start(folder.path()).await;
    let order = caller.order("paid").await;
    let body = caller.print_body(&order).await;
    caller.create(&body).await;
    // orders/create, orders/paid, payment_intent.succeeded, order_created
    let arrived = receiver.until(|arrived| arrived.len() >= 4).await;
    let mut paths = BTreeSet::new();
    for delivery in &arrived {
        let path = delivery.url.strip_prefix("http://127.0.0.1:9").unwrap().to_owned();
        match path.as_str() {
            "/webhooks/shopify" => {
                let expected = base64::engine::general_purpose::STANDARD.encode(hmac("shop-secret", &delivery.body));
                assert_eq!(header(delivery, "x-shopify-hmac-sha256"), expected);
                assert_eq!(header(delivery, "x-shopify-shop-domain"), "rehearsal.myshopify.com");
                let sent: Value = serde_json::from_slice(&delivery.body).unwrap();
                assert_eq!(sent["id"].as_u64().unwrap().to_string(), order);
                assert!(sent["total_price"].is_string());
            }
            "/webhooks/stripe" => {
                let signature = header(delivery, "stripe-signature");
                let (at, v1) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
                let signed = [at.as_bytes(), b".", &delivery.body].concat();
                assert_eq!(v1, hex::encode(hmac("stripe-secret", &signed)));
                let sent: Value = serde_json::from_slice(&delivery.body).unwrap();
                assert_eq!(sent["data"]["object"]["metadata"]["shopify_order_id"], order.as_str());
            }
            _ => {
                let expected = hex::encode(hmac("print-secret", &delivery.body));
                assert_eq!(header(delivery, "x-pf-webhook-signature"), expected);
            }
        }
        paths.insert(path);
    }
    assert_eq!(paths.len(), 3);
}

#[tokio::test]
async fn created_and_paid_are_two_messages_of_one_event() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, receiver) = Caller::start(folder.path()).await;
    caller.order("paid").await;
    let of_shop = |arrived: &[holly_rehearsal::deliver::Delivery]| {
        arrived.iter().filter(|row| row.url.ends_with("/webhooks/shopify")).cloned().collect::<Vec<_>>()
    };
    let arrived = of_shop(&receiver.until(|arrived| of_shop(arrived).len() == 2).await);
    assert_eq!(header(&arrived[0], "x-shopify-event-id"), header(&arrived[1], "x-shopify-event-id"));
    assert_ne!(header(&arrived[0], "x-shopify-webhook-id"), header(&arrived[1], "x-shopify-webhook-id"));
}

#[tokio::test]
async fn what_was_not_acknowledged_comes_again_after_a_restart_and_the_books_stay() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::new(503);
    let handle = world(folder.path(), &receiver).await;
    let (caller, refused) = (Caller::around(handle), receiver);
    let order = caller.order("paid").await;
    let body = caller.print_body(&order).await;
    caller.create(&body).await;
    let ids = |arrived: &[holly_rehearsal::deliver::Delivery]| {
        let of_shop = arrived.iter().filter(|row| row.url.ends_with("/webhooks/shopify"));
        of_shop.map(|row| header(row, "x-shopify-webhook-id").to_owned()).collect::<BTreeSet<_>>()
    };
    let first = ids(&refused.until(|arrived| arrived.len() >= 4).await);
    let mut before = caller.handle.books().await.unwrap();
    caller.handle.shutdown().await;

    let receiver = Receiver::new(202);
    let handle = world(folder.path(), &receiver).await;
    let again = ids(&receiver.until(|arrived| arrived.len() >= 4).await);
    assert_eq!(first, again);
    let mut after = loop {
        let books = handle.books().await.unwrap();
        if books["webhooks"]["waiting"] == 0 {
            break books;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(after["webhooks"], json!({"sent": 4, "acknowledged": 4, "waiting": 0}));
    for books in [&mut before, &mut after] {
        books["now"] = Value::Null;
        books["webhooks"] = Value::Null;
    }
    assert_eq!(before, after);
    handle.shutdown().await;
}

#[tokio::test]
async fn a_planted_duplicate_comes_twice_with_one_id() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, receiver) = Caller::start(folder.path()).await;
    caller.fault(json!({"upstream": "shopify", "kind": "duplicate"})).await;
    caller.order("paid").await;
    let arrived = receiver.until(|arrived| arrived.len() >= 4).await;
    let ids: BTreeSet<&str> =
        arrived.iter().map(|row| header(row, "x-shopify-webhook-id")).filter(|id| !id.is_empty()).collect();
    let of_shop = arrived.iter().filter(|row| row.url.ends_with("/webhooks/shopify")).count();
    assert_eq!((ids.len(), of_shop), (2, 3));
}
