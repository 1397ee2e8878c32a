//! Streams cut at every place.

use std::sync::Mutex;

use bytes::Bytes;
use llm::{CallMeta, ChatResponse, ErrorClass, Fallback, LlmError, StreamEvent, TransportError};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Books, Scene, Step, question, stream_of};

fn calling() -> String {
    stream_of(
        &[
            json!({"role": "assistant", "content": "Größe: "}),
            json!({"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": {"name": "look", "arguments": ""}}]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\"size\":"}}]}),
            json!({"tool_calls": [{"index": 1, "id": "b", "type": "function", "function": {"name": "count", "arguments": "{oops"}}]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": "\"ü\"}"}}]}),
        ],
        "tool_calls",
    )
}

fn run(pieces: Vec<Result<Bytes, TransportError>>) -> (Result<ChatResponse, LlmError>, Vec<StreamEvent>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let scene = Scene::new(vec![Step::pieces(pieces)]);
    let events = Mutex::new(Vec::new());
    let events = std::sync::Arc::new(events);
    let seen = std::sync::Arc::clone(&events);
    let meta = CallMeta { fallback: Fallback::Never, ..CallMeta::default() };
    let listener = move |event: &StreamEvent| seen.lock().unwrap().push(event.clone());
    let result = runtime.block_on(scene.llm.chat_streamed(
        &meta,
        &question("gpt4o"),
        scene.deadline(),
        &Books::default(),
        &listener,
    ));
    let events = events.lock().unwrap().clone();
    (result, events)
}

fn piece(bytes: &[u8]) -> Result<Bytes, TransportError> {
    Ok(Bytes::copy_from_slice(bytes))
}

#[test]
fn the_events_are_the_same_wherever_the_bytes_are_cut() {
    let text = calling();
    let (whole, events) = run(vec![piece(text.as_bytes())]);
    let whole = whole.unwrap();
    assert_eq!(whole.message.content, "Größe: ");
    assert_eq!(whole.message.tool_calls[0].args, json!({"size": "ü"}));
    assert_eq!(whole.message.tool_calls[1].args, json!("{oops"), "garbled arguments stay the text that they were");
    assert_eq!((whole.usage.input, whole.usage.cache_read, whole.usage.output), (400, 600, 100));
    for cut in 0..=text.len() {
        let (head, tail) = text.as_bytes().split_at(cut);
        let (again, same) = run(vec![piece(head), piece(tail)]);
        assert_eq!(again.unwrap(), whole, "cut at {cut}");
        assert_eq!(same, events, "cut at {cut}");
    }
    let bytewise = text.bytes().map(|byte| piece(&[byte])).collect();
    assert_eq!(run(bytewise).1, events);
}

#[test]
fn a_stream_without_its_terminal_event_is_a_failed_call() {
    let text = calling();
    let end = text.find("[DONE]").unwrap() + "[DONE]\n".len();
    for cut in 0..end {
        for broken in [false, true] {
            let mut pieces = vec![piece(&text.as_bytes()[..cut])];
            pieces.extend(broken.then_some(Err(TransportError::Reset)));
            let (result, events) = run(pieces);
            let error = result.unwrap_err();
            assert_eq!(error.class(), ErrorClass::ServerError, "cut at {cut}");
            assert!(!events.iter().any(|event| matches!(event, StreamEvent::Done(_))), "cut at {cut}");
        }
    }
}

#[test]
fn the_text_before_the_break_is_in_the_error() {
    let text = calling();
    let cut = text.find("look").unwrap();
    let (result, _) = run(vec![piece(&text.as_bytes()[..cut]), Err(TransportError::Reset)]);
    match result.unwrap_err() {
        LlmError::Failed { partial_text, .. } => assert_eq!(partial_text, "Größe: "),
        other => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120), lines in proptest::collection::vec(".{0,40}", 0..4)) {
        let _ = run(vec![piece(&bytes)]);
        let text: String = lines.iter().map(|line| format!("data: {line}\n\n")).collect();
        prop_assert!(run(vec![piece(text.as_bytes())]).0.is_err());
    }

    #[test]
    fn any_text_and_any_arguments_come_through_a_stream(text in ".{1,30}", value in ".{0,30}") {
        let arguments = json!({"v": value}).to_string();
        let deltas = [json!({"content": text}), json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": arguments}}]})];
        let answer = run(vec![piece(stream_of(&deltas, "stop").as_bytes())]).0.unwrap();
        prop_assert_eq!(answer.message.content, text);
        prop_assert_eq!(&answer.message.tool_calls[0].args, &json!({"v": value}));
    }
}
