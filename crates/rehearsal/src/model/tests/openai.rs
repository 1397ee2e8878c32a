//! The protocol itself, over loopback.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use tower_service::ServiceExt;

use super::documents::document;
use super::{Talk, conforms, event};
use crate::fault::{FaultKind, Planted};
use crate::model::API_KEY;
use crate::model::openai::chat::request::ChatRequest;
use crate::model::openai::router;
use crate::model_host::MemoryHost;

fn host() -> Arc<MemoryHost> {
    Arc::new(MemoryHost::new(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()))
}

struct Reply {
    status: StatusCode,
    request_id: String,
    retry_after: Option<String>,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

async fn send(host: &Arc<MemoryHost>, path: &str, body: String, key: &str) -> Reply {
    let method = if body.is_empty() { "GET" } else { "POST" };
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {key}"));
    let response = router(host.clone()).oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, request_id, retry_after) = (response.status(), header("x-request-id"), header("retry-after"));
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    Reply {
        status,
        request_id: request_id.unwrap_or_default(),
        retry_after,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// Requests that end in a call and in a text.
fn bodies() -> [Value; 2] {
    let summary = json!({"shopify_order_id": "5830137741322", "order_name": "#1042"});
    [
        Talk::operations("print", &event("orders/paid", summary)).body(),
        Talk::new("You are Sage.", "Task:\nTell me a story, schön\n", &[]).body(),
    ]
}

fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    body
}

fn chunks(text: &str) -> Vec<Value> {
    let lines: Vec<&str> = text.split("\n\n").filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.last(), Some(&"data: [DONE]"));
    lines[..lines.len() - 1]
        .iter()
        .map(|line| serde_json::from_str(line.strip_prefix("data: ").unwrap()).unwrap())
        .collect()
}

#[tokio::test]
async fn the_chunks_put_together_are_the_whole_answer() {
    for body in bodies() {
        let whole = send(&host(), "/v1/chat/completions", body.to_string(), API_KEY).await.json();
        let stream = send(&host(), "/chat/completions", streamed(body).to_string(), API_KEY).await;
        let chunks = chunks(&stream.text);
        let mut content = String::new();
        let mut calls: Vec<(String, String)> = Vec::new();
        let mut finish = Value::Null;
        for chunk in &chunks {
            let Some(choice) = chunk["choices"].get(0) else { continue };
            content.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
            for piece in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
                let index = usize::try_from(piece["index"].as_u64().unwrap()).unwrap();
                if calls.len() == index {
                    calls.push((piece["function"]["name"].as_str().unwrap().to_owned(), String::new()));
                }
                calls[index].1.push_str(piece["function"]["arguments"].as_str().unwrap());
            }
            if !choice["finish_reason"].is_null() {
                finish = choice["finish_reason"].clone();
            }
        }
        let choice = &whole["choices"][0];
        assert_eq!(content, choice["message"]["content"].as_str().unwrap_or_default());
        let expected: Vec<(String, String)> = choice["message"]["tool_calls"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|call| {
                let text = |name: &str| call["function"][name].as_str().unwrap().to_owned();
                (text("name"), text("arguments"))
            })
            .collect();
        assert_eq!(calls, expected);
        assert_eq!(finish, choice["finish_reason"]);
        assert_eq!(chunks.last().unwrap()["usage"], whole["usage"]);
        assert!(chunks.len() > 3);
    }
}

#[tokio::test]
async fn usage_is_four_characters_a_token_and_ids_say_rehearsal() {
    let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "12345"}]});
    let host = host();
    let reply = send(&host, "/chat/completions", body.to_string(), API_KEY).await;
    let answer = reply.json();
    let said = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert_eq!(answer["usage"]["prompt_tokens"], 2);
    assert_eq!(answer["usage"]["completion_tokens"], said.chars().count().div_ceil(4));
    assert!(reply.request_id.starts_with("rehearsal-"));
    assert_eq!(answer["id"], reply.request_id);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_cut_and_says_so() {
    let body =
        json!({"model": "gpt-4o", "max_completion_tokens": 2, "messages": [{"role": "user", "content": "hello"}]});
    let answer = send(&host(), "/chat/completions", body.to_string(), API_KEY).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    assert_eq!(answer["choices"][0]["message"]["content"].as_str().unwrap().len(), 8);
}

#[tokio::test]
async fn an_unknown_key_and_an_unknown_model_are_refused_like_the_provider_does() {
    let [body, _] = bodies();
    let real = "sk-".to_owned() + "proj-0000";
    let reply = send(&host(), "/chat/completions", body.to_string(), &real).await;
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (StatusCode::UNAUTHORIZED, &json!("invalid_api_key")));
    let mut body = body;
    body["model"] = json!("gpt-0");
    let reply = send(&host(), "/chat/completions", body.to_string(), API_KEY).await;
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (StatusCode::NOT_FOUND, &json!("model_not_found")));
}

#[tokio::test]
async fn each_fault_shows_as_this_provider_shows_it() {
    for (kind, status, code) in [
        (FaultKind::Credit, StatusCode::TOO_MANY_REQUESTS, json!("insufficient_quota")),
        (FaultKind::RateLimit, StatusCode::TOO_MANY_REQUESTS, json!("rate_limit_exceeded")),
        (FaultKind::Error, StatusCode::INTERNAL_SERVER_ERROR, Value::Null),
    ] {
        let reply = faulty(kind, bodies()[0].clone()).await;
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (status, &code));
        assert_eq!(reply.retry_after.as_deref(), (kind == FaultKind::RateLimit).then_some("9"));
    }
    let whole = faulty(FaultKind::Malformed, bodies()[0].clone()).await;
    assert!(whole.status.is_success() && serde_json::from_str::<Value>(&whole.text).is_err());
    let hung_up = faulty(FaultKind::DropReply, bodies()[0].clone()).await;
    assert!(hung_up.text.is_empty());
    let stream = faulty(FaultKind::Malformed, streamed(bodies()[0].clone())).await;
    assert!(!stream.text.contains("[DONE]"));
}

