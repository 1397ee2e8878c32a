//! The input of a Responses request: messages, calls and their outputs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::fields::Fields;
use super::super::refusal::Refusal;
use crate::model::conversation::{AskedCall, ChatMessage};

/// Reads `input`: a text or a list of items.
pub(super) fn read(fields: &Fields<'_>) -> Result<Vec<ChatMessage>, Refusal> {
    let items = match fields.get("input") {
        Some(Value::String(text)) => return Ok(vec![ChatMessage::User(text.clone())]),
        Some(Value::Array(items)) if !items.is_empty() => items,
        Some(Value::Array(_)) => return Err(Refusal::invalid("input", "'input' must not be empty.")),
        Some(_) => return Err(Refusal::wrong_type("input", "a string or an array of items")),
        None => return Err(Refusal::missing("input")),
    };
    let mut messages = Vec::with_capacity(items.len());
    let mut open: BTreeSet<String> = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let item = Fields::of(item, format!("input[{index}]"))?;
        let Some(message) = read_item(&item)? else { continue };
        match &message {
            ChatMessage::Assistant { calls, .. } => open.extend(calls.iter().map(|call| call.id.clone())),
            ChatMessage::Tool { call_id, .. } if !open.remove(call_id) => {
                return Err(Refusal::invalid(
                    "input",
                    format!("No tool call found for function call output with call_id {call_id}."),
                ));
            }
            _ => {}
        }
        messages.push(message);
    }
    match open.first() {
        Some(id) => Err(Refusal::invalid("input", format!("No tool output found for function call {id}."))),
        None => Ok(messages),
    }
}

/// One item; none for what the model keeps to itself.
fn read_item(item: &Fields<'_>) -> Result<Option<ChatMessage>, Refusal> {
    let kind = if item.get("type").is_none() && item.get("role").is_some() { "message" } else { item.text("type")? };
    match kind {
        "message" => message(item).map(Some),
        "function_call" => {
            item.only(&["type", "id", "call_id", "name", "arguments", "status"])?;
            let arguments = item.text("arguments")?;
            let call = AskedCall {
                id: call_id(item)?,
                name: item.id("name")?,
                args: serde_json::from_str(arguments).unwrap_or_else(|_| Value::from(arguments)),
            };
            Ok(Some(ChatMessage::Assistant { text: String::new(), calls: vec![call] }))
        }
        "function_call_output" => {
            item.only(&["type", "id", "call_id", "output", "status"])?;
            let text = texts(item, "output", &["input_text"])?;
            Ok(Some(ChatMessage::Tool { call_id: call_id(item)?, text }))
        }
        "reasoning" => {
            item.only(&["type", "id", "summary", "content", "encrypted_content", "status"])?;
            item.id("id")?;
            match item.get("summary") {
                Some(Value::Array(_)) => Ok(None),
                Some(_) => Err(Refusal::wrong_type(&item.place("summary"), "an array")),
                None => Err(Refusal::missing(&item.place("summary"))),
            }
        }
        // Nothing is kept here that could be referred to.
        "item_reference" => Err(Refusal::invalid("input", format!("Item with id '{}' not found.", item.id("id")?))),
        other => Err(Refusal::invalid(
            item.place("type"),
            format!(
                "Invalid value: '{other}'. The rehearsal model reads 'message', 'function_call', \
                 'function_call_output' and 'reasoning'."
            ),
        )),
    }
}

fn message(item: &Fields<'_>) -> Result<ChatMessage, Refusal> {
    item.only(&["type", "id", "role", "content", "status", "phase"])?;
    let role = item.word("role", &["user", "assistant", "system", "developer"])?;
    let role = role.ok_or_else(|| Refusal::missing(&item.place("role")))?;
    let parts: &[&str] = if role == "assistant" { &["output_text", "refusal"] } else { &["input_text"] };
    let text = texts(item, "content", parts)?;
    Ok(match role {
        "user" => ChatMessage::User(text),
        "assistant" => ChatMessage::Assistant { text, calls: Vec::new() },
        _ => ChatMessage::System(text),
    })
}

fn texts(item: &Fields<'_>, name: &str, kinds: &[&str]) -> Result<String, Refusal> {
    match item.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(parts)) => {
            let mut all = String::new();
            for (index, part) in parts.iter().enumerate() {
                let part = Fields::of(part, item.place(&format!("{name}[{index}]")))?;
                let kind = part.word("type", kinds)?.ok_or_else(|| Refusal::missing(&part.place("type")))?;
                part.only(&["type", "text", "refusal", "annotations", "logprobs"])?;
                all.push_str(part.text(if kind == "refusal" { "refusal" } else { "text" })?);
            }
            Ok(all)
        }
        Some(_) => Err(Refusal::wrong_type(&item.place(name), "a string or an array of parts")),
        None => Err(Refusal::missing(&item.place(name))),
    }
}

fn call_id(item: &Fields<'_>) -> Result<String, Refusal> {
    let id = item.id("call_id")?;
    if id.len() > 64 {
        let at = item.place("call_id");
        let message = format!("Invalid '{at}': string too long. Expected a string with maximum length 64.");
        return Err(Refusal::invalid(at, message));
    }
    Ok(id)
}
