//! Ollama's protocol, over the routes.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tower_service::ServiceExt;

use super::documents::document;
use super::{CONTRACT, TOOLS, conforms, event, task};
use crate::fault::{FaultKind, Planted};
use crate::model::ollama::request::ChatRequest;
use crate::model::ollama::router;
use crate::model_host::MemoryHost;

struct Reply {
    status: StatusCode,
    whole: bool,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        self.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn send(kind: Option<FaultKind>, path: &str, body: Option<&Value>) -> Reply {
    let host = Arc::new(MemoryHost::default());
    if let Some(kind) = kind {
        host.plant(Planted { upstream: "ollama".to_owned(), kind, times: 1, after: 0, seconds: Some(9) }).unwrap();
    }
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let request = Request::builder().method(method).uri(path).body(body).unwrap();
    let (parts, body) = router(host).oneshot(request).await.unwrap().into_parts();
    let (mut text, mut whole) = (Vec::new(), true);
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(piece) => text.extend(piece),
            Err(_) => whole = false,
        }
    }
    Reply { status: parts.status, whole, text: String::from_utf8(text).unwrap() }
}

async fn ask(body: &Value) -> Reply {
    send(None, "/api/chat", Some(body)).await
}

fn order() -> Value {
    let tools: Vec<Value> = TOOLS
        .map(|name| json!({"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}))
        .into();
    let summary = json!({"shopify_order_id": "5830137741322", "order_name": "#1042"});
    json!({"model": "qwen2.5:3b", "stream": false, "tools": tools, "options": {"num_predict": 512, "temperature": 0.0},
        "messages": [{"role": "system", "content": CONTRACT},
            {"role": "user", "content": task("print", &event("orders/paid", summary))}]})
}

fn story() -> Value {
    json!({"model": "llama3.1:8b", "stream": false, "messages": [{"role": "user", "content": "Tell me a story, schön"}]})
}

fn streamed(mut body: Value) -> Value {
    body.as_object_mut().unwrap().remove("stream");
    body
}

#[tokio::test]
async fn the_lines_put_together_are_the_whole_answer() {
    for body in [order(), story()] {
        let whole = ask(&body).await.json();
        let lines = ask(&streamed(body)).await.lines();
        let content: String = lines.iter().map(|line| line["message"]["content"].as_str().unwrap()).collect();
        assert_eq!(content, whole["message"]["content"].as_str().unwrap());
        let calls: Vec<&Value> = lines.iter().filter_map(|line| line["message"].get("tool_calls")).collect();
        assert_eq!(calls.first().copied(), whole["message"].get("tool_calls"));
        let (last, before) = lines.split_last().unwrap();
        assert!(before.iter().all(|line| line["done"] == false) && !before.is_empty());
        for name in ["done", "done_reason", "prompt_eval_count", "eval_count"] {
            assert_eq!(last[name], whole[name]);
        }
    }
}

#[tokio::test]
async fn bodies_and_lines_conform_to_the_servers_document() {
    let Some(contract) = document("ollama.json", "chats and tags of Ollama") else { return };
    for body in [order(), story()] {
        conforms(&contract, "ChatRequest", &body);
        conforms(&contract, "ChatResponse", &ask(&body).await.json());
        for line in ask(&streamed(body)).await.lines() {
            conforms(&contract, "ChatStreamEvent", &line);
        }
    }
    conforms(&contract, "ListResponse", &send(None, "/api/tags", None).await.json());
    conforms(&contract, "VersionResponse", &send(None, "/api/version", None).await.json());
}

#[tokio::test]
async fn a_result_follows_its_call_in_order_and_leads_on() {
    let mut body = order();
    let message = ask(&body).await.json()["message"].clone();
    let name = message["tool_calls"][0]["function"]["name"].clone();
    let result = json!({"error": "not_found", "message": "no such order"}).to_string();
    body["messages"]
        .as_array_mut()
        .unwrap()
        .extend([message, json!({"role": "tool", "tool_name": name, "content": result})]);
    let last = ask(&body).await.json();
    assert!(last["message"].get("tool_calls").is_none() && last["done_reason"] == "stop", "{last}");
}

#[test]
fn what_the_real_server_would_overlook_is_refused() {
    let user = json!({"role": "user", "content": "x"});
    let call =
        json!({"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]});
    for (change, words) in [
        (json!({"model": "gpt-4o"}), "UnknownModel"),
        (json!({"tool_choice": "auto"}), "tool_choice"),
        (json!({"max_tokens": 5}), "max_tokens"),
        (json!({"options": {"max_tokens": 5}}), "options.max_tokens"),
        (json!({"messages": [user, {"role": "tool", "content": "1"}]}), "without a call"),
        (json!({"messages": [user, call]}), "no result yet"),
        (json!({"messages": [user, call, user]}), "no result yet"),
        (json!({"messages": [user, call, {"role": "tool", "tool_name": "g", "content": "1"}]}), "`f` is due"),
        (json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}), "content"),
        (
            json!({"messages": [user, {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}]}),
            "must be an object",
        ),
    ] {
        let mut body = json!({"model": "phi3:mini", "messages": [user]});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let refusal = format!("{:?}", ChatRequest::parse(body.to_string().as_bytes()).unwrap_err());
        assert!(refusal.contains(words), "{refusal} for {body}");
    }
}

#[tokio::test]
async fn no_model_for_embeddings_is_pulled() {
    let reply = send(None, "/api/embed", Some(&json!({"model": "nomic-embed-text", "input": "x"}))).await;
    assert_eq!(reply.status, 404);
    assert!(reply.json()["error"].as_str().unwrap().contains("try pulling it first"));
    assert_eq!(send(None, "/api/generate", Some(&json!({}))).await.status, 501);
}

#[tokio::test]
async fn each_fault_shows_as_this_server_shows_it() {
    for (kind, status) in [(FaultKind::RateLimit, 429), (FaultKind::Credit, 402), (FaultKind::Error, 500)] {
        let reply = send(Some(kind), "/api/chat", Some(&story())).await;
        assert_eq!(reply.status, status);
        assert!(reply.json()["error"].is_string());
    }
    let broken = send(Some(FaultKind::BreakStream), "/api/chat", Some(&streamed(story()))).await;
    assert!(!broken.whole && !broken.text.contains("\"done\":true"));
}
