//! Redaction of a text that comes in pieces, such as the answer of a model.

use super::classes::is_open;
use super::redactor::Redactor;
use super::spans::{self, Cards};

/// Characters held back, so that a secret split over pieces is seen whole.
const WINDOW_CHARS: usize = 256;
/// Characters already shown that are kept, in bytes, because they say what a following number is.
const CONTEXT_BYTES: usize = 96;

/// Redacts one text that comes in pieces. The pieces it returns join to what [`Redactor::redact`] makes of the whole.
///
/// At least 256 characters are held back, more while a long word or a key block has not ended.
#[derive(Debug)]
pub struct StreamRedactor {
    redactor: Redactor,
    window: usize,
    text: Held,
}

/// The held text. Its `Debug` shows nothing: it is not redacted yet.
struct Held {
    buffer: String,
    /// What stands before was shown already.
    shown: usize,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

impl StreamRedactor {
    pub(super) fn new(redactor: Redactor) -> Self {
        let window = WINDOW_CHARS.max(redactor.known.longest_chars() + 1);
        Self { redactor, window, text: Held { buffer: String::new(), shown: 0 } }
    }

    /// Takes the next piece and returns what can be shown by now, often nothing.
    #[must_use]
    pub fn push(&mut self, piece: &str) -> String {
        self.text.buffer.extend(piece.chars().filter(|c| *c != '\0'));
        let held = &self.text.buffer[self.text.shown..];
        let Some((limit, _)) = held.char_indices().rev().nth(self.window - 1) else {
            return String::new();
        };
        self.show_until(self.text.shown + limit)
    }

    /// The rest, when no further piece comes.
    #[must_use]
    pub fn finish(self) -> String {
        let Held { buffer, shown } = &self.text;
        let spans = spans::find(buffer, *shown, &self.redactor.known, Cards::Find);
        spans::apply(buffer, *shown, buffer.len(), &spans)
    }

    /// Shows as much as can be decided of what stands before `limit`.
    fn show_until(&mut self, limit: usize) -> String {
        let Held { buffer, shown } = &self.text;
        let Some(mut cut) = last_gap(buffer, *shown, limit) else {
            return String::new();
        };
        let spans = spans::find(buffer, *shown, &self.redactor.known, Cards::Find);
        for span in spans.iter().rev() {
            let is_undecided = is_open(&buffer[span.start..span.end]);
            if span.start < cut && (cut < span.end || is_undecided) {
                // Back to a gap, not to the match itself: its guard looks at what stands before it.
                match last_gap(buffer, *shown, span.start) {
                    Some(gap) => cut = gap,
                    None => return String::new(),
                }
            }
        }
        let out = spans::apply(buffer, *shown, cut, &spans);
        self.text.shown = cut;
        self.forget();
        out
    }

    /// Drops what was shown, except a little context.
    fn forget(&mut self) {
        let mut keep_from = self.text.shown.saturating_sub(CONTEXT_BYTES);
        while !self.text.buffer.is_char_boundary(keep_from) {
            keep_from += 1;
        }
        self.text.buffer.drain(..keep_from);
        self.text.shown -= keep_from;
    }
}

/// The last place up to `limit` that is not inside a run of visible ASCII characters: no token goes across it.
fn last_gap(buffer: &str, from: usize, limit: usize) -> Option<usize> {
    let bytes = buffer.as_bytes();
    (from + 1..=limit)
        .rev()
        .find(|at| buffer.is_char_boundary(*at) && !(bytes[at - 1].is_ascii_graphic() && bytes[*at].is_ascii_graphic()))
}
