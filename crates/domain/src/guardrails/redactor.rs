//! Takes secrets and personal numbers out of texts before they are stored, shown or sent.

use std::sync::Arc;

use super::classes::flag;
use super::known::Known;
use super::spans::{self, Cards};
use super::stream::StreamRedactor;

/// What a scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Whether nothing had to be taken out.
    pub safe: bool,
    /// `secret:<label>` and `pii:<label>` of what was found, each once, in the order of the table of classes.
    pub flags: Vec<String>,
    /// The text with `[REDACTED_<LABEL>]` in each place.
    pub sanitized: String,
    /// Number of places.
    pub redacted_count: usize,
}

/// Takes secrets out of texts. Cheap to clone; its `Debug` shows nothing of what it knows.
#[derive(Clone)]
pub struct Redactor {
    pub(super) known: Arc<Known>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

impl Redactor {
    /// A redactor for every class of secret, and for these values of this process (also percent-encoded and in
    /// base64). Values under 8 characters are ignored.
    #[must_use]
    pub fn new(known_values: impl IntoIterator<Item = String>) -> Self {
        Self { known: Arc::new(Known::new(known_values)) }
    }

    /// The text without its secrets. Doing it twice changes nothing more.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.scan(text).sanitized
    }

    /// The text without its secrets, and what they were.
    #[must_use]
    pub fn scan(&self, text: &str) -> Scan {
        self.scan_with(text, Cards::Find)
    }

    pub(super) fn scan_with(&self, text: &str, cards: Cards) -> Scan {
        // No database keeps a NUL; a model or a tool that sends one must not break the commit of its answer.
        let without_nul;
        let text = if text.contains('\0') {
            without_nul = text.replace('\0', "");
            &without_nul
        } else {
            text
        };
        let spans = spans::find(text, 0, &self.known, cards);
        let mut ranks: Vec<usize> = spans.iter().map(|span| span.rank).collect();
        ranks.sort_unstable();
        ranks.dedup();
        Scan {
            safe: spans.is_empty(),
            flags: ranks.into_iter().map(flag).collect(),
            sanitized: spans::apply(text, 0, text.len(), &spans),
            redacted_count: spans.len(),
        }
    }

    /// A redactor for one text that comes in pieces.
    #[must_use]
    pub fn stream(&self) -> StreamRedactor {
        StreamRedactor::new(self.clone())
    }
}
