//! A whole answer, and the parts that it shares with a streamed one.

use domain::message::Message;
use serde_json::Value;

use crate::classify::classify_event;
use crate::codec::calls::{CallParts, settled};
use crate::codec::fields::{items, object, some_text, text};
use crate::codec::{Answer, CodecError};
use crate::provider::Provider;
use crate::response::{FinishReason, Usage};

/// The meaning of `stop_reason`; none while the answer goes on.
pub(super) fn finish_reason(reason: &Value) -> Result<Option<FinishReason>, CodecError> {
    match reason.as_str() {
        None => Ok(None),
        Some("end_turn" | "stop_sequence") => Ok(Some(FinishReason::Stop)),
        Some("tool_use") => Ok(Some(FinishReason::ToolCalls)),
        // Whichever bound was met, not everything was said.
        Some("max_tokens" | "model_context_window_exceeded" | "pause_turn") => Ok(Some(FinishReason::Length)),
        Some("refusal") => Ok(Some(FinishReason::Refused)),
        Some(_) => Err(CodecError::Malformed("an unknown stop reason")),
    }
}

/// `before` with the counts that `usage` holds: a stream reports some at its beginning and some at its end, and each
/// count is the whole one so far.
pub(super) fn usage(before: Usage, usage: &Value) -> Usage {
    let or = |key: &str, before: u64| usage.get(key).and_then(Value::as_u64).unwrap_or(before);
    Usage {
        input: or("input_tokens", before.input),
        output: or("output_tokens", before.output),
        cache_read: or("cache_read_input_tokens", before.cache_read),
        cache_write: or("cache_creation_input_tokens", before.cache_write),
        ..before
    }
}

/// Whether an object reports a failure instead of an answer.
pub(super) fn failure(body: &Value) -> Option<CodecError> {
    let error = body.get("error").filter(|error| !error.is_null());
    (error.is_some() || body.get("type").and_then(Value::as_str) == Some("error"))
        .then(|| CodecError::Provider(classify_event(Provider::Anthropic, body)))
}

pub(super) fn decode(body: &[u8]) -> Result<Answer, CodecError> {
    let body = object(body)?;
    if let Some(error) = failure(&body) {
        return Err(error);
    }
    if !body.get("content").is_some_and(Value::is_array) {
        return Err(CodecError::Malformed("no content"));
    }
    let finish = finish_reason(body.get("stop_reason").unwrap_or(&Value::Null))?.ok_or(CodecError::Incomplete)?;
    let (mut said, mut tool_calls) = (String::new(), Vec::new());
    for block in items(&body, "content") {
        match block.get("type").and_then(Value::as_str) {
            Some("text") => said.push_str(&text(block, "text")),
            Some("tool_use") => {
                let input = block.get("input").filter(|input| !input.is_null());
                let arguments = input.map(Value::to_string).unwrap_or_default();
                tool_calls.push(CallParts { id: text(block, "id"), name: text(block, "name"), arguments }.into_call()?);
            }
            // Thinking, and what the provider's own tools did.
            _ => {}
        }
    }
    let finish = settled(finish, !tool_calls.is_empty(), false);
    Ok(Answer {
        message: Message { tool_calls, ..Message::ai(said) },
        finish,
        usage: body.get("usage").filter(|counts| counts.is_object()).map(|counts| usage(Usage::default(), counts)),
        model: some_text(&body, "model"),
        id: some_text(&body, "id"),
    })
}
