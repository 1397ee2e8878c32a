//! The Messages protocol, over the routes.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tower_service::ServiceExt;

use super::documents::document;
use super::{CONTRACT, TOOLS, conforms, event, task};
use crate::fault::{FaultKind, Planted};
use crate::model::API_KEY;
use crate::model::anthropic::request::MessagesRequest;
use crate::model::anthropic::router;
use crate::model_host::MemoryHost;

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    /// None when the body broke off.
    whole: bool,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn events(&self) -> Vec<Value> {
        self.text
            .split("\n\n")
            .filter(|event| !event.is_empty())
            .map(|event| {
                let (name, data) = event.split_once('\n').unwrap();
                let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
                assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
                data
            })
            .collect()
    }
}

fn host() -> Arc<MemoryHost> {
    Arc::new(MemoryHost::new(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()))
}

async fn send(host: &Arc<MemoryHost>, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().method(if body.is_some() { "POST" } else { "GET" }).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = router(host.clone()).oneshot(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let mut text = Vec::new();
    let mut whole = true;
    let mut stream = body.into_data_stream();
    while let Some(piece) = futures_util::StreamExt::next(&mut stream).await {
        match piece {
            Ok(piece) => text.extend(piece),
            Err(_) => whole = false,
        }
    }
    Reply { status: parts.status, headers: parts.headers, whole, text: String::from_utf8(text).unwrap() }
}

const HEADERS: [(&str, &str); 2] = [("x-api-key", API_KEY), ("anthropic-version", "2023-06-01")];

async fn ask(body: &Value) -> Reply {
    send(&host(), "/v1/messages", Some(body), &HEADERS).await
}

async fn faulty(kind: FaultKind, body: &Value) -> Reply {
    let host = host();
    host.plant(Planted { upstream: "anthropic".to_owned(), kind, times: 1, after: 0, seconds: Some(9) }).unwrap();
    send(&host, "/v1/messages", Some(body), &HEADERS).await
}

/// A paid order, as the operations agent is asked about it.
fn order() -> Value {
    let tools: Vec<Value> =
        TOOLS.map(|name| json!({"name": name, "description": "d", "input_schema": {"type": "object"}})).into();
    let summary = json!({"shopify_order_id": "5830137741322", "order_name": "#1042"});
    json!({
        "model": "claude-opus-4-6",
        "max_tokens": 1024,
        "system": [{"type": "text", "text": CONTRACT}],
        "messages": [{"role": "user", "content": task("print", &event("orders/paid", summary))}],
        "tools": tools,
        "tool_choice": {"type": "auto"},
    })
}

fn story() -> Value {
    json!({"model": "claude-opus-5-5", "max_tokens": 1024, "system": "You are Sage.",
        "messages": [{"role": "user", "content": "Tell me a story, schön"}]})
}

fn streamed(mut body: Value) -> Value {
    body["stream"] = true.into();
    body
}

/// The next request after `reply`, with `result` for its only call.
fn answered(mut body: Value, reply: &Value, result: &Value) -> Value {
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({"role": "assistant", "content": reply["content"]}));
    for block in messages.last_mut().unwrap()["content"].as_array_mut().unwrap() {
        block.as_object_mut().unwrap().remove("citations");
    }
    let id = reply["content"][0]["id"].clone();
    messages.push(json!({"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": id, "content": result.to_string()}]}));
    body
}

/// The message that the events of a stream describe.
fn assembled(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let mut json = String::new();
    for event in events {
        match event["type"].as_str().unwrap() {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => {
                let blocks = message["content"].as_array_mut().unwrap();
                assert_eq!(event["index"], blocks.len());
                blocks.push(event["content_block"].clone());
                json.clear();
            }
            "content_block_delta" => {
                let block = message["content"].as_array_mut().unwrap().last_mut().unwrap();
                if let Some(piece) = event["delta"]["text"].as_str() {
                    block["text"] = (block["text"].as_str().unwrap().to_owned() + piece).into();
                }
                json.push_str(event["delta"]["partial_json"].as_str().unwrap_or_default());
            }
            "content_block_stop" => {
                let block = message["content"].as_array_mut().unwrap().last_mut().unwrap();
                if block["type"] == "tool_use" {
                    block["input"] = serde_json::from_str(&json).unwrap();
                }
            }
            "message_delta" => {
                for (name, value) in event["delta"].as_object().unwrap() {
                    message[name] = value.clone();
                }
                message["usage"] = event["usage"].clone();
            }
            _ => {}
        }
    }
    message
}

