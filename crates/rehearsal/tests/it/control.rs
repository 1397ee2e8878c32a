//! The control server.

use serde_json::json;

use crate::support::Caller;

#[tokio::test]
async fn the_books_have_their_members_and_need_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let id = caller.order("paid").await;
    let (status, books) = caller.control("GET", "status", json!({})).await;
    assert_eq!((status, books["orders"][0]["shopify_order_id"].as_str()), (200, Some(id.as_str())));
    let mut members: Vec<&str> = books.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    let expected =
        ["messages", "model_calls", "now", "orders", "payments", "prints", "refunds", "seed", "speed", "webhooks"];
    assert_eq!(members, expected);
    let bare = reqwest::get(format!("{}/control/status", caller.handle.control_url)).await.unwrap();
    assert_eq!(bare.status(), 401);
    let token = std::fs::read_to_string(folder.path().join("rehearsal.token")).unwrap();
    assert_eq!(token, caller.handle.control_token);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.path().join("rehearsal.token")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn orders_are_moved_on_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let id = caller.order("unpaid").await;
    assert_eq!(caller.control("POST", &format!("orders/{id}/refund"), json!({})).await.0, 409);
    assert_eq!(caller.control("POST", &format!("orders/{id}/pay"), json!({})).await.0, 200);
    assert_eq!(caller.control("POST", &format!("orders/{id}/refund"), json!({})).await.0, 200);
    assert_eq!(caller.control("POST", &format!("orders/{id}/cancel"), json!({})).await.0, 200);
    assert_eq!(caller.control("POST", "orders/1/pay", json!({})).await.0, 404);
    let books = caller.handle.books().await.unwrap();
    assert_eq!(books["orders"][0]["financial_status"], "refunded");
    assert_eq!(books["orders"][0]["cancelled"], true);
    assert_eq!(books["payments"][0]["amount_refunded"], books["payments"][0]["amount"]);
}

#[tokio::test]
async fn settings_and_faults_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    for (name, value, status) in [
        ("pace", json!(30), 200),
        ("speed", json!("60"), 200),
        ("speed", json!(0), 422),
        ("printful_store", json!("shopify"), 200),
        ("currencies", json!("USD,EUR"), 200),
        ("currencies", json!("XYZ"), 422),
        ("colour", json!("red"), 422),
    ] {
        let answer = caller.control("PUT", &format!("settings/{name}"), json!({"value": value})).await;
        assert_eq!(answer.0, status, "{name} {answer:?}");
    }
    assert_eq!(caller.control("POST", "faults", json!({"upstream": "mail", "kind": "error"})).await.0, 422);
    assert_eq!(caller.control("POST", "faults", json!({"upstream": "stripe", "kind": "sulk"})).await.0, 400);
    caller.fault(json!({"upstream": "stripe", "kind": "error", "times": 3})).await;
    assert_eq!(caller.control("GET", "faults", json!({})).await.1["faults"][0]["times"], 3);
    assert_eq!(caller.control("DELETE", "faults", json!({})).await.1["faults"], json!([]));
}
