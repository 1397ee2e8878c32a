//! Outgoing requests of every dialect against the documents that the providers publish.

use std::path::PathBuf;

use domain::message::{Message, ToolCall};
use llm::codec::{self, WireRequest};
use llm::{Api, ChatRequest, ToolChoice, ToolDef};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::recorded;

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

/// Dialect, document, its schemas of request and answer.
const DIALECTS: [(Api, &str, &str, &str); 4] = [
    (Api::ChatCompletions, "openai.json", "CreateChatCompletionRequest", "CreateChatCompletionResponse"),
    (Api::Messages, "anthropic.json", "CreateMessageParams", "Message"),
    (Api::Responses, "openai.json", "CreateResponse", "Response"),
    (Api::OllamaChat, "ollama.json", "ChatRequest", "ChatResponse"),
];

fn validator(document: &Value, schema: &str) -> jsonschema::Validator {
    let mut document = document.clone();
    document["$ref"] = json!(format!("#/components/schemas/{schema}"));
    jsonschema::validator_for(&document).unwrap()
}

fn encode(api: Api, request: &ChatRequest, stream: bool, temperature: Option<f64>) -> Value {
    let wire =
        WireRequest { model: "gpt-4o", request, max_output_tokens: 10, temperature, effort: Some("low"), stream };
    codec::of(api).unwrap().encode(&wire)
}

fn calling(calls: &[(&str, Value)]) -> Message {
    let call = |(id, args): &(&str, Value)| ToolCall { id: (*id).into(), name: "look".into(), args: args.clone() };
    Message { tool_calls: calls.iter().map(call).collect(), ..Message::ai("") }
}

fn look() -> ToolDef {
    ToolDef { name: "look".into(), description: "Looks.".into(), schema: json!({"type": "object", "properties": {}}) }
}

fn requests() -> Vec<ChatRequest> {
    let conversation = vec![
        Message::human("hi"),
        calling(&[("a", json!({"n": 1})), ("b", json!("{oops"))]),
        Message::tool("b", "bad arguments"),
        Message::tool("a", "1"),
        Message::ai("done"),
    ];
    let choices = [ToolChoice::Auto, ToolChoice::None, ToolChoice::Required, ToolChoice::Named("look".into())];
    let with_tools = choices.map(|tool_choice| ChatRequest {
        system: Some("Be brief.".into()),
        tools: vec![look()],
        tool_choice,
        ..ChatRequest::new("gpt4o", conversation.clone())
    });
    let without_tools = ChatRequest::new("gpt4o", conversation[..4].to_vec());
    [ChatRequest::new("gpt4o", vec![Message::human("hi")]), without_tools].into_iter().chain(with_tools).collect()
}

#[test]
fn every_body_is_one_that_the_provider_documents() {
    for (api, file, schema, _) in DIALECTS {
        let Some(document) = document(file) else { continue };
        let validator = validator(&document, schema);
        for request in requests() {
            request.check().unwrap();
            for (stream, temperature) in [(false, None), (true, Some(0.7)), (true, Some(2.0))] {
                let body = encode(api, &request, stream, temperature);
                let faults: Vec<String> = validator.iter_errors(&body).map(|fault| fault.to_string()).collect();
                assert!(faults.is_empty(), "{api}: {faults:#?}\n{body:#}");
            }
        }
        assert!(!validator.is_valid(&json!({"model": 1})), "{schema} refuses something");
    }
}

#[test]
fn the_answers_in_these_tests_are_ones_that_the_provider_documents() {
    for recorded in recorded::all() {
        let by_path = |row: &&(Api, &str, &str, &str)| codec::of(row.0).unwrap().path() == recorded.path;
        let (_, file, _, schema) = DIALECTS.iter().find(by_path).unwrap();
        let Some(document) = document(file) else { continue };
        let faults: Vec<String> =
            validator(&document, schema).iter_errors(&recorded.whole).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{schema}: {faults:#?}");
    }
}

#[test]
fn what_is_sent_back_to_the_model_is_what_it_wrote() {
    let request = requests().remove(2);
    let body = encode(Api::ChatCompletions, &request, false, None);
    let calls = &body["messages"][2]["tool_calls"];
    let finish =
        json!({"choices": [{"finish_reason": "tool_calls", "message": {"content": null, "tool_calls": calls}}]});
    let answer = codec::of(Api::ChatCompletions).unwrap().decode(finish.to_string().as_bytes()).unwrap();
    assert_eq!(answer.message.tool_calls, request.messages[1].tool_calls);
}

#[test]
fn anthropic_gets_results_in_the_order_of_the_calls_and_the_stable_prefix_marked_for_its_cache() {
    let body = encode(Api::Messages, &requests().remove(2), true, Some(1.5));
    let results: Vec<_> = body["messages"][2]["content"].as_array().unwrap().iter().collect();
    assert_eq!([&results[0]["tool_use_id"], &results[1]["tool_use_id"]], ["a", "b"]);
    assert_eq!(body["messages"][1]["content"][1]["input"], json!({"not_an_object": "{oops"}));
    let marked = json!({"type": "ephemeral"});
    assert_eq!(body["tools"][0]["cache_control"], marked);
    assert_eq!(body["system"][0]["cache_control"], marked);
    assert_eq!(body.to_string().matches("cache_control").count(), 2);
    assert_eq!(body["temperature"], 1.0, "the scale ends at 1 there");
    // The model spoke last: it is asked to go on, never made to continue words put into its mouth.
    assert_eq!(body["messages"].as_array().unwrap().last().unwrap()["role"], "user");
}

#[test]
fn anthropic_gets_a_description_of_tools_that_were_used_even_when_none_is_offered() {
    let body = encode(Api::Messages, &requests().remove(1), true, None);
    assert_eq!((&body["tools"][0]["name"], &body["tool_choice"]), (&json!("look"), &json!({"type": "none"})));
}

#[test]
fn openai_is_told_to_keep_nothing_and_gets_no_sampling_parameters_with_the_newer_families() {
    let body = encode(Api::Responses, &requests().remove(2), true, Some(0.5));
    assert_eq!((&body["store"], &body["reasoning"]), (&json!(false), &json!({"effort": "low"})));
    assert!(body.get("temperature").is_none());
    assert_eq!(body["max_output_tokens"], 16, "the provider takes no smaller cap");
}

#[test]
fn ollama_is_not_offered_what_must_not_be_called() {
    let mut request = requests().remove(2);
    request.tools.push(ToolDef { name: "count".into(), ..look() });
    let offered = |choice: ToolChoice| {
        let body = encode(Api::OllamaChat, &ChatRequest { tool_choice: choice, ..request.clone() }, true, None);
        body["tools"].as_array().map_or(0, Vec::len)
    };
    assert_eq!([offered(ToolChoice::Auto), offered(ToolChoice::None)], [2, 0]);
    assert_eq!(offered(ToolChoice::Named("look".into())), 1);
}

fn arguments() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        Just(Value::Null),
        ".{0,20}".prop_map(Value::String),
        (".{0,10}", any::<i64>()).prop_map(|(key, n)| json!({key: n})),
        any::<bool>().prop_map(|yes| json!([yes])),
    ]
}

