//! Spans: what a run spent its time and money on, as the trace pages draw it.
//!
//! The root span of a run bears the run's own id, so whoever continues the run continues its trace.

use std::collections::HashMap;
use std::io;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::ids::{RunId, TicketId};
use crate::run::Run;
use crate::time::Timestamp;

/// Longest preview, characters; a longer text ends in `...` beyond them.
pub const PREVIEW_CHARS: usize = 200;
/// Name of the span between a question and its answer.
pub const WAITING: &str = "waiting for a person";
/// The error of a span whose process died.
pub const WORKER_LOST: &str = "worker lost";

/// What kind of work a span is, in the words that trace viewers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SpanType {
    /// A run, a node, or a wait.
    Chain,
    /// A model call.
    Llm,
    /// A tool call.
    Tool,
    /// A search in memory.
    Retriever,
}

impl SpanType {
    /// The text in rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Llm => "llm",
            Self::Tool => "tool",
            Self::Retriever => "retriever",
        }
    }

    /// Reads rows.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Chain, Self::Llm, Self::Tool, Self::Retriever].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How a span stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SpanStatus {
    /// Under way.
    Pending,
    /// Ended.
    Success,
    /// Ended with an error.
    Error,
}

impl SpanStatus {
    /// The text in rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Success => "success",
            Self::Error => "error",
        }
    }

    /// Reads rows and filters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Success, Self::Error].into_iter().find(|status| status.as_str() == text)
    }
}

/// One row of `spans`.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Its id; the run's for a root.
    pub span_id: String,
    /// 32 hexadecimal digits, the same for all spans of a run.
    pub trace_id: String,
    /// The span it is part of; none for a root.
    pub parent_id: Option<String>,
    /// The root of its trace.
    pub root_id: String,
    /// What it is.
    pub name: String,
    /// Its kind.
    pub kind: SpanType,
    /// How it stands.
    pub status: SpanStatus,
    /// Begin.
    pub start_time: Timestamp,
    /// End; none while it is under way.
    pub end_time: Option<Timestamp>,
    /// The model that was asked.
    pub model: Option<String>,
    /// Tokens in.
    pub prompt_tokens: i64,
    /// Tokens out.
    pub completion_tokens: i64,
    /// Millionths of a US dollar; none when unpriced or not known yet.
    pub cost_micros: Option<i64>,
    /// What went wrong.
    pub error: Option<String>,
    /// Begin of what it was given, redacted.
    pub inputs_preview: String,
    /// Begin of what came of it, redacted.
    pub outputs_preview: String,
    /// What it was given, redacted; only with content capture.
    pub inputs: Option<Value>,
    /// What came of it, redacted; only with content capture.
    pub outputs: Option<Value>,
    /// The agent at work.
    pub agent_id: Option<String>,
    /// The channel it served.
    pub channel_id: Option<String>,
    /// The workflow.
    pub workflow_id: Option<String>,
    /// The run.
    pub tower_run_id: Option<String>,
    /// The ticket that decides or decided it.
    pub ticket_id: Option<TicketId>,
    /// 1 for the first try of a node, one more for each further one.
    pub attempt: Option<i64>,
    /// `kind` (run, node, llm, tool, wait), `node`, `step`, and what else belongs to the kind.
    pub attributes: Map<String, Value>,
}

/// The id that all spans of a run share: the run's digits, padded on the left as 64-bit trace ids are.
#[must_use]
pub fn trace_id(run_id: &RunId) -> String {
    format!("{:0>32}", run_id.as_str().trim_start_matches("run_"))
}

impl Span {
    /// The root span of a run that has been claimed. Time in the queue stands in `queued_ms`.
    #[must_use]
    pub fn root(run: &Run) -> Self {
        let queued = run.started_at.map_or(0, |at| (at - run.created_at).num_milliseconds().max(0));
        let mut span = Self::part(run, run.run_id.to_string(), None, SpanType::Chain, run.created_at);
        run.run_name.as_deref().unwrap_or(run.workflow_id.as_str()).clone_into(&mut span.name);
        span.inputs_preview = last_message(run.input_state.get("messages"));
        span.attributes = members(json!({
            "kind": "run", "queued_ms": queued, "trigger_source": run.input_state.trigger_source(),
            "workflow_version": run.workflow_version,
        }));
        span
    }