#[tokio::test]
async fn the_events_put_together_are_the_whole_message() {
    for body in [order(), story()] {
        let whole = ask(&body).await.json();
        let events = ask(&streamed(body)).await.events();
        assert_eq!(events.first().unwrap()["type"], "message_start");
        assert_eq!(events.last().unwrap()["type"], "message_stop");
        assert!(events.len() > 6);
        let mut streamed = assembled(&events);
        // The ids tell two requests apart.
        streamed["id"] = whole["id"].clone();
        for (index, block) in whole["content"].as_array().unwrap().iter().enumerate() {
            if block["type"] == "tool_use" {
                streamed["content"][index]["id"] = block["id"].clone();
            }
        }
        assert_eq!(streamed, whole);
    }
}

#[tokio::test]
async fn calls_and_answers_conform_to_the_providers_document() {
    let Some(contract) = document("anthropic.json", "Messages, models and errors of Anthropic") else { return };
    for body in [order(), story()] {
        conforms(&contract, "CreateMessageParams", &body);
        conforms(&contract, "Message", &ask(&body).await.json());
        let events = ask(&streamed(body)).await.events();
        conforms(&contract, "Message", &events[0]["message"]);
        conforms(&contract, "ContentBlock", &events[1]["content_block"]);
    }
    let models = send(&host(), "/v1/models?limit=2", None, &HEADERS).await.json();
    conforms(&contract, "ListResponse_ModelInfo_", &models);
    conforms(&contract, "ModelInfo", &send(&host(), "/v1/models/claude-opus-4-6", None, &HEADERS).await.json());
    let mut body = story();
    body.as_object_mut().unwrap().remove("max_tokens");
    let counted = send(&host(), "/v1/messages/count_tokens", Some(&body), &HEADERS).await.json();
    conforms(&contract, "CountMessageTokensResponse", &counted);
    conforms(&contract, "ErrorResponse", &ask(&body).await.json());
    for kind in [FaultKind::RateLimit, FaultKind::Credit, FaultKind::Error, FaultKind::Overloaded] {
        conforms(&contract, "ErrorResponse", &faulty(kind, &story()).await.json());
    }
}

#[tokio::test]
async fn a_call_is_asked_for_and_its_result_leads_on() {
    let first = ask(&order()).await.json();
    assert_eq!((&first["stop_reason"], &first["content"][0]["type"]), (&json!("tool_use"), &json!("tool_use")));
    let name = first["content"][0]["name"].as_str().unwrap().to_owned();
    let failed = json!({"error": "not_found", "message": "no such order"});
    let last = ask(&answered(order(), &first, &failed)).await.json();
    assert_eq!(last["stop_reason"], "end_turn", "{name} is not asked for again: {last}");
}

#[tokio::test]
async fn each_answer_carries_its_id_and_the_accounts_limits() {
    let reply = ask(&story()).await;
    assert!(reply.header("request-id").starts_with("rehearsal-"));
    assert_eq!(reply.header("anthropic-ratelimit-requests-remaining"), "49");
    assert!(reply.json()["id"].as_str().unwrap().starts_with("msg_rehearsal_"));
    let refused = ask(&json!({})).await;
    assert_eq!(refused.json()["request_id"], refused.header("request-id"));
}

