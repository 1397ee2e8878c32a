//! Streams of every dialect, cut at every place.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use llm::{CallMeta, ChatResponse, ErrorClass, Fallback, FinishReason, LlmError, StreamEvent, TransportError};
use proptest::prelude::*;
use serde_json::json;

use crate::recorded::{self, Recorded};
use crate::support::{Books, Scene, Step, question, stream_of};

type Pieces = Vec<Result<Bytes, TransportError>>;

fn play(model: &str, step: Step, path: &str) -> (Result<ChatResponse, LlmError>, Vec<StreamEvent>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let scene = Scene::everywhere(vec![step]);
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    let meta = CallMeta { fallback: Fallback::Never, ..CallMeta::default() };
    let listener = move |event: &StreamEvent| seen.lock().unwrap().push(event.clone());
    let (books, deadline) = (Books::default(), scene.deadline());
    let result = runtime.block_on(scene.llm.chat_streamed(&meta, &question(model), deadline, &books, &listener));
    assert_eq!(*scene.wire.paths.lock().unwrap(), [path]);
    let events = events.lock().unwrap().clone();
    (result, events)
}

fn run(recorded: &Recorded, pieces: Pieces) -> (Result<ChatResponse, LlmError>, Vec<StreamEvent>) {
    play(recorded.model, Step::typed(recorded.content_type, pieces), recorded.path)
}

fn piece(bytes: &[u8]) -> Result<Bytes, TransportError> {
    Ok(Bytes::copy_from_slice(bytes))
}

/// Neighbouring pieces of text or arguments as one: how finely a provider cuts says nothing.
fn joined(events: &[StreamEvent]) -> Vec<StreamEvent> {
    let mut out: Vec<StreamEvent> = Vec::new();
    for event in events {
        match (out.last_mut(), event) {
            (Some(StreamEvent::Text(known)), StreamEvent::Text(more)) => known.push_str(more),
            (
                Some(StreamEvent::ToolCallDelta { index, arguments }),
                StreamEvent::ToolCallDelta { index: same, arguments: more },
            ) if index == same => arguments.push_str(more),
            _ => out.push(event.clone()),
        }
    }
    out
}

#[test]
fn the_events_are_the_same_wherever_the_bytes_are_cut() {
    for recorded in recorded::all() {
        let (text, model) = (recorded.text.as_bytes(), recorded.model);
        let (whole, events) = run(&recorded, vec![piece(text)]);
        let whole = whole.unwrap();
        assert_eq!(whole.message.content, "Größe: ", "{model}");
        assert_eq!(whole.message.tool_calls[0].args, json!({"size": "ü"}), "{model}");
        assert_eq!(whole.message.tool_calls[1].args, recorded.second, "{model}: garbled arguments stay what they were");
        assert_eq!((whole.finish, whole.usage), (FinishReason::ToolCalls, recorded.usage), "{model}");
        assert_eq!(whole.model_used, "m-1", "{model}");
        for cut in 0..=text.len() {
            let (head, tail) = text.split_at(cut);
            let (again, same) = run(&recorded, vec![piece(head), piece(tail)]);
            assert_eq!(again.unwrap(), whole, "{model} cut at {cut}");
            assert_eq!(same, events, "{model} cut at {cut}");
        }
        let bytewise = text.iter().map(|byte| piece(&[*byte])).collect();
        assert_eq!(run(&recorded, bytewise).1, events, "{model}");
    }
}

#[test]
fn a_stream_without_its_terminal_event_is_a_failed_call_and_its_text_is_marked_incomplete() {
    for recorded in recorded::all() {
        for cut in 0..recorded.end {
            for broken in [false, true] {
                let mut pieces = vec![piece(&recorded.text.as_bytes()[..cut])];
                pieces.extend(broken.then_some(Err(TransportError::Reset)));
                let (result, events) = run(&recorded, pieces);
                let error = result.unwrap_err();
                assert_eq!(error.class(), ErrorClass::ServerError, "{} cut at {cut}", recorded.model);
                assert!(
                    !events.iter().any(|event| matches!(event, StreamEvent::Done(_))),
                    "{} cut at {cut}",
                    recorded.model
                );
                let LlmError::Failed { partial_text, .. } = error else { panic!("{error}") };
                assert!("Größe: ".starts_with(&partial_text), "{} cut at {cut}: {partial_text}", recorded.model);
            }
        }
    }
}

#[test]
fn the_text_before_the_break_is_in_the_error() {
    for recorded in recorded::all() {
        let cut = recorded.text.find("look").unwrap();
        let (result, _) = run(&recorded, vec![piece(&recorded.text.as_bytes()[..cut]), Err(TransportError::Reset)]);
        match result.unwrap_err() {
            LlmError::Failed { partial_text, .. } => assert_eq!(partial_text, "Größe: ", "{}", recorded.model),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn an_answer_in_one_piece_is_the_same_answer() {
    for mut recorded in recorded::all() {
        let (streamed, events) = run(&recorded, vec![piece(recorded.text.as_bytes())]);
        recorded.content_type = "application/json";
        let (whole, same) = run(&recorded, vec![piece(recorded.whole.to_string().as_bytes())]);
        let (streamed, whole) = (streamed.unwrap(), whole.unwrap());
        assert_eq!((&whole.message.content, whole.finish), (&streamed.message.content, streamed.finish));
        assert_eq!(whole.message.tool_calls[0], streamed.message.tool_calls[0], "{}", recorded.model);
        assert_eq!((whole.usage, whole.cost_micros), (streamed.usage, streamed.cost_micros), "{}", recorded.model);
        let heads = |events: &[StreamEvent]| {
            let told =
                |event: &StreamEvent| !matches!(event, StreamEvent::ToolCallDelta { .. } | StreamEvent::Usage(_));
            joined(events).into_iter().filter(told).collect::<Vec<_>>()
        };
        assert_eq!(heads(&same), heads(&events), "{}", recorded.model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(which in 0_usize..4, bytes in proptest::collection::vec(any::<u8>(), 0..120), lines in proptest::collection::vec(".{0,40}", 0..4)) {
        let recorded = recorded::all().swap_remove(which);
        prop_assert!(run(&recorded, vec![piece(&bytes)]).0.is_err());
        let text: String = lines.iter().map(|line| format!("data: {line}\n\n")).collect();
        prop_assert!(run(&recorded, vec![piece(text.as_bytes())]).0.is_err());
    }

    #[test]
    fn no_changed_bytes_panic(which in 0_usize..4, changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let recorded = recorded::all().swap_remove(which);
        let mut bytes = recorded.text.clone().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        // It is an answer or a failure, and never more than one end of it.
        let (_, events) = run(&recorded, vec![piece(&bytes)]);
        prop_assert!(events.iter().filter(|event| matches!(event, StreamEvent::Done(_))).count() <= 1);
    }

    #[test]
    fn any_text_and_any_arguments_come_through_a_stream(text in ".{1,30}", value in ".{0,30}") {
        let arguments = json!({"v": value}).to_string();
        let deltas = [json!({"content": text}), json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": arguments}}]})];
        let answer = play("gpt4o", Step::sse(&stream_of(&deltas, "stop")), "/chat/completions").0.unwrap();
        prop_assert_eq!(answer.message.content, text);
        prop_assert_eq!(&answer.message.tool_calls[0].args, &json!({"v": value}));
    }
}
