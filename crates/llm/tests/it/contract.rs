//! Outgoing requests against the provider's published document.

use std::path::PathBuf;

use domain::message::{Message, ToolCall};
use llm::codec::{self, WireRequest};
use llm::{Api, ChatRequest, ToolChoice, ToolDef};
use serde_json::{Value, json};

#[expect(clippy::disallowed_methods, reason = "the place of the documents is a matter of the test run, not a setting")]
fn document(name: &str) -> Option<Value> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/openapi");
    let folder = std::env::var("HOLLY_CONTRACTS").map_or_else(|_| beside(), PathBuf::from);
    let Ok(text) = std::fs::read_to_string(folder.join(name)) else {
        eprintln!("left out: {name} is not there, so requests were not checked against it (set HOLLY_CONTRACTS)");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn requests() -> Vec<ChatRequest> {
    let call = |id: &str, args| ToolCall { id: id.into(), name: "look".into(), args };
    let calling =
        Message { tool_calls: vec![call("a", json!({"n": 1})), call("b", json!("{oops"))], ..Message::ai("") };
    let conversation = vec![
        Message::human("hi"),
        calling,
        Message::tool("a", "1"),
        Message::tool("b", "bad arguments"),
        Message::ai("done"),
    ];
    let tools = vec![ToolDef {
        name: "look".into(),
        description: "Looks.".into(),
        schema: json!({"type": "object", "properties": {}}),
    }];
    let choices = [ToolChoice::Auto, ToolChoice::None, ToolChoice::Required, ToolChoice::Named("look".into())];
    let with_tools = choices.map(|tool_choice| ChatRequest {
        system: Some("Be brief.".into()),
        tools: tools.clone(),
        tool_choice,
        ..ChatRequest::new("gpt4o", conversation.clone())
    });
    [ChatRequest::new("gpt4o", vec![Message::human("hi")])].into_iter().chain(with_tools).collect()
}

#[test]
fn every_chat_completions_body_is_one_that_the_provider_documents() {
    let Some(mut schema) = document("openai.json") else { return };
    schema["$ref"] = json!("#/components/schemas/CreateChatCompletionRequest");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let codec = codec::of(Api::ChatCompletions).unwrap();
    for request in requests() {
        request.check().unwrap();
        for (stream, temperature) in [(false, None), (true, Some(0.7))] {
            let body = codec.encode(&WireRequest {
                model: "gpt-4o",
                request: &request,
                max_output_tokens: 100,
                temperature,
                effort: None,
                stream,
            });
            let faults: Vec<String> = validator.iter_errors(&body).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "{faults:#?}\n{body:#}");
        }
    }
    assert!(!validator.is_valid(&json!({"model": "gpt-4o"})), "the document refuses something");
}

#[test]
fn what_is_sent_back_to_the_model_is_what_it_wrote() {
    let codec = codec::of(Api::ChatCompletions).unwrap();
    let request = requests().remove(1);
    let body = codec.encode(&WireRequest {
        model: "m",
        request: &request,
        max_output_tokens: 1,
        temperature: None,
        effort: None,
        stream: false,
    });
    let calls = &body["messages"][2]["tool_calls"];
    let finish =
        json!({"choices": [{"finish_reason": "tool_calls", "message": {"content": null, "tool_calls": calls}}]});
    let answer = codec.decode(finish.to_string().as_bytes()).unwrap();
    assert_eq!(answer.message.tool_calls, request.messages[1].tool_calls);
}
