//! Messages of a conversation, as they stand in a run's state and as they go to a model.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// A person, or the event that stands for one.
    Human,
    /// A model.
    Ai,
    /// The program.
    System,
    /// The result of a tool.
    Tool,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    #[serde(rename = "type")]
    pub speaker: Speaker,
    /// The text.
    pub content: String,
    /// What a model asked for with this message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// For a tool message: the call that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
}

/// A call that a model proposes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The provider's id of the call.
    pub id: String,
    /// The tool's name as the model wrote it.
    pub name: String,
    /// The arguments, parsed; text that was no JSON object stands here as a JSON string.
    pub args: Value,
}

impl Message {
    fn plain(speaker: Speaker, content: impl Into<String>) -> Self {
        Self { speaker, content: content.into(), tool_calls: Vec::new(), tool_call_id: None }
    }

    /// A message of a person.
    #[must_use]
    pub fn human(content: impl Into<String>) -> Self {
        Self::plain(Speaker::Human, content)
    }

    /// A message of a model.
    #[must_use]
    pub fn ai(content: impl Into<String>) -> Self {
        Self::plain(Speaker::Ai, content)
    }

    /// The result of the call `call_id`.
    #[must_use]
    pub fn tool(call_id: impl Into<String>, content: impl Into<String>) -> Self {
        Self { tool_call_id: Some(call_id.into()), ..Self::plain(Speaker::Tool, content) }
    }
}
