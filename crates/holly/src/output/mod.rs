//! What people read: tables, facts, sentences. Pure text; only [`Output`] knows where it goes.

mod confirm;
mod facts;
mod sentence;
mod style;
mod table;
mod words;

use std::io::{self, IsTerminal as _, Write as _};

use config::EnvSource;
use domain::time::Timestamp;
use serde_json::Value;

use crate::failure::OutputClosed;

pub(crate) use confirm::{Answer, confirm};
pub(crate) use facts::Facts;
pub(crate) use sentence::{event_line, timeline};
pub(crate) use style::{Style, Tone, effect_tone, risk_tone, run_tone, ticket_tone};
pub(crate) use table::{Cell, Table};
pub(crate) use words::{age, money, plain, span_ms, status_words, usd};

/// Whether a person or a program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Words and tables.
    Words,
    /// JSON.
    Json,
}

/// Standard output.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    /// For whom.
    pub(crate) form: Form,
    /// Colours, or none.
    pub(crate) style: Style,
    /// The moment that ages count from.
    pub(crate) now: Timestamp,
}

impl Output {
    /// Standard output as it is: colours only on a terminal, and not when NO_COLOR asks for none.
    pub(crate) fn standard(env: &EnvSource, form: Form, now: Timestamp) -> Self {
        let wanted = env.get("NO_COLOR").is_none() && env.get("TERM") != Some("dumb");
        let style = if wanted && io::stdout().is_terminal() { Style::Colour } else { Style::None };
        Self { form, style, now }
    }

    /// Whether JSON is asked for.
    pub(crate) fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    /// Writes a text and the end of its line. A reader that went away is an [`OutputClosed`].
    pub(crate) fn text(&self, text: &str) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        let written = out.write_all(text.trim_end_matches('\n').as_bytes()).and_then(|()| out.write_all(b"\n"));
        match written.and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(OutputClosed.into()),
            written => Ok(written?),
        }
    }

    /// Writes a remark to stderr, where it is in nobody's way. Whether it arrives does not matter.
    pub(crate) fn aside(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Writes a value as JSON over several lines.
    pub(crate) fn json(&self, value: &Value) -> anyhow::Result<()> {
        self.text(&serde_json::to_string_pretty(value)?)
    }

    /// Writes a value as JSON in one line.
    pub(crate) fn json_line(&self, value: &Value) -> anyhow::Result<()> {
        self.text(&value.to_string())
    }

    /// Writes `value` for programs, or what `words` makes for people.
    pub(crate) fn either(&self, value: &Value, words: impl FnOnce(&Self) -> String) -> anyhow::Result<()> {
        if self.is_json() { self.json(value) } else { self.text(&words(self)) }
    }
}
