//! A whole answer, and the parts that it shares with a streamed one.

use domain::message::Message;
use serde_json::{Value, json};

use crate::classify::classify_event;
use crate::codec::calls::{CallParts, settled};
use crate::codec::{Answer, CodecError};
use crate::provider::Provider;
use crate::response::{FinishReason, Usage};

/// The meaning of `finish_reason`; none while the answer goes on.
pub(super) fn finish_reason(reason: &Value) -> Result<Option<FinishReason>, CodecError> {
    match reason.as_str() {
        None => Ok(None),
        Some("stop") => Ok(Some(FinishReason::Stop)),
        Some("tool_calls" | "function_call") => Ok(Some(FinishReason::ToolCalls)),
        Some("length") => Ok(Some(FinishReason::Length)),
        Some("content_filter") => Ok(Some(FinishReason::Refused)),
        Some(_) => Err(CodecError::Malformed("an unknown finish reason")),
    }
}

/// The tokens of a `usage` object; none when there is no such object.
pub(super) fn usage(usage: &Value) -> Option<Usage> {
    let usage = usage.as_object()?;
    let count = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or_default();
    let detail = |object: &str, key: &str| count(usage.get(object).and_then(|details| details.get(key)));
    let cache_read = detail("prompt_tokens_details", "cached_tokens");
    let cache_write = detail("prompt_tokens_details", "cache_write_tokens");
    // The prompt's count includes what touched the cache.
    let input = count(usage.get("prompt_tokens")).saturating_sub(cache_read).saturating_sub(cache_write);
    let reasoning = detail("completion_tokens_details", "reasoning_tokens");
    Some(Usage {
        input,
        output: count(usage.get("completion_tokens")),
        cache_read,
        cache_write,
        reasoning,
        estimated: false,
    })
}

/// Whether an object reports a failure instead of an answer.
pub(super) fn failure(body: &Value) -> Option<CodecError> {
    let error = body.get("error").filter(|error| !error.is_null())?;
    Some(CodecError::Provider(classify_event(Provider::OpenAi, &json!({"error": error}))))
}

pub(super) fn decode(body: &[u8]) -> Result<Answer, CodecError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| CodecError::Malformed("no JSON"))?;
    if let Some(error) = failure(&body) {
        return Err(error);
    }
    let choice = body.get("choices").and_then(|choices| choices.get(0)).ok_or(CodecError::Malformed("no choice"))?;
    let message =
        choice.get("message").filter(|message| message.is_object()).ok_or(CodecError::Malformed("no message"))?;
    let finish = finish_reason(choice.get("finish_reason").unwrap_or(&Value::Null))?.ok_or(CodecError::Incomplete)?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let calls = message.get("tool_calls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let calls = calls.iter().map(|call| {
        let function = call.get("function").unwrap_or(&Value::Null);
        CallParts { id: text(call, "id"), name: text(function, "name"), arguments: text(function, "arguments") }
            .into_call()
    });
    let tool_calls = calls.collect::<Result<Vec<_>, _>>()?;
    let refusal = text(message, "refusal");
    let finish = settled(finish, !tool_calls.is_empty(), !refusal.is_empty());
    let content = text(message, "content") + &refusal;
    let own = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    Ok(Answer {
        message: Message { tool_calls, ..Message::ai(content) },
        finish,
        usage: body.get("usage").and_then(usage),
        model: own("model"),
        id: own("id"),
    })
}
