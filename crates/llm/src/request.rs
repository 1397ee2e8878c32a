//! What a caller asks of a model, in one form for every provider.

use std::collections::HashSet;

use domain::message::{Message, Speaker};
use serde_json::Value;

/// A tool that is offered to the model.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolDef {
    /// The name, `^[a-zA-Z0-9_-]{1,64}$`.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON schema of the arguments, an object.
    pub schema: Value,
}

/// Whether the model may, must or must not call tools. Meaningless without tools.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ToolChoice {
    /// The model decides.
    #[default]
    Auto,
    /// No call.
    None,
    /// At least one call of some tool.
    Required,
    /// A call of this tool.
    Named(String),
}

/// One question to a model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChatRequest {
    /// A logical id (`gpt4o_mini`) or a provider's own name (`gpt-4o-mini`). Only a logical id has a fallback chain.
    pub model: String,
    /// Instructions that stand above the conversation.
    pub system: Option<String>,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Tools that the model may call.
    pub tools: Vec<ToolDef>,
    /// How tools may be used.
    pub tool_choice: ToolChoice,
    /// Sampling temperature, 0 to 2; none takes the model's default. Dropped for models that refuse it.
    pub temperature: Option<f64>,
    /// Cap on the answer; none takes the model's default, and the model's own limit is never exceeded.
    pub max_output_tokens: Option<u32>,
}

/// A request that no provider would take. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// Nothing to answer.
    #[error("a request needs at least one message")]
    NoMessages,
    /// A tool name that providers refuse.
    #[error("tool name `{0}` must be 1 to 64 letters, digits, `_` or `-`")]
    ToolName(String),
    /// One name for two tools.
    #[error("tool `{0}` is offered twice")]
    DuplicateTool(String),
    /// Arguments that are no object.
    #[error("the schema of tool `{0}` must be a JSON object")]
    ToolSchema(String),
    /// A choice that names a tool which is not offered.
    #[error("tool `{0}` is demanded but not offered")]
    ChoiceNotOffered(String),
    /// A call that the next messages do not answer.
    #[error("tool call `{0}` has no result in the messages after it")]
    Unanswered(String),
    /// A result for nothing, or the second one for the same call.
    #[error("tool result `{0}` answers no open call")]
    StrayResult(String),
    /// A temperature outside 0 to 2.
    #[error("temperature must lie between 0 and 2")]
    Temperature,
}

/// Whether every provider takes `name` as the name of a tool.
#[must_use]
pub fn is_tool_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

impl ChatRequest {
    /// A question of `messages` to `model`, without tools.
    #[must_use]
    pub fn new(model: impl Into<String>, messages: Vec<Message>) -> Self {
        Self { model: model.into(), messages, ..Self::default() }
    }

    /// Finds what every provider would refuse.
    ///
    /// # Errors
    /// The first fault; nothing has been sent then.
    pub fn check(&self) -> Result<(), InvalidRequest> {
        if self.messages.is_empty() {
            return Err(InvalidRequest::NoMessages);
        }
        if self.temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
            return Err(InvalidRequest::Temperature);
        }
        self.check_tools()?;
        check_pairs(&self.messages)
    }

    fn check_tools(&self) -> Result<(), InvalidRequest> {
        let mut names = HashSet::new();
        for tool in &self.tools {
            if !is_tool_name(&tool.name) {
                return Err(InvalidRequest::ToolName(tool.name.clone()));
            }
            if !tool.schema.is_object() {
                return Err(InvalidRequest::ToolSchema(tool.name.clone()));
            }
            if !names.insert(tool.name.as_str()) {
                return Err(InvalidRequest::DuplicateTool(tool.name.clone()));
            }
        }
        match &self.tool_choice {
            ToolChoice::Named(name) if !names.contains(name.as_str()) => {
                Err(InvalidRequest::ChoiceNotOffered(name.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// Every call has exactly one result, directly after the message that made it.
fn check_pairs(messages: &[Message]) -> Result<(), InvalidRequest> {
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        if message.speaker == Speaker::Tool {
            let id = message.tool_call_id.as_deref().unwrap_or_default();
            match open.iter().position(|call| *call == id) {
                Some(at) => drop(open.remove(at)),
                None => return Err(InvalidRequest::StrayResult(id.to_owned())),
            }
            continue;
        }
        if let Some(call) = open.first() {
            return Err(InvalidRequest::Unanswered((*call).to_owned()));
        }
        open.extend(message.tool_calls.iter().map(|call| call.id.as_str()));
    }
    match open.first() {
        Some(call) => Err(InvalidRequest::Unanswered((*call).to_owned())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use domain::message::ToolCall;
    use serde_json::json;

    use super::*;

    fn calling(ids: &[&str]) -> Message {
        let tool_calls =
            ids.iter().map(|id| ToolCall { id: (*id).to_owned(), name: "look".into(), args: json!({}) }).collect();
        Message { tool_calls, ..Message::ai("") }
    }

    #[test]
    fn every_call_needs_exactly_one_result_right_after_it() {
        let check = |messages| ChatRequest::new("gpt4o", messages).check();
        assert_eq!(
            check(vec![Message::human("hi"), calling(&["a", "b"]), Message::tool("b", "2"), Message::tool("a", "1")]),
            Ok(())
        );
        assert_eq!(check(vec![calling(&["a"]), Message::human("?")]), Err(InvalidRequest::Unanswered("a".into())));
        assert_eq!(check(vec![calling(&["a"])]), Err(InvalidRequest::Unanswered("a".into())));
        assert_eq!(
            check(vec![calling(&["a"]), Message::tool("a", "1"), Message::tool("a", "again")]),
            Err(InvalidRequest::StrayResult("a".into()))
        );
        assert_eq!(check(vec![]), Err(InvalidRequest::NoMessages));
    }

    #[test]
    fn tools_must_be_nameable_by_every_provider() {
        let tool =
            |name: &str| ToolDef { name: name.into(), description: String::new(), schema: json!({"type": "object"}) };
        let with = |tools, tool_choice| {
            ChatRequest { tools, tool_choice, ..ChatRequest::new("m", vec![Message::human("hi")]) }.check()
        };
        assert_eq!(with(vec![tool("a-b_C9")], ToolChoice::Named("a-b_C9".into())), Ok(()));
        assert_eq!(with(vec![tool("a.b")], ToolChoice::Auto), Err(InvalidRequest::ToolName("a.b".into())));
        assert_eq!(with(vec![tool("a"), tool("a")], ToolChoice::Auto), Err(InvalidRequest::DuplicateTool("a".into())));
        assert_eq!(
            with(vec![tool("a")], ToolChoice::Named("b".into())),
            Err(InvalidRequest::ChoiceNotOffered("b".into()))
        );
    }
}
