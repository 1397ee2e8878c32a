//! Reading members of a provider's JSON, where a missing one is as good as an empty one.

use serde_json::Value;

use super::CodecError;

/// A text member; empty when it is missing or no text.
pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A text member that says something.
pub(super) fn some_text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A count; zero when it is missing or no count.
pub(super) fn count(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or_default()
}

/// The items of a member that is a list; none when it is no list.
pub(super) fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Parses a text that must be a JSON object.
pub(super) fn object(text: &[u8]) -> Result<Value, CodecError> {
    let value: Value = serde_json::from_slice(text).map_err(|_| CodecError::Malformed("not JSON"))?;
    if value.is_object() { Ok(value) } else { Err(CodecError::Malformed("not a JSON object")) }
}
