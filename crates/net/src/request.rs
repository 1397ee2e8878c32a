//! What is sent.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Whether the same request may be sent again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// It changes nothing: repeat at will.
    Safe,
    /// It carries a key by which the upstream recognises a repetition: repeat at will.
    Keyed,
    /// A second one would be a second effect: one attempt, whatever happens.
    Unsafe,
}

/// One request to one upstream. The host is the upstream's; only path, query, headers and body are the caller's.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) idempotency: Idempotency,
    pub(crate) deadline: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) invalid: Option<&'static str>,
}

impl Request {
    /// A request. `path` starts with a slash and has no query; put variable parts through [`encode_segment`].
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>, idempotency: Idempotency) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: None,
            idempotency,
            deadline: None,
            attempt_timeout: None,
            invalid: None,
        }
    }

    /// A read.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, Idempotency::Safe)
    }

    /// A post; the caller says what a repetition would mean.
    #[must_use]
    pub fn post(path: impl Into<String>, idempotency: Idempotency) -> Self {
        Self::new(Method::POST, path, idempotency)
    }

    /// Whether it may be sent again by itself.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency {
        self.idempotency
    }

    /// Adds a query parameter; it is percent-encoded on the way out.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// Adds a plain header. A value with characters that no header may hold makes the call fail before it is sent.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => drop(self.headers.insert(name, value)),
            Err(_) => self.invalid = Some("a header value holds characters that no header may hold"),
        }
        self
    }

    /// Adds a header that must never be shown.
    #[must_use]
    pub fn secret_header(mut self, name: HeaderName, secret: &SecretString) -> Self {
        match HeaderValue::from_str(secret.expose_secret()) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.insert(name, value);
            }
            Err(_) => self.invalid = Some("a credential holds characters that no header may hold"),
        }
        self
    }

    /// Adds `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self, secret: &SecretString) -> Self {
        let value = SecretString::from(format!("Bearer {}", secret.expose_secret()));
        self.secret_header(AUTHORIZATION, &value)
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, value: &Value) -> Self {
        self.header(ACCEPT, "application/json").body("application/json", value.to_string())
    }

    /// Sets a body that is already encoded.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = Some(body.into());
        self
    }

    /// How long the whole operation may still take, waits and repetitions included. Without it the upstream's own limit
    /// holds.
    #[must_use]
    pub fn deadline(mut self, left: Duration) -> Self {
        self.deadline = Some(left);
        self
    }

    /// Time limit of one attempt, instead of the upstream's.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = Some(limit);
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Query, headers and body are left out: they may hold personal data or a credential.
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("idempotency", &self.idempotency)
            .finish_non_exhaustive()
    }
}

/// Encodes a text as one path segment. `@` stays, everything else that is not unreserved is escaped, and the dot
/// segments that would climb the path are escaped too.
#[must_use]
pub fn encode_segment(text: &str) -> String {
    if matches!(text, "." | "..") {
        return text.replace('.', "%252E");
    }
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'@') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_cannot_climb_or_open_a_query() {
        assert_eq!(encode_segment("@5830137741322"), "@5830137741322");
        assert_eq!(encode_segment("a/../b?c#d e"), "a%2F..%2Fb%3Fc%23d%20e");
        assert!(!encode_segment("..").contains(".."));
    }

    #[test]
    fn the_debug_form_shows_neither_credential_nor_body() {
        let secret = SecretString::from("s3cret-".to_owned() + "value");
        let request =
            Request::post("/x", Idempotency::Unsafe).bearer(&secret).json(&serde_json::json!({"name": "Ada"}));
        let shown = format!("{request:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("Ada"), "{shown}");
        assert!(!format!("{:?}", request.headers).contains("s3cret"));
    }
}
