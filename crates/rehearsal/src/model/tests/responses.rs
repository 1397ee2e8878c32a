//! The Responses protocol, over the routes.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tower_service::ServiceExt;

use super::documents::document;
use super::{CONTRACT, TOOLS, conforms, event, task};
use crate::fault::{FaultKind, Planted};
use crate::model::API_KEY;
use crate::model::openai::refusal::Refusal;
use crate::model::openai::responses::request::ResponsesRequest;
use crate::model::openai::router;
use crate::model_host::MemoryHost;

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    whole: bool,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn events(&self) -> Vec<Value> {
        let events = self.text.split("\n\n").filter(|event| !event.is_empty());
        events
            .map(|event| {
                let (name, data) = event.split_once('\n').unwrap();
                let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
                assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
                data
            })
            .collect()
    }
}

async fn send(kind: Option<FaultKind>, body: &Value) -> Reply {
    let host = Arc::new(MemoryHost::default());
    if let Some(kind) = kind {
        host.plant(Planted { upstream: "openai".to_owned(), kind, times: 1, after: 0, seconds: Some(9) }).unwrap();
    }
    let request = Request::post("/v1/responses").header("authorization", format!("Bearer {API_KEY}"));
    let response = router(host).oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let (mut text, mut whole) = (Vec::new(), true);
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(piece) => text.extend(piece),
            Err(_) => whole = false,
        }
    }
    Reply { status: parts.status, headers: parts.headers, whole, text: String::from_utf8(text).unwrap() }
}

fn order() -> Value {
    let tools: Vec<Value> = TOOLS
        .map(|name| json!({"type": "function", "name": name, "description": "d", "parameters": {"type": "object"}, "strict": false}))
        .into();
    let summary = json!({"shopify_order_id": "5830137741322", "order_name": "#1042"});
    json!({"model": "gpt-6-luna", "store": false, "instructions": CONTRACT, "tools": tools, "max_output_tokens": 512,
        "input": [{"role": "user", "content": task("print", &event("orders/paid", summary))}]})
}

fn story() -> Value {
    json!({"model": "gpt-6-sol", "store": false, "input": "Tell me a story, schön", "reasoning": {"effort": "low"}})
}

fn streamed(mut body: Value) -> Value {
    body["stream"] = true.into();
    body
}

#[tokio::test]
async fn the_events_are_numbered_and_end_in_the_whole_response() {
    for body in [order(), story()] {
        let whole = send(None, &body).await.json();
        let events = send(None, &streamed(body)).await.events();
        for (number, event) in events.iter().enumerate() {
            assert_eq!(event["sequence_number"], number);
        }
        let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(kinds[..2], ["response.created", "response.in_progress"]);
        assert_eq!(kinds.last(), Some(&"response.completed"));
        assert!(kinds.len() > 6);
        let last = &events.last().unwrap()["response"];
        assert_eq!(last["usage"], whole["usage"]);
        let pieces = |kind: &str| {
            let pieces = events.iter().filter(|event| event["type"] == kind);
            pieces.map(|event| event["delta"].as_str().unwrap()).collect::<String>()
        };
        let item = whole["output"].as_array().unwrap().last().unwrap();
        match item["type"].as_str().unwrap() {
            "message" => assert_eq!(pieces("response.output_text.delta"), item["content"][0]["text"].as_str().unwrap()),
            _ => {
                assert_eq!(pieces("response.function_call_arguments.delta"), item["arguments"].as_str().unwrap());
                assert_eq!(item["type"], "function_call");
            }
        }
    }
}

