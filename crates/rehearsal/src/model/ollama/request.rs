//! A chat request. Calls have no ids on this wire: results follow their calls in order and may name the tool.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::models;
use super::refusal::Refusal;
use crate::model::conversation::{AskedCall, ChatMessage, Conversation, chars, is_tool_name};

/// Members the server knows.
const KNOWN: [&str; 8] = ["model", "messages", "tools", "format", "options", "stream", "think", "keep_alive"];
/// Options the server knows.
const OPTIONS: [&str; 14] = [
    "num_predict",
    "temperature",
    "seed",
    "stop",
    "top_k",
    "top_p",
    "min_p",
    "num_ctx",
    "num_keep",
    "typical_p",
    "repeat_last_n",
    "repeat_penalty",
    "presence_penalty",
    "frequency_penalty",
];

/// One request, checked.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    /// Name of the model that is asked.
    pub model: String,
    /// What is asked.
    pub conversation: Conversation,
    /// Most tokens the answer may have.
    pub num_predict: Option<u64>,
    /// Texts at which the answer is to end.
    pub stops: Vec<String>,
    /// The answer is to come line by line; it does unless the caller says no.
    pub stream: bool,
    /// Characters of everything that was sent as text, tools included.
    pub prompt_chars: u64,
}

fn invalid<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Invalid(message.into()))
}

/// The body as an object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => invalid("the body must be an object"),
        Err(error) => invalid(format!("the body is no JSON: {error}")),
    }
}

/// A text that must be there.
pub(super) fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    match members.get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => invalid(format!("cannot unmarshal `{name}`: it must be a string")),
        None => invalid(format!("missing required field: {name}")),
    }
}

fn only(members: &Map<String, Value>, at: &str, known: &[&str]) -> Result<(), Refusal> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => invalid(format!("{at}{name}: the server would overlook this member")),
        None => Ok(()),
    }
}

impl ChatRequest {
    /// Reads the body of `POST /api/chat`.
    ///
    /// # Errors
    /// When the body is no valid request, or holds what the real server would overlook.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body = object(body)?;
        only(&body, "", &KNOWN)?;
        let model = text(&body, "model")?.to_owned();
        if !models::is_pulled(&model) {
            return Err(Refusal::UnknownModel(model));
        }
        let stream = match body.get("stream") {
            None | Some(Value::Null) => true,
            Some(Value::Bool(stream)) => *stream,
            Some(_) => return invalid("cannot unmarshal `stream`: it must be a boolean"),
        };
        let wants_json = match body.get("format") {
            None | Some(Value::Null) => false,
            Some(Value::String(format)) if format == "json" => true,
            Some(Value::Object(_)) => true,
            Some(_) => return invalid("invalid format: expected \"json\" or a JSON schema"),
        };
        let (num_predict, stops) = options(&body)?;
        let messages = messages(&body)?;
        let tools = tools(&body)?;
        let mut prompt_chars: u64 = messages.iter().map(ChatMessage::chars).sum();
        prompt_chars += body.get("tools").map_or(0, |tools| chars(&tools.to_string()));
        let conversation = Conversation { messages, tools, wants_json };
        Ok(Self { model, conversation, num_predict, stops, stream, prompt_chars })
    }
}

fn options(body: &Map<String, Value>) -> Result<(Option<u64>, Vec<String>), Refusal> {
    let options = match body.get("options") {
        None | Some(Value::Null) => return Ok((None, Vec::new())),
        Some(Value::Object(options)) => options,
        Some(_) => return invalid("cannot unmarshal `options`: it must be an object"),
    };
    only(options, "options.", &OPTIONS)?;
    for (name, value) in options.iter().filter(|(name, _)| *name != "stop") {
        if !value.is_number() {
            return invalid(format!("option \"{name}\" must be a number"));
        }
    }
    let stops = match options.get("stop") {
        None => Vec::new(),
        Some(Value::String(stop)) => vec![stop.clone()],
        Some(Value::Array(stops)) => stops.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(_) => return invalid("option \"stop\" must be of type array"),
    };
    // A negative number means no limit.
    Ok((options.get("num_predict").and_then(Value::as_u64), stops))
}

fn messages(body: &Map<String, Value>) -> Result<Vec<ChatMessage>, Refusal> {
    let items = match body.get("messages") {
        Some(Value::Array(items)) if !items.is_empty() => items,
        Some(Value::Array(_)) => return invalid("messages must not be empty"),
        Some(_) => return invalid("cannot unmarshal `messages`: it must be an array"),
        None => return invalid("missing required field: messages"),
    };
    let mut messages = Vec::with_capacity(items.len());
    let mut open: VecDeque<AskedCall> = VecDeque::new();
    for (index, item) in items.iter().enumerate() {
        let Value::Object(item) = item else { return invalid(format!("messages[{index}] must be an object")) };
        only(item, &format!("messages[{index}]."), &["role", "content", "thinking", "tool_calls", "tool_name"])?;
        let content = text(item, "content")?.to_owned();
        let role = text(item, "role")?;
        if role != "tool" && !open.is_empty() {
            return invalid(format!("messages[{index}]: {} calls have no result yet", open.len()));
        }
        messages.push(match role {
            "system" => ChatMessage::System(content),
            "user" => ChatMessage::User(content),
            "assistant" => {
                let calls = calls(item, index)?;
                open.extend(calls.iter().cloned());
                ChatMessage::Assistant { text: content, calls }
            }
            "tool" => {
                let named = item.get("tool_name").and_then(Value::as_str);
                let Some(call) = open.pop_front() else {
                    return invalid(format!("messages[{index}]: a result without a call before it"));
                };
                if named.is_some_and(|name| name != call.name) {
                    return invalid(format!("messages[{index}]: the result of `{}` is due here", call.name));
                }
                ChatMessage::Tool { call_id: call.id, text: content }
            }
            other => return invalid(format!("invalid role {other:?} in messages[{index}]")),
        });
    }
    if !open.is_empty() {
        return invalid(format!("{} calls have no result yet", open.len()));
    }
    Ok(messages)
}

fn calls(item: &Map<String, Value>, message: usize) -> Result<Vec<AskedCall>, Refusal> {
    let items = match item.get("tool_calls") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return invalid("cannot unmarshal `tool_calls`: it must be an array"),
    };
    let call =
        |(index, item): (usize, &Value)| match (item["function"]["name"].as_str(), &item["function"]["arguments"]) {
            (Some(name), args @ Value::Object(_)) => {
                Ok(AskedCall { id: format!("{message}-{index}"), name: name.to_owned(), args: args.clone() })
            }
            (Some(_), _) => invalid(format!("messages[{message}].tool_calls[{index}]: arguments must be an object")),
            (None, _) => invalid(format!("messages[{message}].tool_calls[{index}]: a function needs a name")),
        };
    items.iter().enumerate().map(call).collect()
}

fn tools(body: &Map<String, Value>) -> Result<BTreeSet<String>, Refusal> {
    let items = match body.get("tools") {
        None | Some(Value::Null) => return Ok(BTreeSet::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return invalid("cannot unmarshal `tools`: it must be an array"),
    };
    let mut names = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let name = item["function"]["name"].as_str().unwrap_or_default();
        if item["type"] != "function" || !is_tool_name(name) || !item["function"]["parameters"].is_object() {
            return invalid(format!("tools[{index}]: expected a function with a name and parameters"));
        }
        names.insert(name.to_owned());
    }
    Ok(names)
}