#[tokio::test]
async fn who_says_no_key_or_no_version_gets_no_answer() {
    let body = story();
    let real = "sk-ant-".to_owned() + "0000";
    for (headers, status, kind) in [
        (vec![HEADERS[1]], 401, "authentication_error"),
        (vec![("x-api-key", real.as_str()), HEADERS[1]], 401, "authentication_error"),
        (vec![HEADERS[0]], 400, "invalid_request_error"),
        (vec![HEADERS[0], ("anthropic-version", "2031-01-01")], 400, "invalid_request_error"),
    ] {
        let reply = send(&host(), "/v1/messages", Some(&body), &headers).await;
        assert_eq!((reply.status.as_u16(), reply.json()["error"]["type"].as_str()), (status, Some(kind)));
    }
    let mut unknown = story();
    unknown["model"] = "claude-0".into();
    let reply = ask(&unknown).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["error"]["type"]), (404, &json!("not_found_error")));
}

#[test]
fn a_wrong_request_is_refused_with_its_place() {
    let user = json!({"role": "user", "content": "x"});
    let uses = json!({"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]});
    let result = |id: &str| json!({"type": "tool_result", "tool_use_id": id, "content": "1"});
    let tools = json!([{"name": "f", "input_schema": {"type": "object"}}]);
    let mark = json!({"type": "ephemeral"});
    let marked = json!({"type": "text", "text": "x", "cache_control": mark});
    for (change, words) in [
        (json!({"max_tokens": null}), "max_tokens: "),
        (json!({"max_completion_tokens": 7}), "max_completion_tokens: Extra inputs"),
        (json!({"messages": []}), "messages: at least one"),
        (json!({"messages": [{"role": "system", "content": "x"}]}), "messages.0.role"),
        (json!({"messages": [{"role": "user", "content": "x", "name": "me"}]}), "messages.0.name: Extra"),
        (json!({"messages": [{"role": "user", "content": ""}]}), "messages.0: all messages must have non-empty"),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]}),
            "messages.0.content.0.text",
        ),
        (
            json!({"messages": [user, {"role": "assistant", "content": "and so"}]}),
            "does not support assistant message prefill",
        ),
        (json!({"messages": [user, uses, user], "tools": tools}), "messages.1: `tool_use` ids were found"),
        (json!({"messages": [user, uses], "tools": tools}), "messages.1: `tool_use` ids were found"),
        (
            json!({"messages": [{"role": "user", "content": [result("t9")]}], "tools": tools}),
            "messages.0.content.0: unexpected `tool_use_id`",
        ),
        (
            json!({"messages": [user, uses, {"role": "user", "content": [{"type": "text", "text": "so"}, result("t1")]}], "tools": tools}),
            "messages.1: `tool_use` ids were found",
        ),
        (json!({"messages": [user, uses, {"role": "user", "content": [result("t1")]}]}), "must define tools"),
        (json!({"temperature": 1.5}), "temperature: "),
        (json!({"model": "claude-opus-5-5", "temperature": 0.5}), "`temperature` is deprecated"),
        (json!({"temperature": 0.5, "top_p": 0.5}), "cannot both be specified"),
        (json!({"tools": [{"name": "a b", "input_schema": {"type": "object"}}]}), "tools.0.name"),
        (json!({"tools": [{"name": "f", "parameters": {}}]}), "tools.0.parameters: Extra"),
        (json!({"tool_choice": {"type": "auto"}}), "tool_choice: may only be specified"),
        (json!({"tools": tools, "tool_choice": "auto"}), "tool_choice: Input should be an object"),
        (json!({"thinking": {"type": "enabled", "budget_tokens": 2000}}), "`max_tokens` must be greater"),
        (json!({"system": [marked, marked, marked, marked, marked]}), "A maximum of 4 blocks"),
        (
            json!({"system": [marked, {"type": "text", "text": "x", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]}),
            "must not come after",
        ),
        (
            json!({"system": [{"type": "text", "text": "x", "cache_control": {"type": "forever"}}]}),
            "system.0.cache_control.type",
        ),
    ] {
        let mut body = json!({"model": "claude-opus-4-6", "max_tokens": 100, "messages": [user]});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let problem = MessagesRequest::parse(body.to_string().as_bytes()).unwrap_err();
        let message = problem.to_error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words), "{message} for {body}");
    }
}