#[tokio::test]
async fn bodies_and_events_conform_to_the_providers_document() {
    let Some(contract) = document("openai.json", "Responses, bodies and events") else { return };
    for body in [order(), story()] {
        conforms(&contract, "CreateResponse", &body);
        conforms(&contract, "Response", &send(None, &body).await.json());
        for mut event in send(None, &streamed(body)).await.events() {
            // While the response is made its usage is null, which the document forgets to allow.
            if event["response"]["usage"].is_null()
                && let Some(response) = event.get_mut("response").and_then(Value::as_object_mut)
            {
                response.remove("usage");
            }
            let name: String = event["type"].as_str().unwrap().split(['.', '_']).map(capital).collect();
            let name = name.replace("ResponseOutputText", "ResponseText");
            conforms(&contract, &format!("{name}Event"), &event);
        }
    }
    conforms(&contract, "ErrorResponse", &send(None, &json!({"model": 7})).await.json());
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

#[tokio::test]
async fn a_call_and_its_output_lead_on_and_thoughts_may_come_back() {
    let first = send(None, &order()).await.json();
    let call = first["output"][0].clone();
    assert_eq!(call["type"], "function_call");
    let mut body = order();
    let output = json!({"error": "not_found", "message": "no such order"}).to_string();
    body["input"].as_array_mut().unwrap().extend([
        json!({"type": "reasoning", "id": "rs_1", "summary": []}),
        call.clone(),
        json!({"type": "function_call_output", "call_id": call["call_id"], "output": output}),
    ]);
    let last = send(None, &body).await.json();
    assert_eq!((&last["status"], &last["output"][0]["type"]), (&json!("completed"), &json!("message")));
}

#[tokio::test]
async fn an_answer_over_the_limit_is_incomplete_and_says_why() {
    let mut body = story();
    body["max_output_tokens"] = 18.into();
    let reply = send(None, &body).await.json();
    assert_eq!(
        (&reply["status"], &reply["incomplete_details"]["reason"]),
        (&json!("incomplete"), &json!("max_output_tokens"))
    );
    assert_eq!((&reply["output"][0]["type"], &reply["usage"]["output_tokens"]), (&json!("reasoning"), &json!(18)));
    let events = send(None, &streamed(body)).await.events();
    assert_eq!(events.last().unwrap()["type"], "response.incomplete");
}

#[test]
fn a_wrong_request_is_refused_with_the_member_at_fault() {
    let call = json!({"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"});
    let output = json!({"type": "function_call_output", "call_id": "c9", "output": "1"});
    let open = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    for (change, param) in [
        (json!({"messages": []}), "messages"),
        (json!({"input": null}), "input"),
        (json!({"input": [call]}), "input"),
        (json!({"input": [output]}), "input"),
        (json!({"input": [{"role": "tool", "content": "x"}]}), "input[0].role"),
        (json!({"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}), "input[0].content[0].type"),
        (json!({"temperature": 0.2}), "temperature"),
        (json!({"max_output_tokens": 2}), "max_output_tokens"),
        (json!({"model": "gpt-4o", "reasoning": {"effort": "low"}}), "reasoning.effort"),
        (json!({"tools": [{"type": "function", "function": {"name": "f"}}]}), "tools[0].function"),
        (
            json!({"tools": [{"type": "function", "name": "f", "strict": true, "parameters": open}]}),
            "tools[0].parameters",
        ),
        (json!({"tool_choice": "required"}), "tool_choice"),
        (json!({"text": {"format": {"type": "json_object"}}}), "input"),
        (json!({"stream_options": {}}), "stream_options"),
    ] {
        let mut body = json!({"model": "gpt-6-luna", "input": "x"});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let Refusal::Invalid { param: found, .. } = ResponsesRequest::parse(body.to_string().as_bytes()).unwrap_err()
        else {
            panic!("{body}")
        };
        assert_eq!(found.as_deref(), Some(param), "{body}");
    }
    let earlier = json!({"model": "gpt-6-luna", "input": "x", "previous_response_id": "resp_1"});
    let refusal = ResponsesRequest::parse(earlier.to_string().as_bytes()).unwrap_err();
    assert_eq!(refusal, Refusal::PreviousNotFound("resp_1".to_owned()));
}

#[tokio::test]
async fn each_fault_shows_here_as_in_chat_completions() {
    for (kind, status, code) in [
        (FaultKind::Credit, 429, json!("insufficient_quota")),
        (FaultKind::RateLimit, 429, json!("rate_limit_exceeded")),
        (FaultKind::Error, 500, Value::Null),
    ] {
        let reply = send(Some(kind), &story()).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["error"]["code"]), (status, &code));
    }
    let limited = send(Some(FaultKind::RateLimit), &story()).await;
    assert_eq!(limited.headers["x-ratelimit-reset-requests"], "9s");
    let broken = send(Some(FaultKind::BreakStream), &streamed(story())).await;
    assert!(!broken.whole && !broken.text.contains("response.completed"));
    assert!(!send(Some(FaultKind::BreakStream), &story()).await.whole);
}
