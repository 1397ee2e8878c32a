//! Live events: what a screen is told while things happen. They are hints; the truth is in the rows.

use serde_json::{Map, Value};

use crate::guardrails::Redactor;
use crate::time::Timestamp;

/// Members that never leave, at any depth.
const FORBIDDEN: [&str; 6] = ["raw_env", "token", "authorization", "password", "secret", "api_key"];

/// One event as it goes to sockets.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveEvent {
    /// The `type` of the frame, such as `node_entered` or `tower_ticket`.
    pub kind: &'static str,
    /// When it happened.
    pub at: Timestamp,
    /// The run it belongs to, if any.
    pub thread_id: Option<String>,
    /// The other members of the frame.
    pub fields: Map<String, Value>,
}

impl LiveEvent {
    /// An event with the given members (a JSON object; anything else gives none).
    #[must_use]
    pub fn new(kind: &'static str, at: Timestamp, thread_id: Option<&str>, fields: Value) -> Self {
        let fields = match fields {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        Self { kind, at, thread_id: thread_id.map(str::to_owned), fields }
    }

    /// The event without forbidden members and with every text redacted.
    #[must_use]
    pub fn cleaned(mut self, redactor: &Redactor) -> Self {
        strip_members(&mut self.fields);
        redactor.redact_object(&mut self.fields);
        self
    }

    /// The frame: `type`, `timestamp` (seconds since 1970, with fraction), `thread_id` and the members.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit a double")]
    pub fn to_json(&self) -> Value {
        let mut frame = self.fields.clone();
        frame.insert("type".to_owned(), Value::from(self.kind));
        frame.insert("timestamp".to_owned(), Value::from(self.at.timestamp_micros() as f64 / 1_000_000.0));
        if let Some(thread_id) = &self.thread_id {
            frame.insert("thread_id".to_owned(), Value::from(thread_id.as_str()));
        }
        Value::Object(frame)
    }
}

fn strip_members(members: &mut Map<String, Value>) {
    members.retain(|name, _| !FORBIDDEN.contains(&name.to_ascii_lowercase().as_str()));
    members.values_mut().for_each(strip);
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => strip_members(members),
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use serde_json::json;

    use super::*;

    fn at() -> Timestamp {
        Utc.timestamp_opt(1_700_000_000, 250_000_000).single().expect("a moment")
    }

    #[test]
    fn forbidden_members_are_removed_at_any_depth() {
        let event = LiveEvent::new("log", at(), None, json!({"a": [{"Token": "x", "b": 1}], "password": "y"}));
        let clean = event.cleaned(&Redactor::new(Vec::<String>::new()));
        assert_eq!(Value::Object(clean.fields), json!({"a": [{"b": 1}]}));
    }

    #[test]
    fn secrets_inside_texts_are_redacted() {
        let secret = format!("sk_{}_{}", "test", "F".repeat(24));
        let event = LiveEvent::new("log", at(), None, json!({"message": format!("key {secret}")}));
        let clean = event.cleaned(&Redactor::new(Vec::<String>::new()));
        assert_eq!(clean.fields["message"], json!("key [REDACTED_STRIPE_KEY]"));
    }

    #[test]
    fn the_frame_carries_type_time_and_thread() {
        let event = LiveEvent::new("tower_run", at(), Some("run_1"), json!({"status": "queued"}));
        assert_eq!(
            event.to_json(),
            json!({"type": "tower_run", "timestamp": 1_700_000_000.25, "thread_id": "run_1", "status": "queued"})
        );
    }
}