    /// A span of `run` that begins at `at`, with nothing else in it yet.
    #[must_use]
    pub fn part(run: &Run, span_id: String, parent_id: Option<String>, kind: SpanType, at: Timestamp) -> Self {
        Self {
            span_id,
            trace_id: trace_id(&run.run_id),
            parent_id,
            root_id: run.run_id.to_string(),
            name: String::new(),
            kind,
            status: SpanStatus::Pending,
            start_time: at,
            end_time: None,
            model: None,
            prompt_tokens: 0,
            completion_tokens: 0,
            cost_micros: None,
            error: None,
            inputs_preview: String::new(),
            outputs_preview: String::new(),
            inputs: None,
            outputs: None,
            agent_id: None,
            channel_id: None,
            workflow_id: Some(run.workflow_id.to_string()),
            tower_run_id: Some(run.run_id.to_string()),
            ticket_id: None,
            attempt: None,
            attributes: Map::new(),
        }
    }

    /// Ends the span; with an error when there is one.
    pub fn end(&mut self, at: Timestamp, error: Option<&str>) {
        self.end_time = Some(at.max(self.start_time));
        self.status = if error.is_some() { SpanStatus::Error } else { SpanStatus::Success };
        self.error = error.map(|text| crate::run::cut(text, crate::run::MAX_ERROR_CHARS));
    }

    /// Milliseconds from begin to end; to `now` while it is under way.
    #[must_use]
    pub fn duration_ms(&self, now: Timestamp) -> i64 {
        (self.end_time.unwrap_or(now) - self.start_time).num_milliseconds().max(0)
    }
}

/// How deep each of `steps` lies below its root; parents stand before their parts. A step whose parent is not among
/// them lies at 1.
pub fn depths<'a>(steps: impl Iterator<Item = &'a Span>) -> Vec<usize> {
    let mut known: HashMap<&str, usize> = HashMap::new();
    steps
        .map(|step| {
            let above = step.parent_id.as_deref().and_then(|parent| known.get(parent)).copied().unwrap_or(0);
            known.insert(&step.span_id, above + 1);
            above + 1
        })
        .collect()
}

/// The members of a JSON object; anything else has none.
#[must_use]
pub fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The begin of a text.
#[must_use]
pub fn preview(text: &str) -> String {
    let mut chars = text.char_indices();
    match chars.nth(PREVIEW_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The begin of a value as JSON. The rest of a large value is not even written out.
#[must_use]
pub fn preview_json<T: Serialize + ?Sized>(value: &T) -> String {
    let mut out = Bounded(Vec::with_capacity(PREVIEW_CHARS * 2));
    // An error is the bound, or a value that is no JSON: what was written before it is the preview.
    let _ = serde_json::to_writer(&mut out, value);
    preview(&String::from_utf8_lossy(&out.0))
}

/// The begin of the newest message of a conversation as it stands in the state of a run.
#[must_use]
pub fn last_message(messages: Option<&Value>) -> String {
    let last = messages.and_then(Value::as_array).and_then(|all| all.last());
    last.and_then(|message| message.get("content")).and_then(Value::as_str).map(preview).unwrap_or_default()
}

/// The begin of what a node left: its message, else the update itself.
#[must_use]
pub fn preview_update(update: &Map<String, Value>) -> String {
    let said = last_message(update.get("messages"));
    if said.is_empty() { preview_json(update) } else { said }
}

/// Takes enough bytes for a preview and refuses the rest.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // One character may take four bytes; one more than the preview tells that it was cut.
        let left = ((PREVIEW_CHARS + 1) * 4).saturating_sub(self.0.len());
        if left == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(left);
        self.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_trace_id_is_the_runs_digits_in_thirty_two_places() {
        let run: RunId = "run_0123456789abcdef".parse().unwrap();
        assert_eq!(trace_id(&run), "00000000000000000123456789abcdef");
    }

    #[test]
    fn what_a_node_said_is_its_preview_before_what_it_changed() {
        let said = members(json!({"messages": [{"type": "ai", "content": "printed"}], "x": 1}));
        assert_eq!(preview_update(&said), "printed");
        assert_eq!(preview_update(&members(json!({"x": 1}))), r#"{"x":1}"#);
    }

    proptest! {
        #[test]
        fn a_preview_is_the_text_or_two_hundred_characters_of_it_and_dots(text in "\\PC{0,400}") {
            let short = preview(&text);
            match text.chars().count() {
                0..=PREVIEW_CHARS => prop_assert_eq!(short, text),
                _ => {
                    prop_assert_eq!(short.chars().count(), PREVIEW_CHARS + 3);
                    prop_assert!(text.starts_with(short.trim_end_matches("...").trim_end_matches('.')));
                }
            }
        }

        #[test]
        fn a_preview_of_json_is_the_preview_of_its_text(text in "\\PC{0,400}", number in any::<i64>()) {
            let value = json!({"a": text, "b": [number]});
            prop_assert_eq!(preview_json(&value), preview(&value.to_string()));
        }
    }
}
