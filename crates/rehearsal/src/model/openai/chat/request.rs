//! A Chat Completions request, checked as the provider checks it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::fields::Fields;
use super::super::refusal::Refusal;
use super::super::{models, schema};
use crate::model::conversation::{AskedCall, ChatMessage, Conversation, chars, is_tool_name};

/// Members the provider knows.
const KNOWN: [&str; 25] = [
    "frequency_penalty",
    "logit_bias",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "n",
    "parallel_tool_calls",
    "presence_penalty",
    "prompt_cache_key",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
    "user",
    "verbosity",
];

/// One request, checked.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    /// Name of the model that is asked.
    pub model: String,
    /// What is asked.
    pub conversation: Conversation,
    /// Most tokens the answer may have.
    pub max_tokens: Option<u64>,
    /// How the answer is delivered.
    pub delivery: Delivery,
    /// Characters of everything that was sent as text, tools included.
    pub prompt_chars: u64,
}

/// How the answer is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// One JSON body.
    Whole,
    /// Server-sent events.
    Chunks,
    /// Server-sent events with a last one that carries the usage.
    ChunksAndUsage,
}

impl ChatRequest {
    /// Reads the body of `POST /chat/completions`.
    ///
    /// # Errors
    /// The provider's refusal when the body is no valid request, or asks for what is not rehearsed.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body = Refusal::object(body)?;
        let fields = Fields::root(&body);
        fields.only(&KNOWN)?;
        let model = fields.id("model")?;
        if !models::is_known(&model) {
            return Err(Refusal::UnknownModel(model));
        }
        models::sampling(&model, &fields)?;
        if models::reasons(&model) && fields.get("max_tokens").is_some() {
            return Err(Refusal::unsupported("max_tokens"));
        }
        refuse_what_is_not_rehearsed(&body)?;
        let messages = messages(&body)?;
        if body.get("response_format").is_some_and(|format| format["type"] == "json_object") {
            Refusal::unless_json_is_named(&messages, "messages")?;
        }
        let tools = tools(&body)?;
        let mut prompt_chars: u64 = messages.iter().map(ChatMessage::chars).sum();
        if !tools.is_empty() {
            prompt_chars += body.get("tools").map_or(0, |tools| chars(&tools.to_string()));
        }
        Ok(Self {
            model,
            conversation: Conversation {
                messages,
                tools: if calls_allowed(&body)? { tools } else { BTreeSet::new() },
                wants_json: body.get("response_format").is_some_and(wants_json),
            },
            max_tokens: max_tokens(&body)?,
            delivery: delivery(&body)?,
            prompt_chars,
        })
    }
}

fn missing(param: &str) -> Refusal {
    Refusal::missing(param)
}

fn wrong_type(param: &str, expected: &str) -> Refusal {
    Refusal::wrong_type(param, expected)
}

/// Members that change the answer and that nobody here understands are refused rather than ignored.
fn refuse_what_is_not_rehearsed(body: &Map<String, Value>) -> Result<(), Refusal> {
    if body.get("n").is_some_and(|n| !n.is_null() && n.as_u64() != Some(1)) {
        return Err(Refusal::invalid("n", "The rehearsal model gives one choice only."));
    }
    for name in ["presence_penalty", "frequency_penalty"] {
        if body.get(name).is_some_and(|value| !value.is_number() && !value.is_null()) {
            return Err(wrong_type(name, "a number"));
        }
    }
    Ok(())
}

fn messages(body: &Map<String, Value>) -> Result<Vec<ChatMessage>, Refusal> {
    let items = match body.get("messages") {
        Some(Value::Array(items)) if !items.is_empty() => items,
        Some(Value::Array(_)) => return Err(Refusal::invalid("messages", "'messages' must not be empty.")),
        Some(_) => return Err(wrong_type("messages", "an array of objects")),
        None => return Err(missing("messages")),
    };
    let mut messages = Vec::with_capacity(items.len());
    // Ids of calls whose results must come before anything else is said.
    let mut open: Vec<String> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let message = message(item, &format!("messages[{index}]"))?;
        match &message {
            ChatMessage::Tool { call_id, .. } => {
                let Some(position) = open.iter().position(|id| id == call_id) else {
                    return Err(Refusal::invalid(
                        format!("messages[{index}].role"),
                        "A message with role 'tool' must answer a call of the preceding message with 'tool_calls'.",
                    ));
                };
                open.swap_remove(position);
            }
            other => {
                answered(&open, index)?;
                if let ChatMessage::Assistant { calls, .. } = other {
                    open = calls.iter().map(|call| call.id.clone()).collect();
                }
            }
        }
        messages.push(message);
    }
    answered(&open, items.len())?;
    Ok(messages)
}

fn answered(open: &[String], index: usize) -> Result<(), Refusal> {
    if open.is_empty() {
        return Ok(());
    }
    Err(Refusal::invalid(
        format!("messages[{index}]"),
        format!(
            "An assistant message with 'tool_calls' must be followed by a result for each id; missing: {}.",
            open.join(", ")
        ),
    ))
}

