//! What an answer carries besides its sentence when the store is down or the work took too long: empty values under the
//! keys that a client reads first. The status says that they mean nothing.

use serde_json::{Map, Value, json};

use crate::openapi::schema;

/// One empty value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// `[]`
    List,
    /// `{}`
    Object,
    /// `0`
    Zero,
}

/// Keys and their empty values.
pub type Fallback = &'static [(&'static str, Empty)];

/// No keys.
pub const NONE: Fallback = &[];
/// Agents.
pub const AGENTS: Fallback = &[("agents", Empty::List)];
/// Tools.
pub const TOOLS: Fallback = &[("tools", Empty::List), ("count", Empty::Zero)];
/// Workflows.
pub const WORKFLOWS: Fallback = &[("workflows", Empty::List), ("count", Empty::Zero)];
/// Scheduled jobs.
pub const JOBS: Fallback = &[("jobs", Empty::List), ("count", Empty::Zero)];
/// Dead letters.
pub const ENTRIES: Fallback = &[("entries", Empty::List), ("count", Empty::Zero)];
/// Runs.
pub const RUNS: Fallback = &[("runs", Empty::List), ("count", Empty::Zero)];
/// Events of a run.
pub const EVENTS: Fallback = &[("events", Empty::List), ("count", Empty::Zero)];
/// Tickets.
pub const TICKETS: Fallback = &[("tickets", Empty::List), ("count", Empty::Zero)];
/// Names of a graph.
pub const METADATA: Fallback = &[("nodes", Empty::Object)];
/// A graph.
pub const GRAPH: Fallback = &[("nodes", Empty::List), ("edges", Empty::List), ("subgraphs", Empty::Object)];
/// Traces.
pub const TRACES: Fallback = &[("traces", Empty::List), ("count", Empty::Zero)];
/// Lines of the log.
pub const LOGS: Fallback = &[("logs", Empty::List)];

/// The members.
#[must_use]
pub fn members(fallback: Fallback) -> Map<String, Value> {
    let value = |empty: Empty| match empty {
        Empty::List => json!([]),
        Empty::Object => json!({}),
        Empty::Zero => json!(0),
    };
    fallback.iter().map(|(key, empty)| ((*key).to_owned(), value(*empty))).collect()
}

/// The schema of an outage with these members.
#[must_use]
pub fn outage_schema(fallback: Fallback) -> Value {
    let mut properties = vec![("error", schema::text()), ("code", schema::text()), ("trace_id", schema::text())];
    properties.extend(fallback.iter().map(|(key, empty)| {
        let value = match empty {
            Empty::List => json!({"type": "array", "maxItems": 0, "items": {}}),
            Empty::Object => json!({"type": "object", "maxProperties": 0}),
            Empty::Zero => json!({"type": "integer", "const": 0}),
        };
        (*key, value)
    }));
    schema::object(&properties)
}
