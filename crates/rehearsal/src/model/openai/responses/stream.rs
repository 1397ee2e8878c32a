//! A response as server-sent events, numbered from 0.

use serde_json::{Value, json};

use super::response::Answered;
use crate::model::said::pieces;

/// The events of the answer, in order, each ending with its blank line.
#[must_use]
pub fn events(answered: &Answered) -> Vec<String> {
    let mut events = Vec::new();
    for kind in ["response.created", "response.in_progress"] {
        events.push(json!({"type": kind, "response": answered.begun()}));
    }
    for (index, item) in answered.output().iter().enumerate() {
        say(&mut events, index, item);
    }
    let last = if answered.is_cut() { "response.incomplete" } else { "response.completed" };
    events.push(json!({"type": last, "response": answered.to_body()}));
    events.into_iter().enumerate().map(|(number, event)| numbered(number, event)).collect()
}

/// One item: it is added, filled and done.
fn say(events: &mut Vec<Value>, index: usize, item: &Value) {
    let mut added = item.clone();
    let filled = match item["type"].as_str() {
        Some("message") => {
            added["status"] = "in_progress".into();
            added["content"] = json!([]);
            text(item, index)
        }
        Some("function_call") => {
            added["status"] = "in_progress".into();
            added["arguments"] = "".into();
            arguments(item, index)
        }
        _ => Vec::new(),
    };
    events.push(json!({"type": "response.output_item.added", "output_index": index, "item": added}));
    events.extend(filled);
    events.push(json!({"type": "response.output_item.done", "output_index": index, "item": item}));
}

fn text(item: &Value, index: usize) -> Vec<Value> {
    let part = &item["content"][0];
    let mut empty = part.clone();
    empty["text"] = "".into();
    let event = |kind: &str, name: &str, value: Value| {
        let mut event = json!({"type": kind, "item_id": item["id"], "output_index": index, "content_index": 0});
        event[name] = value;
        if kind.contains("output_text") {
            event["logprobs"] = json!([]);
        }
        event
    };
    let whole = part["text"].as_str().unwrap_or_default();
    let mut events = vec![event("response.content_part.added", "part", empty)];
    events.extend(pieces(whole).into_iter().map(|piece| event("response.output_text.delta", "delta", piece.into())));
    events.push(event("response.output_text.done", "text", whole.into()));
    events.push(event("response.content_part.done", "part", part.clone()));
    events
}

fn arguments(item: &Value, index: usize) -> Vec<Value> {
    let event = |kind: &str, name: &str, value: Value| {
        let mut event = json!({"type": kind, "item_id": item["id"], "output_index": index});
        event[name] = value;
        event
    };
    let whole = item["arguments"].as_str().unwrap_or_default();
    let mut events: Vec<Value> = pieces(whole)
        .into_iter()
        .map(|piece| event("response.function_call_arguments.delta", "delta", piece.into()))
        .collect();
    let mut done = event("response.function_call_arguments.done", "arguments", whole.into());
    done["name"] = item["name"].clone();
    events.push(done);
    events
}

fn numbered(number: usize, mut event: Value) -> String {
    event["sequence_number"] = number.into();
    format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default())
}
