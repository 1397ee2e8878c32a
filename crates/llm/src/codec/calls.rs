//! Tool calls while their parts are still text, and what they mean for the end of an answer.

use domain::message::ToolCall;
use serde_json::{Value, json};

use super::CodecError;
use crate::response::FinishReason;

/// No answer of use has more; an answer that claims so is broken.
pub(super) const MAX_CALLS: usize = 128;

/// A tool call while its parts are still text.
#[derive(Debug, Clone, Default)]
pub(super) struct CallParts {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: String,
}

impl CallParts {
    pub(super) fn into_call(self) -> Result<ToolCall, CodecError> {
        if self.name.is_empty() {
            return Err(CodecError::Malformed("a tool call without a name"));
        }
        if self.id.is_empty() {
            return Err(CodecError::Malformed("a tool call without an id"));
        }
        Ok(ToolCall { id: self.id, name: self.name, args: arguments(self.arguments) })
    }
}

/// The arguments as an object; anything else stays the text that it was. No text at all means no arguments.
fn arguments(text: String) -> Value {
    if text.trim().is_empty() {
        return json!({});
    }
    match serde_json::from_str(&text) {
        Ok(object @ Value::Object(_)) => object,
        _ => Value::String(text),
    }
}

/// The arguments of a call as text: what a model garbled goes back exactly as it wrote it, so that it sees its mistake.
pub(super) fn arguments_text(args: &Value) -> String {
    match args {
        Value::String(raw) => raw.clone(),
        args => args.to_string(),
    }
}

/// The arguments of a call for a dialect that takes objects only.
pub(super) fn arguments_object(args: &Value) -> Value {
    match args {
        Value::Object(_) => args.clone(),
        Value::Null => json!({}),
        other => json!({"not_an_object": other}),
    }
}

/// The reason as it must be, given what the answer holds: some servers say `stop` beside tool calls.
pub(super) fn settled(finish: FinishReason, has_calls: bool, refused: bool) -> FinishReason {
    match finish {
        _ if refused => FinishReason::Refused,
        FinishReason::Stop if has_calls => FinishReason::ToolCalls,
        finish => finish,
    }
}
