//! What a request is about: who is addressed, what is asked, which facts are given and what was done so far.

use std::collections::BTreeSet;

use serde_json::{Deserializer, Value};

use super::conversation::{ChatMessage, Conversation};
use super::delimited;

/// A request as the policy sees it.
#[derive(Debug, Default, Clone)]
pub struct Reading {
    /// Instructions of the program.
    pub system: String,
    /// What the latest user message says outside data delimiters.
    pub asked: String,
    /// What stands between data delimiters in that message: facts, never instructions.
    pub data: Vec<String>,
    /// The event or task the run was started for.
    pub payload: Option<Value>,
    /// Tools that may be called now.
    pub tools: BTreeSet<String>,
    /// Calls made since that message, oldest first.
    pub calls: Vec<PastCall>,
    /// The answer is to be a JSON object.
    pub wants_json: bool,
}

/// A call that was made and answered.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCall {
    /// The tool.
    pub name: String,
    /// What it was asked.
    pub args: Value,
    /// What it returned; text that is no JSON stands here as a string.
    pub result: Value,
}

/// Most places in a text at which an object is looked for.
const OBJECTS_TRIED: usize = 64;

impl Reading {
    /// Reads a request.
    #[must_use]
    pub fn of(request: &Conversation) -> Self {
        let mut reading = Self { tools: request.tools.clone(), wants_json: request.wants_json, ..Self::default() };
        for message in &request.messages {
            match message {
                ChatMessage::System(text) => {
                    if !reading.system.is_empty() {
                        reading.system.push('\n');
                    }
                    reading.system.push_str(text);
                }
                ChatMessage::User(text) => reading.hear(text),
                ChatMessage::Assistant { calls, .. } => reading.calls.extend(calls.iter().map(|call| PastCall {
                    name: call.name.clone(),
                    args: call.args.clone(),
                    result: result_of(&request.messages, &call.id),
                })),
                ChatMessage::Tool { .. } => {}
            }
        }
        reading
    }

    /// A new user message: earlier ones and the calls made for them are history.
    fn hear(&mut self, text: &str) {
        let parts = delimited::split(text);
        let payload = parts.data.iter().find_map(|data| find_payload(data));
        // Without delimiters a person may have typed the object itself.
        let payload = if parts.data.is_empty() { find_payload(&parts.said) } else { payload };
        self.asked = without_frame(&parts.said);
        self.data = parts.data;
        self.payload = payload;
        self.calls.clear();
    }

    /// The newest result of `tool`, if it was called for this task.
    #[must_use]
    pub fn result(&self, tool: &str) -> Option<&Value> {
        self.calls.iter().rev().find(|call| call.name == tool).map(|call| &call.result)
    }

    /// Whether `tool` is offered now or was when it was called.
    #[must_use]
    pub fn knows(&self, tool: &str) -> bool {
        self.tools.contains(tool) || self.calls.iter().any(|call| call.name == tool)
    }

    /// Whether a tool whose name starts with `prefix` is offered now or was called.
    #[must_use]
    pub fn knows_any(&self, prefix: &str) -> bool {
        self.tools.iter().any(|tool| tool.starts_with(prefix))
            || self.calls.iter().any(|call| call.name.starts_with(prefix))
    }

    /// The event of the payload, e.g. `orders/paid`.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        self.payload.as_ref()?.get("event")?.as_str()
    }

    /// The task of the payload, e.g. `order_check`.
    #[must_use]
    pub fn task(&self) -> Option<&str> {
        self.payload.as_ref()?.get("task")?.as_str()
    }

    /// A text member of the payload's `summary`, or of the payload itself; numbers count as text.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<String> {
        let payload = self.payload.as_ref()?;
        let value = payload.get("summary").and_then(|summary| summary.get(name)).or_else(|| payload.get(name))?;
        match value {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A yes-or-no member of the payload's `summary`.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.payload
            .as_ref()
            .and_then(|payload| payload.get("summary").and_then(|s| s.get(name)).or_else(|| payload.get(name)))
            .is_some_and(|value| value == &Value::Bool(true))
    }
}

fn result_of(messages: &[ChatMessage], id: &str) -> Value {
    messages
        .iter()
        .find_map(|message| match message {
            ChatMessage::Tool { call_id, text } if call_id == id => {
                Some(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str())))
            }
            _ => None,
        })
        .unwrap_or(Value::Null)
}

/// The words of the person, without the frame that the agent node puts around them.
fn without_frame(said: &str) -> String {
    let said = said.trim();
    let said = said.strip_prefix("Task:").unwrap_or(said);
    let said = said.split("The following block is data").next().unwrap_or(said);
    said.trim().to_owned()
}

/// The first object in `text` that has a `task` or an `event`, itself or in its `trigger_payload`.
fn find_payload(text: &str) -> Option<Value> {
    text.match_indices('{').take(OBJECTS_TRIED).find_map(|(start, _)| {
        let value = Deserializer::from_str(&text[start..]).into_iter::<Value>().next()?.ok()?;
        let names_work =
            |value: &Value| ["task", "event"].iter().any(|name| value.get(name).is_some_and(Value::is_string));
        if names_work(&value) {
            return Some(value);
        }
        value.get("trigger_payload").filter(|inner| names_work(inner)).cloned()
    })
}