fn message(item: &Value, at: &str) -> Result<ChatMessage, Refusal> {
    let Value::Object(item) = item else {
        return Err(wrong_type(at, "an object"));
    };
    let role = match item.get("role") {
        Some(Value::String(role)) => role.as_str(),
        Some(_) => return Err(wrong_type(&format!("{at}.role"), "a string")),
        None => return Err(missing(&format!("{at}.role"))),
    };
    let content = content(item.get("content"), &format!("{at}.content"))?;
    let required = |content: Option<String>| content.ok_or_else(|| missing(&format!("{at}.content")));
    match role {
        "system" | "developer" => Ok(ChatMessage::System(required(content)?)),
        "user" => Ok(ChatMessage::User(required(content)?)),
        "assistant" => {
            let calls = asked_calls(item.get("tool_calls"), &format!("{at}.tool_calls"))?;
            if content.is_none() && calls.is_empty() {
                return Err(missing(&format!("{at}.content")));
            }
            Ok(ChatMessage::Assistant { text: content.unwrap_or_default(), calls })
        }
        "tool" => match item.get("tool_call_id") {
            Some(Value::String(id)) => Ok(ChatMessage::Tool { call_id: id.clone(), text: required(content)? }),
            Some(_) => Err(wrong_type(&format!("{at}.tool_call_id"), "a string")),
            None => Err(missing(&format!("{at}.tool_call_id"))),
        },
        other => Err(Refusal::invalid(
            format!("{at}.role"),
            format!(
                "Invalid value: '{other}'. Supported values are: 'system', 'developer', 'user', 'assistant' and 'tool'."
            ),
        )),
    }
}

fn content(value: Option<&Value>, at: &str) -> Result<Option<String>, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Array(parts)) => {
            let mut text = String::new();
            for part in parts {
                match (part.get("type").and_then(Value::as_str), part.get("text").and_then(Value::as_str)) {
                    (Some("text"), Some(piece)) => text.push_str(piece),
                    _ => return Err(Refusal::invalid(at, "The rehearsal model reads parts of type 'text' only.")),
                }
            }
            Ok(Some(text))
        }
        Some(_) => Err(wrong_type(at, "a string or an array of parts")),
    }
}

fn asked_calls(value: Option<&Value>, at: &str) -> Result<Vec<AskedCall>, Refusal> {
    let items = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(wrong_type(at, "an array of objects")),
    };
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str);
            match (text("/id"), text("/function/name"), text("/function/arguments")) {
                (Some(id), Some(name), Some(arguments)) => Ok(AskedCall {
                    id: id.to_owned(),
                    name: name.to_owned(),
                    args: serde_json::from_str(arguments).unwrap_or_else(|_| Value::from(arguments)),
                }),
                _ => Err(wrong_type(&format!("{at}[{index}]"), "an id and a function with name and arguments")),
            }
        })
        .collect()
}

fn tools(body: &Map<String, Value>) -> Result<BTreeSet<String>, Refusal> {
    let items = match body.get("tools") {
        None | Some(Value::Null) => return Ok(BTreeSet::new()),
        Some(Value::Array(items)) if !items.is_empty() => items,
        Some(Value::Array(_)) => return Err(Refusal::invalid("tools", "'tools' must not be empty; leave it out.")),
        Some(_) => return Err(wrong_type("tools", "an array of objects")),
    };
    let mut names = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let name = item.pointer("/function/name").and_then(Value::as_str).unwrap_or_default();
        if item.get("type").and_then(Value::as_str) != Some("function") || !is_tool_name(name) {
            return Err(Refusal::invalid(
                format!("tools[{index}].function.name"),
                "A tool must be a function whose name is 1 to 64 of a-z, A-Z, 0-9, '_' and '-'.",
            ));
        }
        if item.pointer("/function/parameters").is_some_and(|schema| !schema.is_object()) {
            return Err(wrong_type(&format!("tools[{index}].function.parameters"), "an object"));
        }
        if item.pointer("/function/strict") == Some(&Value::Bool(true)) {
            let parameters = item.pointer("/function/parameters").unwrap_or(&Value::Null);
            schema::strict(name, parameters, &format!("tools[{index}].function.parameters"))?;
        }
        names.insert(name.to_owned());
    }
    Ok(names)
}

fn calls_allowed(body: &Map<String, Value>) -> Result<bool, Refusal> {
    match body.get("tool_choice") {
        None | Some(Value::Null) => Ok(true),
        Some(choice) if !body.contains_key("tools") && choice != "none" => {
            Err(Refusal::invalid("tool_choice", "'tool_choice' is only allowed when 'tools' are given."))
        }
        Some(Value::String(choice)) if choice == "auto" => Ok(true),
        Some(Value::String(choice)) if choice == "none" => Ok(false),
        Some(_) => Err(Refusal::invalid("tool_choice", "The rehearsal model takes 'auto' and 'none' only.")),
    }
}

fn wants_json(format: &Value) -> bool {
    matches!(format.get("type").and_then(Value::as_str), Some("json_object" | "json_schema"))
}

fn max_tokens(body: &Map<String, Value>) -> Result<Option<u64>, Refusal> {
    for name in ["max_completion_tokens", "max_tokens"] {
        match body.get(name) {
            None | Some(Value::Null) => {}
            Some(value) => {
                return match value.as_u64() {
                    Some(limit) if limit > 0 => Ok(Some(limit)),
                    _ => Err(wrong_type(name, "a positive integer")),
                };
            }
        }
    }
    Ok(None)
}

fn delivery(body: &Map<String, Value>) -> Result<Delivery, Refusal> {
    let streamed = match body.get("stream") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(streamed)) => *streamed,
        Some(_) => return Err(wrong_type("stream", "a boolean")),
    };
    let usage = match body.get("stream_options") {
        None | Some(Value::Null) => false,
        Some(_) if !streamed => {
            return Err(Refusal::invalid("stream_options", "'stream_options' is only allowed when 'stream' is true."));
        }
        Some(options) => match options.get("include_usage") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(usage)) => *usage,
            Some(_) => return Err(wrong_type("stream_options.include_usage", "a boolean")),
        },
    };
    Ok(match (streamed, usage) {
        (false, _) => Delivery::Whole,
        (true, false) => Delivery::Chunks,
        (true, true) => Delivery::ChunksAndUsage,
    })
}
