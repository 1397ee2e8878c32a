//! Reading members of a body that nobody vouches for.

use chrono::DateTime;
use serde_json::{Map, Value};

use crate::time::Timestamp;

/// Longest text that is kept of a field, characters.
const MAX_FIELD: usize = 500;

/// A text, cut to a field's length.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    let text = value.get(name)?.as_str()?;
    (!text.is_empty()).then(|| clean(text))
}

/// Markup removed, white space collapsed, cut.
pub(super) fn clean(text: &str) -> String {
    let mut plain = String::with_capacity(text.len().min(MAX_FIELD * 4));
    let mut in_tag = false;
    for c in text.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                plain.push(' ');
            }
            '\0' => {}
            c if !in_tag => plain.push(c),
            _ => {}
        }
    }
    let collapsed = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    collapsed.chars().take(MAX_FIELD).collect()
}

/// An id, number or text, as digits or text; a fraction is no id.
pub(super) fn id(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.chars().take(100).collect()),
        _ => None,
    }
}

/// An id that is 1 to 20 digits.
pub(super) fn digits(value: &Value, name: &str) -> Option<String> {
    id(value, name).filter(|id| (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A whole number.
pub(super) fn number(value: &Value, name: &str) -> Option<i64> {
    value.get(name)?.as_i64()
}

/// True only for a literal true.
pub(super) fn truth(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool) == Some(true)
}

/// An RFC 3339 moment.
pub(super) fn time(value: &Value, name: &str) -> Option<Timestamp> {
    moment(value.get(name)?.as_str()?)
}

/// An RFC 3339 moment.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// Puts a member in when it is known.
pub(super) fn put(map: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), value.into());
    }
}
