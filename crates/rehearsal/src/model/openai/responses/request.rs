//! A Responses request, checked as strictly as the provider checks it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::fields::Fields;
use super::super::refusal::Refusal;
use super::super::{models, schema};
use super::items;
use crate::model::conversation::{ChatMessage, Conversation, chars, is_tool_name};

/// Members the provider knows.
const KNOWN: [&str; 27] = [
    "background",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
    "conversation",
];
/// Members that would ask for something that is not rehearsed.
const NOT_REHEARSED: [&str; 2] = ["conversation", "top_logprobs"];
/// Least limit on an answer.
const LEAST_OUTPUT: u64 = 16;
/// Tokens the model spends on thinking before it answers, when told to think.
const THOUGHT: u64 = 16;

/// One request, checked.
#[derive(Debug, Clone)]
pub struct ResponsesRequest {
    /// Name of the model that is asked.
    pub model: String,
    /// What is asked.
    pub conversation: Conversation,
    /// Most tokens the answer may have, thinking included.
    pub max_output_tokens: Option<u64>,
    /// The answer is to come as events.
    pub stream: bool,
    /// The model thinks first.
    pub thinks: bool,
    /// Characters of everything that was sent as text, tools included.
    pub prompt_chars: u64,
    /// The request, whose settings the answer repeats.
    pub sent: Map<String, Value>,
}

impl ResponsesRequest {
    /// Reads the body of `POST /responses`.
    ///
    /// # Errors
    /// The provider's refusal when the body is no valid request, or asks for what is not rehearsed.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let sent = Refusal::object(body)?;
        let fields = Fields::root(&sent);
        fields.only(&KNOWN)?;
        let model = fields.id("model")?;
        if !models::is_known(&model) {
            return Err(Refusal::UnknownModel(model));
        }
        if let Some(name) = NOT_REHEARSED.iter().find(|name| fields.get(name).is_some()) {
            return Err(Refusal::invalid(*name, format!("The rehearsal model does not take '{name}'.")));
        }
        if fields.flag("background")? == Some(true) {
            return Err(Refusal::invalid("background", "The rehearsal model answers at once only."));
        }
        if fields.get("previous_response_id").is_some() {
            return Err(Refusal::PreviousNotFound(fields.text("previous_response_id")?.to_owned()));
        }
        for name in ["store", "parallel_tool_calls"] {
            fields.flag(name)?;
        }
        fields.word("truncation", &["auto", "disabled"])?;
        fields.word("service_tier", &["auto", "default", "flex", "priority"])?;
        models::sampling(&model, &fields)?;
        let thinks = reasoning(&model, &fields)?;
        let tools = tools(&fields)?;
        let instructions = fields.get("instructions").map(|_| fields.text("instructions")).transpose()?;
        let mut messages: Vec<ChatMessage> =
            instructions.iter().map(|text| ChatMessage::System((*text).to_owned())).collect();
        messages.extend(items::read(&fields)?);
        let wants_json = format(&fields, &messages)?;
        let mut prompt_chars: u64 = messages.iter().map(ChatMessage::chars).sum();
        prompt_chars += fields.get("tools").map_or(0, |tools| chars(&tools.to_string()));
        let tools = if calls_allowed(&fields)? { tools } else { BTreeSet::new() };
        Ok(Self {
            conversation: Conversation { messages, tools, wants_json },
            max_output_tokens: fields.integer("max_output_tokens", LEAST_OUTPUT)?,
            stream: stream(&fields)?,
            model,
            thinks,
            prompt_chars,
            sent,
        })
    }

    /// Tokens spent on thinking.
    #[must_use]
    pub fn thought_tokens(&self) -> u64 {
        if self.thinks { THOUGHT } else { 0 }
    }
}

/// Whether the model is told to think.
fn reasoning(model: &str, fields: &Fields<'_>) -> Result<bool, Refusal> {
    let Some(reasoning) = fields.object("reasoning")? else { return Ok(false) };
    reasoning.only(&["effort", "summary", "generate_summary"])?;
    let effort = reasoning.word("effort", &["none", "minimal", "low", "medium", "high", "xhigh"])?;
    reasoning.word("summary", &["auto", "concise", "detailed"])?;
    if effort.is_some() && !models::reasons(model) {
        return Err(Refusal::unsupported("reasoning.effort"));
    }
    Ok(effort.is_some_and(|effort| !matches!(effort, "none" | "minimal")))
}

fn tools(fields: &Fields<'_>) -> Result<BTreeSet<String>, Refusal> {
    let items = match fields.get("tools") {
        None => return Ok(BTreeSet::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(Refusal::wrong_type("tools", "an array of objects")),
    };
    let mut names = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let tool = Fields::of(item, format!("tools[{index}]"))?;
        tool.only(&["type", "name", "description", "parameters", "strict"])?;
        if tool.text("type")? != "function" {
            return Err(Refusal::invalid(
                tool.place("type"),
                "The rehearsal model takes tools of type 'function' only.",
            ));
        }
        let name = tool.text("name")?;
        if !is_tool_name(name) {
            let message = format!("Invalid '{}': expected 1 to 64 of a-z, A-Z, 0-9, '_' and '-'.", tool.place("name"));
            return Err(Refusal::invalid(tool.place("name"), message));
        }
        if tool.get("description").is_some() {
            tool.text("description")?;
        }
        tool.object("parameters")?;
        if tool.flag("strict")? == Some(true) {
            let schema = tool.get("parameters").unwrap_or(&Value::Null);
            schema::strict(name, schema, &tool.place("parameters"))?;
        }
        names.insert(name.to_owned());
    }
    Ok(names)
}

fn calls_allowed(fields: &Fields<'_>) -> Result<bool, Refusal> {
    match fields.get("tool_choice") {
        None => Ok(true),
        Some(choice) if fields.get("tools").is_none() && choice != "none" && choice != "auto" => {
            Err(Refusal::invalid("tool_choice", "'tool_choice' is only allowed when 'tools' are given."))
        }
        Some(Value::String(choice)) if choice == "auto" => Ok(true),
        Some(Value::String(choice)) if choice == "none" => Ok(false),
        Some(_) => Err(Refusal::invalid("tool_choice", "The rehearsal model takes 'auto' and 'none' only.")),
    }
}

/// Whether the answer is to be JSON.
fn format(fields: &Fields<'_>, messages: &[ChatMessage]) -> Result<bool, Refusal> {
    let Some(text) = fields.object("text")? else { return Ok(false) };
    text.only(&["format", "verbosity"])?;
    text.word("verbosity", &["low", "medium", "high"])?;
    let Some(format) = text.object("format")? else { return Ok(false) };
    match format.word("type", &["text", "json_object", "json_schema"])? {
        Some("json_schema") => {
            format.only(&["type", "name", "description", "schema", "strict"])?;
            format.id("name")?;
            if format.object("schema")?.is_none() {
                return Err(Refusal::missing("text.format.schema"));
            }
            Ok(true)
        }
        Some("json_object") => {
            format.only(&["type"])?;
            Refusal::unless_json_is_named(messages, "input")?;
            Ok(true)
        }
        Some(_) => format.only(&["type"]).map(|()| false),
        None => Err(Refusal::missing("text.format.type")),
    }
}

fn stream(fields: &Fields<'_>) -> Result<bool, Refusal> {
    let streamed = fields.flag("stream")?.unwrap_or_default();
    if let Some(options) = fields.object("stream_options")? {
        if !streamed {
            return Err(Refusal::invalid("stream_options", "'stream_options' is only allowed when 'stream' is true."));
        }
        options.only(&["include_obfuscation"])?;
    }
    Ok(streamed)
}
