//! The models behind their listeners: each on its own, with its own faults.

use serde_json::{Value, json};

use crate::support::Caller;

/// A request for a story, to be answered as a stream or not.
fn ask(upstream: &str, stream: bool) -> (&'static str, Value) {
    let user = json!([{"role": "user", "content": "Tell me a story"}]);
    match upstream {
        "anthropic" => {
            let body = json!({"model": "claude-opus-4-6", "max_tokens": 64, "messages": user, "stream": stream});
            ("/v1/messages", body)
        }
        "openai" => ("/v1/responses", json!({"model": "gpt-6-luna", "input": user, "stream": stream})),
        _ => ("/api/chat", json!({"model": "qwen2.5:3b", "messages": user, "stream": stream})),
    }
}

async fn send(caller: &Caller, upstream: &str, stream: bool) -> Result<(u16, String), reqwest::Error> {
    let (path, body) = ask(upstream, stream);
    let answer = caller.request(upstream, "POST", path).json(&body).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

const UPSTREAMS: [&str; 3] = ["anthropic", "openai", "ollama"];

#[tokio::test]
async fn a_stream_that_breaks_off_ends_in_an_error_and_the_next_one_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    for upstream in UPSTREAMS {
        caller.fault(json!({"upstream": upstream, "kind": "break_stream"})).await;
        let (path, body) = ask(upstream, true);
        let mut answer = caller.request(upstream, "POST", path).json(&body).send().await.unwrap();
        let mut arrived = 0;
        let broke = loop {
            match answer.chunk().await {
                Ok(Some(piece)) => arrived += piece.len(),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(broke && arrived > 100, "{upstream}: {arrived} bytes");
        assert_eq!(send(&caller, upstream, true).await.unwrap().0, 200, "{upstream}");
    }
    let calls = caller.handle.books().await.unwrap()["model_calls"].clone();
    assert_eq!(calls["by_model"], json!({"claude-opus-4-6": 2, "gpt-6-luna": 2, "qwen2.5:3b": 2}));
}

#[tokio::test]
async fn exhausted_credit_is_one_providers_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    caller.fault(json!({"upstream": "anthropic", "kind": "credit", "times": 2})).await;
    for stream in [false, true] {
        let (status, text) = send(&caller, "anthropic", stream).await.unwrap();
        assert!(status == 400 && text.contains("credit balance is too low"), "{text}");
    }
    assert_eq!(send(&caller, "openai", false).await.unwrap().0, 200);
    assert_eq!(send(&caller, "anthropic", false).await.unwrap().0, 200);
}

#[tokio::test]
async fn a_dropped_reply_and_a_refused_connection_hit_models_too() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    for upstream in UPSTREAMS {
        caller.fault(json!({"upstream": upstream, "kind": "drop_reply"})).await;
        assert!(send(&caller, upstream, false).await.is_err(), "{upstream}");
        caller.fault(json!({"upstream": upstream, "kind": "refuse", "after": 1, "seconds": 1})).await;
        assert!(send(&caller, upstream, false).await.is_ok());
        assert!(send(&caller, upstream, false).await.is_err(), "{upstream}");
    }
}

#[tokio::test]
async fn an_overloaded_provider_says_so_in_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    caller.fault(json!({"upstream": "anthropic", "kind": "overloaded", "times": 2})).await;
    let (status, text) = send(&caller, "anthropic", true).await.unwrap();
    assert!(status == 200 && text.contains("event: error") && text.contains("overloaded_error"), "{text}");
    assert_eq!(send(&caller, "anthropic", false).await.unwrap().0, 529);
    let (status, answer) = caller.control("POST", "faults", json!({"upstream": "openai", "kind": "overloaded"})).await;
    assert_eq!(status, 422, "{answer}");
    let log = caller.control("GET", "requests?upstream=anthropic", json!({})).await.1;
    assert_eq!((&log["requests"][0]["fault"], &log["requests"][1]["status"]), (&json!("overloaded"), &json!(529)));
}
