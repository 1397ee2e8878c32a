//! A conversation as every provider means it, whatever its wire says.

use std::collections::BTreeSet;

use serde_json::Value;

/// Everything of a request that the policy may know.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Conversation {
    /// What was said, oldest first.
    pub messages: Vec<ChatMessage>,
    /// Names of the tools that may be called now; empty when the caller forbids calls.
    pub tools: BTreeSet<String>,
    /// The answer is to be one JSON object.
    pub wants_json: bool,
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub enum ChatMessage {
    /// Instructions of the program.
    System(String),
    /// Somebody asks.
    User(String),
    /// An earlier answer.
    Assistant {
        /// Its text; empty when it only called.
        text: String,
        /// What it called.
        calls: Vec<AskedCall>,
    },
    /// What a call returned.
    Tool {
        /// Id of the call.
        call_id: String,
        /// The result as text.
        text: String,
    },
}

/// A call in an earlier answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedCall {
    /// Id the answer gave it.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The arguments; text that is no JSON stands here as a string.
    pub args: Value,
}

impl ChatMessage {
    /// Characters of the message that are read as text.
    #[must_use]
    pub fn chars(&self) -> u64 {
        match self {
            Self::System(text) | Self::User(text) | Self::Tool { text, .. } => chars(text),
            Self::Assistant { text, calls } => {
                chars(text) + calls.iter().map(|call| chars(&call.name) + chars(&call.args.to_string())).sum::<u64>()
            }
        }
    }
}

/// Characters, not bytes: what the usage is computed from.
pub(super) fn chars(text: &str) -> u64 {
    text.chars().count() as u64
}

/// Whether every provider takes it as the name of a tool.
pub(super) fn is_tool_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
