//! Planted faults over the wire.

use serde_json::json;

use crate::support::Caller;

#[tokio::test]
async fn a_dropped_reply_has_acted_once_and_closed_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let body = caller.print_body("77").await;
    caller.fault(json!({"upstream": "printful", "kind": "drop_reply"})).await;
    let dropped = caller.request("printful", "POST", "/orders").json(&body).send().await;
    assert!(dropped.is_err());
    let (status, found) = caller.get("printful", "/v2/orders/@77").await;
    assert_eq!((status, found["data"]["status"].as_str()), (200, Some("draft")));
    let books = caller.handle.books().await.unwrap();
    assert_eq!(books["prints"][0]["create_requests"], 1);
}

#[tokio::test]
async fn a_refusing_upstream_refuses_connections_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    assert_eq!(caller.get("stripe", "/v1/charges").await.0, 200);
    caller.fault(json!({"upstream": "stripe", "kind": "refuse", "seconds": 1})).await;
    let address = caller.handle.urls["stripe"].strip_prefix("http://").unwrap().to_owned();
    loop {
        match tokio::net::TcpStream::connect(&address).await {
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
                break;
            }
            Ok(_) => tokio::task::yield_now().await,
        }
    }
    while tokio::net::TcpStream::connect(&address).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(caller.get("stripe", "/v1/charges").await.0, 200);
}

#[tokio::test]
async fn errors_limits_and_exhausted_credit_do_not_act() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let body = caller.print_body("78").await;
    for (kind, status) in [("error", 500), ("rate_limit", 429), ("credit", 402)] {
        caller.fault(json!({"upstream": "printful", "kind": kind, "seconds": 7})).await;
        let answer = caller.request("printful", "POST", "/orders").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), status);
        if kind == "rate_limit" {
            assert_eq!(answer.headers()["x-ratelimit-reset"], "7");
        }
    }
    assert_eq!(caller.handle.books().await.unwrap()["prints"], json!([]));
}

#[tokio::test]
async fn a_malformed_answer_is_cut_json() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    caller.fault(json!({"upstream": "stripe", "kind": "malformed", "after": 1})).await;
    assert_eq!(caller.get("stripe", "/v1/charges").await.0, 200);
    let text = caller.request("stripe", "GET", "/v1/charges").send().await.unwrap().text().await.unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_err());
    assert_eq!(caller.get("stripe", "/v1/charges").await.0, 200);
}
