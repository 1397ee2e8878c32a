//! The body of a request.

use serde_json::{Map, Value, json};

use crate::codec::WireRequest;
use crate::codec::calls::arguments_text;
use crate::codec::turns::{Call, Outcome, Turn, turns};
use crate::request::{ToolChoice, ToolDef};

pub(super) fn encode(wire: &WireRequest<'_>) -> Value {
    let request = wire.request;
    let system = request.system.as_ref().map(|text| json!({"role": "system", "content": text}));
    let said = turns(&request.messages);
    let messages: Vec<Value> = system.into_iter().chain(said.iter().flat_map(messages)).collect();
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

fn messages(turn: &Turn<'_>) -> Vec<Value> {
    match turn {
        Turn::User(text) => vec![json!({"role": "user", "content": text})],
        Turn::System(text) => vec![json!({"role": "system", "content": text})],
        Turn::Assistant { text, calls } if calls.is_empty() => vec![json!({"role": "assistant", "content": text})],
        Turn::Assistant { text, calls } => {
            let content = if text.is_empty() { Value::Null } else { json!(text) };
            let calls: Vec<Value> = calls.iter().map(call).collect();
            vec![json!({"role": "assistant", "content": content, "tool_calls": calls})]
        }
        Turn::Results(results) => {
            let result =
                |result: &Outcome<'_>| json!({"role": "tool", "tool_call_id": result.id, "content": result.text});
            results.iter().map(result).collect()
        }
    }
}

fn call(call: &Call<'_>) -> Value {
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments_text(call.args)}})
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