#[tokio::test]
async fn an_older_model_goes_on_from_given_words() {
    let mut body = story();
    body["model"] = "claude-sonnet-4-5".into();
    body["messages"].as_array_mut().unwrap().push(json!({"role": "assistant", "content": "Once"}));
    assert_eq!(ask(&body).await.status, 200);
}

#[tokio::test]
async fn a_marked_prefix_is_written_first_and_read_when_it_comes_again() {
    let mut body = order();
    body["system"][0] = json!({"type": "text", "text": format!("{CONTRACT} {}", "x".repeat(20_000)),
        "cache_control": {"type": "ephemeral"}});
    let first = ask(&body).await.json();
    let written = first["usage"]["cache_creation_input_tokens"].as_u64().unwrap();
    assert!(written > 5_000);
    assert_eq!(first["usage"]["cache_read_input_tokens"], 0);
    let second = ask(&answered(body, &first, &json!({"error": "not_found"}))).await.json();
    assert_eq!(second["usage"]["cache_creation_input_tokens"], 0);
    assert_eq!(second["usage"]["cache_read_input_tokens"], written);
    assert!(second["usage"]["input_tokens"].as_u64() > first["usage"]["input_tokens"].as_u64());
    let unmarked = ask(&order()).await.json();
    assert_eq!(unmarked["usage"]["cache_creation_input_tokens"], 0);
}

#[tokio::test]
async fn each_fault_shows_as_this_provider_shows_it() {
    for (kind, status, error) in [
        (FaultKind::RateLimit, 429, "rate_limit_error"),
        (FaultKind::Credit, 400, "invalid_request_error"),
        (FaultKind::Error, 500, "api_error"),
        (FaultKind::Overloaded, 529, "overloaded_error"),
    ] {
        let reply = faulty(kind, &story()).await;
        assert_eq!((reply.status.as_u16(), reply.json()["error"]["type"].as_str()), (status, Some(error)));
        if kind == FaultKind::RateLimit {
            assert_eq!((reply.header("retry-after"), reply.header("x-should-retry")), ("9", "true"));
            assert_eq!(reply.header("anthropic-ratelimit-requests-remaining"), "0");
            assert_eq!(reply.header("anthropic-ratelimit-requests-reset"), "2027-01-15T08:00:09Z");
        }
        if kind == FaultKind::Credit {
            assert!(reply.json()["error"]["message"].as_str().unwrap().contains("credit balance is too low"));
        }
    }
    assert!(faulty(FaultKind::DropReply, &story()).await.text.is_empty());
    let cut = faulty(FaultKind::Malformed, &story()).await;
    assert!(cut.whole && serde_json::from_str::<Value>(&cut.text).is_err());
}

#[tokio::test]
async fn a_stream_breaks_off_or_ends_in_the_error_event() {
    let broken = faulty(FaultKind::BreakStream, &streamed(story())).await;
    assert!(!broken.whole && broken.status == 200 && broken.text.starts_with("event: message_start"));
    assert!(!broken.text.contains("message_stop"));
    assert!(!faulty(FaultKind::BreakStream, &story()).await.whole);
    let events = faulty(FaultKind::Overloaded, &streamed(story())).await.events();
    assert_eq!(events.first().unwrap()["type"], "message_start");
    assert_eq!(events.last().unwrap()["error"]["type"], "overloaded_error");
    let cut = faulty(FaultKind::Malformed, &streamed(story())).await;
    assert!(cut.whole && !cut.text.contains("message_stop"));
}

#[tokio::test]
async fn words_that_end_at_a_limit_or_at_a_stop_say_so() {
    let mut body = story();
    body["max_tokens"] = 2.into();
    let short = ask(&body).await.json();
    assert_eq!((&short["stop_reason"], &short["usage"]["output_tokens"]), (&json!("max_tokens"), &json!(2)));
    let mut body = story();
    body["stop_sequences"] = json!(["."]);
    let stopped = ask(&body).await.json();
    assert_eq!((&stopped["stop_reason"], &stopped["stop_sequence"]), (&json!("stop_sequence"), &json!(".")));
}
