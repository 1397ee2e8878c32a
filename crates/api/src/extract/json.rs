//! JSON bodies: the one place that tells a body that is no JSON from one that is of the wrong shape.
//!
//! In this order: media type (415), size (413), NUL and depth (400), syntax (400 `invalid_json`), shape (400
//! `invalid_body` with the member that is wrong). Rules of the domain (422) are the handlers' business.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use domain::codes::Code;
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::ApiError;
use crate::extract::raw;
use crate::ports::FieldError;

/// Deepest nesting of objects and arrays.
const MAX_DEPTH: usize = 64;

/// A body that must be there.
#[derive(Debug, Clone)]
pub struct Json<T> {
    /// Its value.
    pub value: T,
    /// The same as it was sent.
    pub sent: Value,
}

/// A body that may be left out when every member is optional.
#[derive(Debug, Clone)]
pub struct JsonOrEmpty<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        decode(&receive(request).await?)
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonOrEmpty<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = receive(request).await?;
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        decode(&bytes).map(|json: Json<T>| Self(json.value))
    }
}

async fn receive(request: Request) -> Result<Bytes, ApiError> {
    let (parts, body) = request.into_parts();
    if !declares_json(&parts.headers) {
        return Err(ApiError::new(Code::UnsupportedMediaType));
    }
    raw::read(&parts.headers, &parts.extensions, body).await
}

/// A body without a declared type is taken for JSON; one with another type is not.
fn declares_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let Ok(text) = value.to_str() else { return false };
    let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let json = essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    json && parts
        .filter_map(|part| part.strip_prefix("charset=").map(|set| set.trim_matches('"').to_owned()))
        .all(|set| set == "utf-8" || set == "utf8")
}

/// Reads a value from bytes.
///
/// # Errors
/// See the head of this file.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<Json<T>, ApiError> {
    scan(bytes).map_err(|code| unreadable(code, bytes))?;
    let sent: Value = serde_json::from_slice(bytes).map_err(|_| ApiError::new(Code::InvalidJson))?;
    if !sent.is_object() {
        return Err(ApiError::fields(Code::InvalidBody, vec![FieldError::new("", "expected a JSON object")]));
    }
    match serde_path_to_error::deserialize(&sent) {
        Ok(value) => Ok(Json { value, sent }),
        Err(error) => {
            let path = error.path().to_string();
            Err(ApiError::fields(Code::InvalidBody, vec![wrong_member(&path, &error.into_inner().to_string())]))
        }
    }
}

/// The refusal of bytes that are not read any further. Of a NUL character the member that holds it is named, where the
/// rest can be understood.
fn unreadable(code: Code, bytes: &[u8]) -> ApiError {
    let sent: Option<Value> = if code == Code::NulCharacter { serde_json::from_slice(bytes).ok() } else { None };
    match sent.as_ref().and_then(|sent| nul_member(sent, String::new())) {
        Some(member) => ApiError::fields(code, vec![FieldError::new(member, "holds a NUL character")]),
        None => ApiError::new(code),
    }
}

/// The path of the first text that holds a NUL.
fn nul_member(value: &Value, path: String) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then_some(path),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| nul_member(item, format!("{path}[{index}]")))
        }
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let dot = if path.is_empty() { "" } else { "." };
            let below = format!("{path}{dot}{}", name.replace('\0', ""));
            if name.contains('\0') { Some(below) } else { nul_member(member, below) }
        }),
        _ => None,
    }
}

