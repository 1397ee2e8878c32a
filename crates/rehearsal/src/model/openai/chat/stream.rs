//! A completion as server-sent events.

use serde_json::{Value, json};

use super::request::Delivery;
use super::response::Completion;
use crate::model::policy::Answer;
use crate::model::said::pieces;

/// The events of the answer, in order, each ending with its blank line.
#[must_use]
pub fn events(completion: &Completion, delivery: Delivery) -> Vec<String> {
    let usage_follows = delivery == Delivery::ChunksAndUsage;
    let chunk = |choices: Value, usage: Value| {
        let mut chunk = json!({
            "id": completion.id,
            "object": "chat.completion.chunk",
            "created": completion.created,
            "model": completion.model,
            "choices": choices,
        });
        // With usage asked for, the member is there in each event and null until the last.
        if usage_follows && let Some(members) = chunk.as_object_mut() {
            members.insert("usage".to_owned(), usage);
        }
        format!("data: {chunk}\n\n")
    };
    let delta = |delta: Value, finish: Option<&str>| {
        chunk(json!([{"index": 0, "delta": delta, "finish_reason": finish}]), Value::Null)
    };

    let mut events = Vec::new();
    match &completion.said.answer {
        Answer::Text(text) => {
            events.push(delta(json!({"role": "assistant", "content": "", "refusal": null}), None));
            events.extend(pieces(text).into_iter().map(|piece| delta(json!({"content": piece}), None)));
        }
        Answer::Calls(calls) => {
            events.push(delta(json!({"role": "assistant", "content": null}), None));
            for (index, call) in calls.iter().enumerate() {
                events.push(delta(
                    json!({"tool_calls": [{
                        "index": index,
                        "id": completion.call_id(index),
                        "type": "function",
                        "function": {"name": call.name, "arguments": ""},
                    }]}),
                    None,
                ));
                events.extend(pieces(&call.args.to_string()).into_iter().map(|piece| {
                    delta(json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}), None)
                }));
            }
        }
    }
    events.push(delta(json!({}), Some(completion.finish_reason())));
    if usage_follows {
        events.push(chunk(json!([]), completion.usage()));
    }
    events.push("data: [DONE]\n\n".to_owned());
    events
}
