//! A message as server-sent events.

use serde_json::{Value, json};

use super::refusal::Problem;
use super::response::Message;
use crate::model::said::pieces;

/// The events of the answer, in order, each ending with its blank line.
#[must_use]
pub fn events(message: &Message) -> Vec<String> {
    // The first event knows what was read, and of what is written only that it begins.
    let mut events = vec![event(json!({"type": "message_start", "message": message.around(&[], (None, None), 1)}))];
    for (index, block) in message.content().into_iter().enumerate() {
        let (opening, deltas) = opened(&block);
        events.push(event(json!({"type": "content_block_start", "index": index, "content_block": opening})));
        if index == 0 {
            events.push(event(json!({"type": "ping"})));
        }
        events.extend(
            deltas
                .into_iter()
                .map(|delta| event(json!({"type": "content_block_delta", "index": index, "delta": delta}))),
        );
        events.push(event(json!({"type": "content_block_stop", "index": index})));
    }
    let (reason, sequence) = message.stop();
    events.push(event(json!({
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": sequence},
        "usage": message.usage(message.said.tokens),
    })));
    events.push(event(json!({"type": "message_stop"})));
    events
}

/// The event of a provider that gives up in the middle.
#[must_use]
pub fn overloaded() -> String {
    event(json!({"type": "error", "error": Problem::Overloaded.to_error()}))
}

/// The empty block that opens, and what fills it.
fn opened(block: &Value) -> (Value, Vec<Value>) {
    let mut opening = block.clone();
    if let Some(text) = block["text"].as_str() {
        opening["text"] = "".into();
        let deltas = pieces(text).into_iter().map(|piece| json!({"type": "text_delta", "text": piece}));
        return (opening, deltas.collect());
    }
    opening["input"] = json!({});
    let pieces = pieces(&block["input"].to_string());
    // The first piece is empty, as the provider sends it.
    let pieces = std::iter::once(String::new()).chain(pieces);
    (opening, pieces.map(|piece| json!({"type": "input_json_delta", "partial_json": piece})).collect())
}

fn event(data: Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
}