/// Finds NUL characters, raw or escaped, and measures the depth, before any parser recurses.
fn scan(bytes: &[u8]) -> Result<(), Code> {
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            0 => return Err(Code::NulCharacter),
            b'\\' if in_text => {
                if rest.starts_with(b"u0000") {
                    return Err(Code::NulCharacter);
                }
                rest = rest.get(1..).unwrap_or_default();
            }
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Code::JsonTooDeep);
                }
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Turns the decoder's sentence into a member and what is wrong with it. The decoder names a missing or unknown member
/// only in its sentence, so that is where it is read; the table in the tests holds the sentences.
fn wrong_member(path: &str, sentence: &str) -> FieldError {
    let parent = if path == "." { "" } else { path };
    let named = |prefix: &str| sentence.strip_prefix(prefix).and_then(|rest| rest.split('`').next());
    let join = |name: &str| match parent {
        "" => name.to_owned(),
        parent if parent == name || parent.ends_with(&format!(".{name}")) => parent.to_owned(),
        parent => format!("{parent}.{name}"),
    };
    if let Some(name) = named("missing field `") {
        FieldError::new(join(name), "is required")
    } else if let Some(name) = named("unknown field `") {
        FieldError::new(join(name), "is not known here")
    } else {
        FieldError::new(parent, sentence.chars().take(200).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only decoded")]
    struct Outer {
        name: String,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only decoded")]
    struct Inner {
        count: i64,
    }

    fn code(body: &str) -> Option<Code> {
        decode::<Outer>(body.as_bytes()).err().map(|error| error.code())
    }

    #[test]
    fn no_json_and_wrong_json_are_told_apart() {
        assert_eq!(code(r#"{"name":"x"}"#), None);
        for body in ["", "not json", "{", r#"{"name":"x"} x"#, "{'name':1}", "\u{feff}{}"] {
            assert_eq!(code(body), Some(Code::InvalidJson), "{body}");
        }
        for body in
            ["[]", "null", "1", "{}", r#"{"name":1}"#, r#"{"name":"x","other":1}"#, r#"{"name":"x","inner":{}}"#]
        {
            assert_eq!(code(body), Some(Code::InvalidBody), "{body}");
        }
        assert_eq!(decode::<Outer>(b"\xff").unwrap_err().code(), Code::InvalidJson);
    }

    #[test]
    fn the_wrong_member_is_named() {
        for (path, sentence, field, message) in [
            (".", "missing field `name`", "name", "is required"),
            ("inner", "missing field `count`", "inner.count", "is required"),
            (".", "unknown field `x`, expected `name` or `inner`", "x", "is not known here"),
            ("inner.x", "unknown field `x`, there are no fields", "inner.x", "is not known here"),
            ("inner.count", "invalid type: null, expected i64", "inner.count", "invalid type: null, expected i64"),
        ] {
            assert_eq!(wrong_member(path, sentence), FieldError::new(field, message));
        }
    }

    #[test]
    fn nul_is_found_raw_and_escaped_but_not_after_an_escaped_backslash() {
        assert_eq!(code("{\"name\":\"\0\"}"), Some(Code::NulCharacter));
        assert_eq!(code(r#"{"name":"\u0000"}"#), Some(Code::NulCharacter));
        assert_eq!(code(r#"{"name":"\\u0000"}"#), None);
    }

    #[test]
    fn sixty_four_levels_pass_and_one_more_does_not() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(scan(nested(64).as_bytes()), Ok(()));
        assert_eq!(scan(nested(65).as_bytes()), Err(Code::JsonTooDeep));
        assert_eq!(scan(nested(1_000_000).as_bytes()), Err(Code::JsonTooDeep));
        assert_eq!(scan(format!("\"{}\"", "[".repeat(100)).as_bytes()), Ok(()), "brackets in texts do not nest");
    }

    #[test]
    fn only_json_media_types_pass() {
        let declares =
            |text: &str| declares_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, text.parse().unwrap())]));
        assert!(
            declares("application/json")
                && declares("Application/JSON; charset=UTF-8")
                && declares("application/problem+json")
        );
        assert!(
            !declares("text/plain")
                && !declares("application/x-www-form-urlencoded")
                && !declares("application/json; charset=latin1")
        );
        assert!(declares_json(&HeaderMap::new()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_value_or_a_refusal(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode::<Outer>(&bytes);
        }
    }
}
