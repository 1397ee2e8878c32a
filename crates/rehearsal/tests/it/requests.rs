//! The log of requests.

use serde_json::{Value, json};

use crate::support::Caller;

async fn log(caller: &Caller, query: &str) -> Value {
    let (status, answer) = caller.control("GET", &format!("requests{query}"), json!({})).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test]
async fn each_request_is_there_with_its_moment_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    caller.get("stripe", "/v1/charges?limit=1").await;
    caller.fault(json!({"upstream": "stripe", "kind": "rate_limit"})).await;
    caller.get("stripe", "/v1/charges").await;
    caller.fault(json!({"upstream": "printful", "kind": "drop_reply"})).await;
    assert!(caller.request("printful", "GET", "/v2/stores").send().await.is_err());
    let all = log(&caller, "").await;
    let rows: Vec<(u64, &str, &str, Option<u64>, bool)> = all["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap();
            (
                row["number"].as_u64().unwrap(),
                text("upstream"),
                text("path"),
                row["status"].as_u64(),
                row["throttled"] == true,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (1, "stripe", "/v1/charges?limit=1", Some(200), false),
            (2, "stripe", "/v1/charges", Some(429), true),
            (3, "printful", "/v2/stores", None, false),
        ]
    );
    assert_eq!((&all["last"], &all["forgotten"]), (&json!(3), &json!(0)));
    let at = all["requests"][2]["at"].as_str().unwrap();
    for (query, count) in [("?since=2".to_owned(), 1), ("?upstream=stripe".to_owned(), 2), (format!("?since={at}"), 1)]
    {
        assert_eq!(log(&caller, &query).await["requests"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn a_question_nobody_can_answer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    for query in ["?upstream=mail", "?upstream=webhooks", "?since=yesterday", "?until=2"] {
        assert_eq!(caller.control("GET", &format!("requests{query}"), json!({})).await.0, 400, "{query}");
    }
}
