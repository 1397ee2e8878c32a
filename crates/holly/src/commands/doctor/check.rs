//! One thing that was looked at.

use std::time::Duration;

use serde_json::{Value, json};

/// What it is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// This machine and its settings.
    Machine,
    /// Where the rows are.
    Storage,
    /// Shop, payments, printer.
    Upstreams,
    /// Models.
    Models,
}

impl Part {
    pub(super) const ALL: [Self; 4] = [Self::Machine, Self::Storage, Self::Upstreams, Self::Models];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Storage => "storage",
            Self::Upstreams => "upstreams",
            Self::Models => "models",
        }
    }
}

/// Who answers in its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The thing itself.
    Real,
    /// The rehearsal world.
    Rehearsed,
    /// Nobody.
    Absent,
}

impl Who {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Rehearsed => "rehearsed",
            Self::Absent => "absent",
        }
    }
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Well, or rightly absent.
    Ok,
    /// It works and wants attention.
    Warn,
    /// It does not work.
    Fail,
}

impl State {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) part: Part,
    pub(super) name: &'static str,
    pub(super) who: Who,
    pub(super) state: State,
    /// How long the answer took; none when nobody was asked.
    pub(super) took: Option<Duration>,
    /// A few words.
    pub(super) found: String,
    /// What a person should do, one sentence.
    pub(super) remedy: Option<String>,
    /// What a person could do or should know; nothing is wrong.
    pub(super) note: Option<String>,
}

impl Check {
    /// It is well.
    pub(super) fn ok(part: Part, name: &'static str, who: Who, found: impl Into<String>) -> Self {
        let found = found.into();
        Self { part, name, who, state: State::Ok, took: None, found, remedy: None, note: None }
    }

    /// It wants attention.
    pub(super) fn warn(self, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Warn, found: found.into(), remedy: Some(remedy.into()), ..self }
    }

    /// It does not work.
    pub(super) fn fail(self, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Fail, found: found.into(), remedy: Some(remedy.into()), ..self }
    }

    pub(super) fn took(self, took: Duration) -> Self {
        Self { took: Some(took), ..self }
    }

    pub(super) fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    pub(super) fn as_json(&self) -> Value {
        json!({
            "part": self.part.as_str(),
            "name": self.name,
            "who": self.who.as_str(),
            "state": self.state.as_str(),
            "took_ms": self.took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            "found": self.found,
            "remedy": self.remedy,
            "note": self.note,
        })
    }
}
