//! A whole answer, and the parts that it shares with a streamed one.

use domain::message::{Message, ToolCall};
use serde_json::{Value, json};

use crate::classify::classify_event;
use crate::codec::calls::{CallParts, MAX_CALLS, settled};
use crate::codec::fields::{count, items, object, some_text, text};
use crate::codec::{Answer, CodecError};
use crate::provider::Provider;
use crate::response::{FinishReason, Usage};

/// Whether an object reports a failure instead of an answer.
pub(super) fn failure(body: &Value) -> Option<CodecError> {
    let error = body.get("error").filter(|error| !error.is_null())?;
    Some(CodecError::Provider(classify_event(Provider::Ollama, &json!({"error": error}))))
}

/// The reason for the end of an object that is the last one; none while the answer goes on.
pub(super) fn finish_reason(body: &Value) -> Result<Option<FinishReason>, CodecError> {
    if body.get("done").and_then(Value::as_bool) != Some(true) {
        return Ok(None);
    }
    match body.get("done_reason").and_then(Value::as_str) {
        // Old servers give no reason.
        None | Some("stop") => Ok(Some(FinishReason::Stop)),
        Some("length") => Ok(Some(FinishReason::Length)),
        Some(_) => Err(CodecError::Malformed("an unknown reason for the end")),
    }
}

/// The tokens of the last object; none when it reports none.
pub(super) fn usage(body: &Value) -> Option<Usage> {
    // A prompt that the server still had in memory may not be counted.
    body.get("eval_count")?;
    Some(Usage { input: count(body, "prompt_eval_count"), output: count(body, "eval_count"), ..Usage::default() })
}

/// The calls of one object. Where the server gives no ids they are made from the moment of its answer, so that two
/// answers of one conversation do not share them.
pub(super) fn calls(body: &Value, known: usize) -> Result<Vec<ToolCall>, CodecError> {
    let message = body.get("message").unwrap_or(&Value::Null);
    let calls = items(message, "tool_calls");
    if known + calls.len() > MAX_CALLS {
        return Err(CodecError::Malformed("too many tool calls"));
    }
    let moment: String = text(body, "created_at").chars().filter(char::is_ascii_digit).take(20).collect();
    let call = |(offset, call): (usize, &Value)| {
        let function = call.get("function").unwrap_or(&Value::Null);
        let id = some_text(call, "id").unwrap_or_else(|| format!("local_{moment}_{}", known + offset));
        let arguments = match function.get("arguments") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(arguments) => arguments.to_string(),
        };
        CallParts { id, name: text(function, "name"), arguments }.into_call()
    };
    calls.iter().enumerate().map(call).collect()
}

pub(super) fn decode(body: &[u8]) -> Result<Answer, CodecError> {
    let body = object(body)?;
    if let Some(error) = failure(&body) {
        return Err(error);
    }
    let finish = finish_reason(&body)?.ok_or(CodecError::Incomplete)?;
    let message =
        body.get("message").filter(|message| message.is_object()).ok_or(CodecError::Malformed("no message"))?;
    let tool_calls = calls(&body, 0)?;
    Ok(Answer {
        finish: settled(finish, !tool_calls.is_empty(), false),
        message: Message { tool_calls, ..Message::ai(text(message, "content")) },
        usage: usage(&body),
        model: some_text(&body, "model"),
        id: None,
    })
}