async fn faulty(kind: FaultKind, body: Value) -> Reply {
    let host = host();
    host.plant(Planted { upstream: "openai".to_owned(), kind, times: 1, after: 0, seconds: Some(9) }).unwrap();
    send(&host, "/chat/completions", body.to_string(), API_KEY).await
}

#[test]
fn nonsense_is_refused_with_the_member_at_fault() {
    let user = json!([{"role": "user", "content": "x"}]);
    for (body, param) in [
        (json!([]), None),
        (json!({"messages": user}), Some("model")),
        (json!({"model": "gpt-4o"}), Some("messages")),
        (json!({"model": "gpt-4o", "messages": []}), Some("messages")),
        (json!({"model": "gpt-4o", "messages": [{"role": "king", "content": "x"}]}), Some("messages[0].role")),
        (
            json!({"model": "gpt-4o", "messages": [{"role": "tool", "tool_call_id": "c", "content": "x"}]}),
            Some("messages[0].role"),
        ),
        (json!({"model": "gpt-4o", "messages": user, "tools": []}), Some("tools")),
        (json!({"model": "gpt-4o", "messages": user, "tool_choice": "auto"}), Some("tool_choice")),
        (
            json!({"model": "gpt-4o", "messages": user, "stream_options": {"include_usage": true}}),
            Some("stream_options"),
        ),
        (json!({"model": "gpt-4o", "messages": user, "n": 2}), Some("n")),
    ] {
        let refusal = ChatRequest::parse(body.to_string().as_bytes()).unwrap_err();
        let crate::model::openai::refusal::Refusal::Invalid { param: found, .. } = refusal else { panic!("{body}") };
        assert_eq!(found.as_deref(), param, "{body}");
    }
}

#[test]
fn a_call_without_a_result_is_refused() {
    let call = json!([{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]);
    let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": null, "tool_calls": call}]});
    assert!(ChatRequest::parse(body.to_string().as_bytes()).is_err());
}

#[tokio::test]
async fn replies_and_requests_conform_to_the_providers_document() {
    let Some(contract) = document("openai.json", "Chat Completions, bodies and events") else { return };
    for body in bodies() {
        conforms(&contract, "CreateChatCompletionRequest", &body);
        let whole = send(&host(), "/chat/completions", body.to_string(), API_KEY).await.json();
        conforms(&contract, "CreateChatCompletionResponse", &whole);
        let stream = send(&host(), "/chat/completions", streamed(body).to_string(), API_KEY).await;
        for mut chunk in chunks(&stream.text) {
            // The document marks this null in the older way, which its own dialect does not know.
            for pointer in ["/usage", "/choices/0/finish_reason"] {
                if chunk.pointer(pointer).is_some_and(Value::is_null) {
                    *chunk.pointer_mut(pointer).unwrap() = match pointer {
                        "/usage" => json!({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
                        _ => json!("stop"),
                    };
                }
            }
            conforms(&contract, "CreateChatCompletionStreamResponse", &chunk);
        }
    }
    conforms(&contract, "ListModelsResponse", &send(&host(), "/v1/models", String::new(), API_KEY).await.json());
    conforms(&contract, "Model", &send(&host(), "/models/gpt-4o", String::new(), API_KEY).await.json());
    conforms(&contract, "ErrorResponse", &send(&host(), "/chat/completions", "{".to_owned(), API_KEY).await.json());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(<<<DATA a|DATA a>>>>|\\{\"event\":\"refunds/create\"\\}|.{0,12})".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("(role|content|event|task|summary|orders|error|status|.{0,4})", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = ChatRequest::parse(&body);
    }

    #[test]
    fn any_members_are_answered(messages in any_json(), tools in any_json(), stream in any_json()) {
        let body = json!({"model": "gpt-4o", "messages": messages, "tools": tools, "stream": stream});
        let _ = ChatRequest::parse(body.to_string().as_bytes());
    }

    #[test]
    fn any_event_and_any_result_come_to_an_end(
        name in "(orders/(create|paid|cancelled|fulfilled)|refunds/create|shipment_sent|order_failed|.{0,8})",
        summary in any_json(),
        result in any_json(),
    ) {
        let mut talk = Talk::operations("print order 5830137741322", &event(&name, summary));
        let mut rounds = 0;
        while let crate::model::policy::Answer::Calls(calls) = talk.answer() {
            rounds += 1;
            prop_assert!(rounds <= 3);
            let asked: Vec<Value> = calls.iter().enumerate().map(|(index, call)| {
                json!({"id": format!("{rounds}-{index}"), "type": "function", "function": {"name": call.name, "arguments": call.args.to_string()}})
            }).collect();
            let ids: Vec<Value> = asked.iter().map(|call| call["id"].clone()).collect();
            talk.messages.push(json!({"role": "assistant", "content": null, "tool_calls": asked}));
            for id in ids {
                talk.messages.push(json!({"role": "tool", "tool_call_id": id, "content": result.to_string()}));
            }
        }
    }
}
