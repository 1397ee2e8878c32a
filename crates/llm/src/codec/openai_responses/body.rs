//! The body of a request. The whole conversation goes with each one (`store: false`), and no sampling parameter does:
//! these families refuse them.

use serde_json::{Map, Value, json};

use crate::codec::WireRequest;
use crate::codec::calls::arguments_text;
use crate::codec::turns::{Turn, turns};
use crate::request::{ToolChoice, ToolDef};

/// The provider takes no smaller cap.
const MIN_OUTPUT_TOKENS: u32 = 16;

pub(super) fn encode(wire: &WireRequest<'_>) -> Value {
    let request = wire.request;
    let mut body = Map::new();
    body.insert("model".into(), json!(wire.model));
    body.insert("store".into(), json!(false));
    body.insert("max_output_tokens".into(), json!(wire.max_output_tokens.max(MIN_OUTPUT_TOKENS)));
    if let Some(system) = &request.system {
        body.insert("instructions".into(), json!(system));
    }
    if let Some(effort) = wire.effort {
        body.insert("reasoning".into(), json!({"effort": effort}));
    }
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
        body.insert("tool_choice".into(), choice(&request.tool_choice));
    }
    body.insert("input".into(), turns(&request.messages).iter().flat_map(items).collect());
    if wire.stream {
        body.insert("stream".into(), json!(true));
    }
    Value::Object(body)
}

fn said(role: &str, text: &str) -> Value {
    json!({"role": role, "content": text})
}

fn items(turn: &Turn<'_>) -> Vec<Value> {
    match turn {
        Turn::System(text) => vec![said("developer", text)],
        Turn::User(text) => vec![said("user", text)],
        Turn::Assistant { text, calls } => {
            let text = (!text.is_empty() || calls.is_empty()).then(|| said("assistant", text));
            let calls = calls.iter().map(|call| {
                let arguments = arguments_text(call.args);
                json!({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments})
            });
            text.into_iter().chain(calls).collect()
        }
        Turn::Results(results) => results
            .iter()
            .map(|result| json!({"type": "function_call_output", "call_id": result.id, "output": result.text}))
            .collect(),
    }
}

fn tool(tool: &ToolDef) -> Value {
    // Strict schemas allow less than ours need; arguments are checked before a call runs anyway.
    json!({"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.schema, "strict": false})
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({"type": "function", "name": name}),
    }
}
