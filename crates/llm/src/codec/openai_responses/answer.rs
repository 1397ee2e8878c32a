//! A whole answer. A streamed one ends with it.

use domain::message::Message;
use serde_json::{Value, json};

use crate::classify::classify_event;
use crate::codec::calls::{CallParts, settled};
use crate::codec::fields::{count, items, object, some_text, text};
use crate::codec::{Answer, CodecError};
use crate::provider::Provider;
use crate::response::{FinishReason, Usage};

/// Whether an object reports a failure instead of an answer.
pub(super) fn failure(body: &Value) -> Option<CodecError> {
    let error = body.get("error").filter(|error| !error.is_null())?;
    Some(CodecError::Provider(classify_event(Provider::OpenAi, &json!({"error": error}))))
}

/// The tokens of a response; none when it reports none.
pub(super) fn usage(response: &Value) -> Option<Usage> {
    let usage = response.get("usage").filter(|usage| usage.is_object())?;
    let none = Value::Null;
    let of_input = usage.get("input_tokens_details").unwrap_or(&none);
    let of_output = usage.get("output_tokens_details").unwrap_or(&none);
    let (cache_read, cache_write) = (count(of_input, "cached_tokens"), count(of_input, "cache_write_tokens"));
    Some(Usage {
        // The input's count includes what touched the cache.
        input: count(usage, "input_tokens").saturating_sub(cache_read).saturating_sub(cache_write),
        output: count(usage, "output_tokens"),
        cache_read,
        cache_write,
        reasoning: count(of_output, "reasoning_tokens"),
        estimated: false,
    })
}

/// The reason for the end, from status and `incomplete_details`.
fn finish_reason(response: &Value) -> Result<FinishReason, CodecError> {
    match response.get("status").and_then(Value::as_str) {
        Some("completed") => Ok(FinishReason::Stop),
        Some("incomplete") => {
            let reason = response.get("incomplete_details").map(|details| text(details, "reason")).unwrap_or_default();
            match reason.as_str() {
                "max_output_tokens" => Ok(FinishReason::Length),
                "content_filter" => Ok(FinishReason::Refused),
                _ => Err(CodecError::Malformed("an unknown reason for an incomplete answer")),
            }
        }
        _ => Err(CodecError::Incomplete),
    }
}

pub(super) fn decode(body: &[u8]) -> Result<Answer, CodecError> {
    of_response(&object(body)?)
}

/// Reads a response object.
pub(super) fn of_response(response: &Value) -> Result<Answer, CodecError> {
    if let Some(error) = failure(response) {
        return Err(error);
    }
    let finish = finish_reason(response)?;
    if !response.get("output").is_some_and(Value::is_array) {
        return Err(CodecError::Malformed("no output"));
    }
    let (mut said, mut refused, mut tool_calls) = (String::new(), false, Vec::new());
    for item in items(response, "output") {
        match item.get("type").and_then(Value::as_str) {
            Some("message") => {
                for part in items(item, "content") {
                    let refusal = text(part, "refusal");
                    refused |= !refusal.is_empty();
                    said += &(text(part, "text") + &refusal);
                }
            }
            Some("function_call") => {
                let (id, name, arguments) = (text(item, "call_id"), text(item, "name"), text(item, "arguments"));
                tool_calls.push(CallParts { id, name, arguments }.into_call()?);
            }
            // Thoughts, and what the provider's own tools did.
            _ => {}
        }
    }
    let finish = settled(finish, !tool_calls.is_empty(), refused);
    Ok(Answer {
        message: Message { tool_calls, ..Message::ai(said) },
        finish,
        usage: usage(response),
        model: some_text(response, "model"),
        id: some_text(response, "id"),
    })
}
