//! The body of a request.

use domain::message::{Message, Speaker, ToolCall};
use serde_json::{Map, Value, json};

use crate::codec::WireRequest;
use crate::request::{ToolChoice, ToolDef};

pub(super) fn encode(wire: &WireRequest<'_>) -> Value {
    let request = wire.request;
    let system = request.system.as_ref().map(|text| json!({"role": "system", "content": text}));
    let messages: Vec<Value> = system.into_iter().chain(request.messages.iter().map(message)).collect();
    let mut body = Map::new();
    body.insert("model".into(), json!(wire.model));
    body.insert("messages".into(), Value::Array(messages));
    body.insert("max_completion_tokens".into(), json!(wire.max_output_tokens));
    if let Some(temperature) = wire.temperature {
        body.insert("temperature".into(), json!(temperature));
    }
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
        body.insert("tool_choice".into(), choice(&request.tool_choice));
    }
    if wire.stream {
        body.insert("stream".into(), json!(true));
        body.insert("stream_options".into(), json!({"include_usage": true}));
    }
    Value::Object(body)
}

fn message(message: &Message) -> Value {
    let content = &message.content;
    match message.speaker {
        Speaker::Human => json!({"role": "user", "content": content}),
        Speaker::System => json!({"role": "system", "content": content}),
        Speaker::Tool => {
            json!({"role": "tool", "tool_call_id": message.tool_call_id.as_deref().unwrap_or_default(), "content": content})
        }
        Speaker::Ai if message.tool_calls.is_empty() => json!({"role": "assistant", "content": content}),
        Speaker::Ai => {
            let content = if content.is_empty() { Value::Null } else { json!(content) };
            let calls: Vec<Value> = message.tool_calls.iter().map(call).collect();
            json!({"role": "assistant", "content": content, "tool_calls": calls})
        }
    }
}

fn call(call: &ToolCall) -> Value {
    // Arguments that the model garbled go back exactly as it wrote them, so that it sees its own mistake.
    let arguments = match &call.args {
        Value::String(raw) => raw.clone(),
        args => args.to_string(),
    };
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}

fn tool(tool: &ToolDef) -> Value {
    json!({"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema}})
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({"type": "function", "function": {"name": name}}),
    }
}
