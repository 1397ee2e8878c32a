//! The state of a run: what nodes read and what they leave behind.
//!
//! `messages` only grows, maps merge by key, every other field replaces. Members whose name starts with an underscore
//! belong to the engine; clients may not set them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::message::{Message, Speaker};

/// The largest state of one run, `channel_values` and `pending` together, bytes of JSON.
pub const MAX_STATE_BYTES: usize = 1024 * 1024;

/// State of a run at one checkpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunState(Map<String, Value>);

impl RunState {
    /// The state that a start request brings along.
    #[must_use]
    pub fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// All members.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The names in `members` that belong to the engine.
    pub fn engine_owned(members: &Map<String, Value>) -> impl Iterator<Item = &str> {
        members.keys().map(String::as_str).filter(|name| name.starts_with('_'))
    }

    /// One member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// One member that is a non-empty text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The conversation so far; members that are no messages are left out.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let items = self.0.get("messages").and_then(Value::as_array);
        items.into_iter().flatten().filter_map(|item| Message::deserialize(item).ok()).collect()
    }

    /// The text of the last message of a person.
    #[must_use]
    pub fn last_human_text(&self) -> Option<String> {
        self.messages()
            .into_iter()
            .rev()
            .find(|message| message.speaker == Speaker::Human)
            .map(|message| message.content)
    }

    /// Where the task came from, e.g. `webhook:shopify`; `api` when nobody said.
    #[must_use]
    pub fn trigger_source(&self) -> &str {
        self.text("trigger_source").unwrap_or("api")
    }

    /// Merges what a node left: `messages` is appended, objects merge by key, everything else replaces.
    pub fn merge(&mut self, update: Map<String, Value>) {
        for (name, value) in update {
            match (self.0.get_mut(&name), value) {
                (Some(Value::Array(existing)), Value::Array(new)) if name == "messages" => existing.extend(new),
                (Some(Value::Object(existing)), Value::Object(new)) => existing.extend(new),
                (_, value) => {
                    self.0.insert(name, value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn an_underscore_marks_what_belongs_to_the_engine() {
        let members = object(json!({"_budget_tracker": {}, "error": "", "task_type": "a_b", "_": 1}));
        assert_eq!(RunState::engine_owned(&members).collect::<Vec<_>>(), ["_", "_budget_tracker"]);
    }

    #[test]
    fn messages_grow_maps_merge_and_the_rest_replaces() {
        let mut state = RunState::new(object(
            json!({"messages": [{"type": "human", "content": "a"}], "agent_results": {"x": 1}, "error": "old"}),
        ));
        state.merge(object(
            json!({"messages": [{"type": "ai", "content": "b"}], "agent_results": {"y": 2}, "error": ""}),
        ));
        assert_eq!(state.messages().len(), 2);
        assert_eq!(state.get("agent_results"), Some(&json!({"x": 1, "y": 2})));
        assert_eq!(state.get("error"), Some(&json!("")));
        assert_eq!(state.last_human_text().as_deref(), Some("a"));
    }
}
