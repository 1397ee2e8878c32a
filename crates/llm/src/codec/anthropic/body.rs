//! The body of a request.
//!
//! The stable prefix (tools, then instructions) is marked for the provider's cache: the next round of the same node sends
//! it again and reads it at a tenth of the price.

use serde_json::{Map, Value, json};

use crate::codec::WireRequest;
use crate::codec::calls::arguments_object;
use crate::codec::turns::{Turn, turns};
use crate::request::{ChatRequest, ToolChoice};

/// What stands in the place of a text that must not be blank.
const BLANK: &str = "(empty)";
/// The first word of a conversation whose beginning the caller has cut off.
const OPENING: &str = "(The beginning of this conversation is left out.)";
/// The last word of a conversation in which the model spoke last: an answer is never begun in its name.
const GO_ON: &str = "Go on.";

pub(super) fn encode(wire: &WireRequest<'_>) -> Value {
    let request = wire.request;
    let turns = turns(&request.messages);
    let mut body = Map::new();
    body.insert("model".into(), json!(wire.model));
    body.insert("max_tokens".into(), json!(wire.max_output_tokens.max(1)));
    if let Some(temperature) = wire.temperature {
        // The scale ends at 1 here.
        body.insert("temperature".into(), json!(temperature.min(1.0)));
    }
    let system = system(request, &turns);
    if !system.is_empty() {
        body.insert("system".into(), Value::Array(system));
    }
    let (tools, choice) = tools(request, &turns);
    if !tools.is_empty() {
        body.insert("tools".into(), Value::Array(tools));
        body.insert("tool_choice".into(), choice);
    }
    body.insert("messages".into(), Value::Array(messages(&turns)));
    if wire.stream {
        body.insert("stream".into(), json!(true));
    }
    Value::Object(body)
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn text_block(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn cached(mut block: Value) -> Value {
    block["cache_control"] = json!({"type": "ephemeral"});
    block
}

/// Instructions, then what the program said within the conversation: this dialect has no other place for it.
fn system(request: &ChatRequest, turns: &[Turn<'_>]) -> Vec<Value> {
    let stable = request.system.as_deref().filter(|text| !is_blank(text)).map(|text| cached(text_block(text)));
    let said = turns.iter().filter_map(|turn| match turn {
        Turn::System(text) if !is_blank(text) => Some(text_block(text)),
        _ => None,
    });
    stable.into_iter().chain(said).collect()
}

fn tools(request: &ChatRequest, turns: &[Turn<'_>]) -> (Vec<Value>, Value) {
    if request.tools.is_empty() {
        return (remembered(turns), json!({"type": "none"}));
    }
    let mut tools: Vec<Value> = request
        .tools
        .iter()
        .map(|tool| {
            let mut schema = tool.schema.clone();
            schema["type"] = json!("object");
            json!({"name": tool.name, "description": tool.description, "input_schema": schema})
        })
        .collect();
    if let Some(last) = tools.pop() {
        tools.push(cached(last));
    }
    let choice = match &request.tool_choice {
        ToolChoice::Auto => json!({"type": "auto"}),
        ToolChoice::None => json!({"type": "none"}),
        ToolChoice::Required => json!({"type": "any"}),
        ToolChoice::Named(name) => json!({"type": "tool", "name": name}),
    };
    (tools, choice)
}

/// The tools that the conversation has used: it may only hold calls of tools that are described, even when none may be
/// called any more.
fn remembered(turns: &[Turn<'_>]) -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for turn in turns {
        if let Turn::Assistant { calls, .. } = turn {
            for call in calls {
                if !names.contains(&call.name.as_str()) {
                    names.push(&call.name);
                }
            }
        }
    }
    let tool =
        |name: &str| json!({"name": name, "description": "Not offered any more.", "input_schema": {"type": "object"}});
    names.into_iter().map(tool).collect()
}

/// The conversation: user and assistant take turns, and the results of a turn's calls open the next one.
fn messages(turns: &[Turn<'_>]) -> Vec<Value> {
    let mut said: Vec<(&str, Vec<Value>)> = Vec::new();
    for turn in turns {
        let (role, blocks): (&str, Vec<Value>) = match turn {
            Turn::System(_) => continue,
            Turn::User(text) => ("user", vec![text_block(if is_blank(text) { BLANK } else { text })]),
            Turn::Assistant { text, calls } => {
                let text = (!is_blank(text)).then(|| text_block(text));
                let calls = calls.iter().map(|call| {
                    json!({"type": "tool_use", "id": call.id, "name": call.name, "input": arguments_object(call.args)})
                });
                ("assistant", text.into_iter().chain(calls).collect())
            }
            Turn::Results(results) => {
                let result = results
                    .iter()
                    .map(|result| json!({"type": "tool_result", "tool_use_id": result.id, "content": result.text}));
                ("user", result.collect())
            }
        };
        match said.last_mut() {
            Some((last, known)) if *last == role => known.extend(blocks),
            _ if blocks.is_empty() => {}
            _ => said.push((role, blocks)),
        }
    }
    if said.first().is_none_or(|(role, _)| *role != "user") {
        said.insert(0, ("user", vec![text_block(OPENING)]));
    }
    if said.last().is_some_and(|(role, _)| *role == "assistant") {
        said.push(("user", vec![text_block(GO_ON)]));
    }
    said.into_iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}
