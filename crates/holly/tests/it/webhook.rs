//! Deliveries signed and posted by hand.

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::http::{Answer, send};
use crate::server::{Server, wait_for};

/// Obviously no secret.
const SECRET: &str = "not-a-real-webhook-secret";

/// The order that the shop's test notification describes: cancelled, a test, with sample lines.
fn test_notification() -> Value {
    json!({
        "id": 820_982_911_946_154_508_u64, "name": "#9999", "test": true, "financial_status": "voided",
        "cancelled_at": "2021-12-31T19:00:00-05:00", "cancel_reason": "customer", "created_at": "2021-12-31T19:00:00-05:00",
        "updated_at": "2021-12-31T19:00:00-05:00", "currency": "USD", "total_price": "388.00", "email": "jon@example.com",
        "line_items": [{"id": 866_550_311_766_439_020_u64, "title": "IPod Nano - 8GB", "quantity": 1, "price": "199.00", "variant_id": 808_950_810}],
    })
}

fn deliver(server: &Server, body: &[u8], secret: &str, id: &str) -> Answer {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body).finalize().into_bytes();
    let signature = base64::engine::general_purpose::STANDARD.encode(mac);
    let headers = [
        ("content-type", "application/json"),
        ("x-shopify-topic", "orders/create"),
        ("x-shopify-webhook-id", id),
        ("x-shopify-hmac-sha256", signature.as_str()),
    ];
    send(&server.url, "POST", "/webhooks/shopify", &headers, body).unwrap()
}

#[test]
fn the_shops_test_notification_is_accepted_once_and_prints_nothing() {
    let server = Server::start(&[("SHOPIFY_WEBHOOK_SECRET", SECRET)]);
    let body = test_notification().to_string();
    let first = deliver(&server, body.as_bytes(), SECRET, "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043");
    assert_eq!((first.status, first.body), (202, json!({"status": "received"})));
    let run = wait_for("the run", || server.runs().into_iter().next());
    server.until(&run["run_id"], "completed");
    assert!(server.effects(&run["run_id"]).is_empty());

    let again = deliver(&server, body.as_bytes(), SECRET, "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043");
    assert_eq!((again.status, again.body), (200, json!({"status": "received"})));
    assert_eq!(server.runs().len(), 1);
    assert_eq!(server.get("/webhooks/status")["counts"]["shopify"], 1);
    assert_eq!(server.books()["prints"], json!([]));
    let run = server.get(&format!("/tower/runs/{}", run["run_id"].as_str().unwrap()));
    assert!(!run.to_string().contains("jon@example.com"), "customer data was kept");
}

#[test]
fn a_wrong_signature_leaves_no_trace() {
    let server = Server::start(&[("SHOPIFY_WEBHOOK_SECRET", SECRET)]);
    let body = test_notification().to_string();
    let refused = deliver(&server, body.as_bytes(), "another-secret", "w1");
    assert_eq!((refused.status, &refused.body["status"]), (401, &json!("unauthorized")));
    assert_eq!(server.get("/webhooks/status")["counts"]["shopify"], 0);
    assert!(server.runs().is_empty());
}

#[test]
fn a_body_that_cannot_be_read_is_kept_as_ignored() {
    let server = Server::start(&[("SHOPIFY_WEBHOOK_SECRET", SECRET)]);
    assert_eq!(deliver(&server, b"not json", SECRET, "w2").status, 202);
    assert_eq!(server.get("/webhooks/status")["by_status"]["shopify"]["ignored"], 1);
    assert!(server.runs().is_empty());
}

#[test]
fn many_copies_of_one_delivery_at_once_start_one_run() {
    let server = Server::start(&[("SHOPIFY_WEBHOOK_SECRET", SECRET)]);
    let body = test_notification().to_string();
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let one = || deliver(&server, body.as_bytes(), SECRET, "delivered-many-times").status;
        let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 202]);
    assert_eq!(server.get("/webhooks/status")["counts"]["shopify"], 1);
    let runs = server.runs();
    assert_eq!(runs.len(), 1);
    server.until(&runs[0]["run_id"], "completed");
    assert_eq!(server.books()["prints"], json!([]));
}