/// A part of a conversation: one message, or calls with their results in any order.
fn part() -> impl Strategy<Value = Vec<Message>> {
    let call = ("[a-c]{1}|.{0,70}", "[a-z_]{1,9}|.{0,70}", arguments());
    let call = call.prop_map(|(id, name, args)| ToolCall { id, name, args });
    let calls = (".{0,9}", proptest::collection::vec((call, ".{0,20}"), 0..4), any::<bool>());
    prop_oneof![
        ".{0,20}".prop_map(|text| vec![Message::human(text)]),
        ".{0,20}".prop_map(|text| vec![Message::ai(text)]),
        ".{0,20}".prop_map(|text| vec![Message { speaker: domain::message::Speaker::System, ..Message::human(text) }]),
        calls.prop_map(|(text, calls, backwards)| {
            let mut results: Vec<Message> = calls.iter().map(|(call, text)| Message::tool(&call.id, text)).collect();
            if backwards {
                results.reverse();
            }
            let calls = calls.into_iter().map(|(call, _)| call).collect();
            [vec![Message { tool_calls: calls, ..Message::ai(text) }], results].concat()
        }),
    ]
}

fn any_request() -> impl Strategy<Value = ChatRequest> {
    let tools = proptest::collection::btree_map("[a-zA-Z0-9_-]{1,64}", ".{0,20}", 0..4);
    let choice = prop_oneof![Just(ToolChoice::Auto), Just(ToolChoice::None), Just(ToolChoice::Required)];
    let system = proptest::option::of(".{0,20}");
    (proptest::collection::vec(part(), 1..6), tools, choice, system).prop_map(|(parts, tools, tool_choice, system)| {
        let tool = |(name, description)| ToolDef { name, description, schema: json!({"properties": {}}) };
        let tools = tools.into_iter().map(tool).collect();
        ChatRequest { system, tools, tool_choice, ..ChatRequest::new("gpt4o", parts.concat()) }
    })
}

#[test]
fn any_request_that_we_build_is_one_that_the_provider_documents() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(100));
    for (api, file, schema, _) in DIALECTS {
        let Some(document) = document(file) else { continue };
        let validator = validator(&document, schema);
        runner
            .run(&any_request(), |request| {
                prop_assert_eq!(request.check(), Ok(()));
                let body = encode(api, &request, true, Some(0.0));
                let faults: Vec<String> = validator.iter_errors(&body).map(|fault| fault.to_string()).collect();
                prop_assert!(faults.is_empty(), "{}: {:#?}\n{:#}", api, faults, body);
                Ok(())
            })
            .unwrap();
    }
}

fn ids(message: &Value, kind: &str, key: &str) -> Vec<String> {
    let blocks = message["content"].as_array().map(Vec::as_slice).unwrap_or_default();
    blocks.iter().filter(|block| block["type"] == kind).map(|block| block[key].as_str().unwrap().to_owned()).collect()
}

proptest! {
    #[test]
    fn every_tool_use_has_one_result_at_the_head_of_the_next_message(request in any_request()) {
        let body = encode(Api::Messages, &request, true, None);
        let messages = body["messages"].as_array().unwrap();
        let mut seen = std::collections::HashSet::new();
        for (at, message) in messages.iter().enumerate() {
            prop_assert_eq!(&message["role"], if at % 2 == 0 { "user" } else { "assistant" });
            let calls = ids(message, "tool_use", "id");
            prop_assert!(calls.iter().all(|id| seen.insert(id.clone())), "ids are unique in a request");
            let next = messages.get(at + 1).cloned().unwrap_or_default();
            prop_assert_eq!(&ids(&next, "tool_result", "tool_use_id"), &calls);
            let first = next["content"].as_array().into_iter().flatten().take(calls.len());
            prop_assert!(first.into_iter().all(|block| block["type"] == "tool_result"));
        }
    }
}
