//! The body of a request. Calls have no ids here: a result follows its call by order, and names the tool.

use serde_json::{Map, Value, json};

use crate::codec::WireRequest;
use crate::codec::calls::arguments_object;
use crate::codec::turns::{Turn, turns};
use crate::request::{ChatRequest, ToolChoice, ToolDef};

pub(super) fn encode(wire: &WireRequest<'_>) -> Value {
    let request = wire.request;
    let mut options = Map::new();
    options.insert("num_predict".into(), json!(wire.max_output_tokens));
    if let Some(temperature) = wire.temperature {
        options.insert("temperature".into(), json!(temperature));
    }
    let system = request.system.iter().map(|text| said("system", text));
    let said = turns(&request.messages);
    let messages: Vec<Value> = system.chain(said.iter().flat_map(messages)).collect();
    let mut body = Map::new();
    body.insert("model".into(), json!(wire.model));
    body.insert("messages".into(), Value::Array(messages));
    // The server streams unless it is told not to.
    body.insert("stream".into(), json!(wire.stream));
    body.insert("options".into(), Value::Object(options));
    let tools: Vec<Value> = offered(request).map(tool).collect();
    if !tools.is_empty() {
        body.insert("tools".into(), Value::Array(tools));
    }
    Value::Object(body)
}

/// The tools to send: the server knows no choice among them, so what must not be called is not offered.
fn offered(request: &ChatRequest) -> impl Iterator<Item = &ToolDef> {
    request.tools.iter().filter(|tool| match &request.tool_choice {
        ToolChoice::Auto | ToolChoice::Required => true,
        ToolChoice::None => false,
        ToolChoice::Named(name) => *name == tool.name,
    })
}

fn said(role: &str, text: &str) -> Value {
    json!({"role": role, "content": text})
}

fn messages(turn: &Turn<'_>) -> Vec<Value> {
    match turn {
        Turn::System(text) => vec![said("system", text)],
        Turn::User(text) => vec![said("user", text)],
        Turn::Assistant { text, calls } => {
            let mut message = said("assistant", text);
            if !calls.is_empty() {
                let calls = calls
                    .iter()
                    .map(|call| json!({"function": {"name": call.name, "arguments": arguments_object(call.args)}}));
                message["tool_calls"] = calls.collect();
            }
            vec![message]
        }
        Turn::Results(results) => results
            .iter()
            .map(|result| json!({"role": "tool", "tool_name": result.name, "content": result.text}))
            .collect(),
    }
}

fn tool(tool: &ToolDef) -> Value {
    json!({"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema}})
}
