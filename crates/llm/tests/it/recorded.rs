//! The same answer, a sentence and two tool calls, written down in the form in which each provider sends it.

use llm::Usage;
use serde_json::{Value, json};

use crate::support::stream_of;

/// An answer in one dialect.
pub(crate) struct Recorded {
    /// The model to ask for it.
    pub(crate) model: &'static str,
    /// Where it is asked for.
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    /// The stream.
    pub(crate) text: String,
    /// Bytes of the stream up to its end; what follows may be missing.
    pub(crate) end: usize,
    /// The same answer in one piece.
    pub(crate) whole: Value,
    /// Arguments of the second call.
    pub(crate) second: Value,
    pub(crate) usage: Usage,
}

/// All dialects.
pub(crate) fn all() -> Vec<Recorded> {
    vec![chat_completions(), messages(), responses(), ollama()]
}

fn events(events: &[Value]) -> String {
    events
        .iter()
        .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default()))
        .collect()
}

fn chat_completions() -> Recorded {
    let text = stream_of(
        &[
            json!({"role": "assistant", "content": "Größe: "}),
            json!({"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": {"name": "look", "arguments": ""}}]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\"size\":"}}]}),
            json!({"tool_calls": [{"index": 1, "id": "b", "type": "function", "function": {"name": "count", "arguments": "{oops"}}]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": "\"ü\"}"}}]}),
        ],
        "tool_calls",
    );
    let calls = json!([
        {"id": "a", "type": "function", "function": {"name": "look", "arguments": "{\"size\":\"ü\"}"}},
        {"id": "b", "type": "function", "function": {"name": "count", "arguments": "{oops"}}
    ]);
    Recorded {
        model: "gpt4o",
        path: "/chat/completions",
        content_type: "text/event-stream",
        end: text.find("[DONE]").unwrap() + "[DONE]\n".len(),
        text,
        whole: json!({"id": "c1", "object": "chat.completion", "created": 1, "model": "m-1",
            "choices": [{"index": 0, "finish_reason": "tool_calls", "logprobs": null,
                "message": {"role": "assistant", "content": "Größe: ", "refusal": null, "tool_calls": calls}}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100, "prompt_tokens_details": {"cached_tokens": 600}}}),
        second: json!("{oops"),
        usage: Usage { input: 400, cache_read: 600, output: 100, ..Usage::default() },
    }
}

fn messages() -> Recorded {
    let block =
        |index: u64, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let delta = |index: u64, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let stop = |index: u64| json!({"type": "content_block_stop", "index": index});
    let input = |text: &str| json!({"type": "input_json_delta", "partial_json": text});
    let counts = json!({"input_tokens": 300, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 500, "output_tokens": 1,
        "cache_creation": null, "server_tool_use": null, "service_tier": "standard"});
    let mut last = counts.clone();
    last["output_tokens"] = json!(100);
    let message = |content: Value, reason: Value, usage: &Value| {
        json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m-1", "content": content,
            "stop_reason": reason, "stop_sequence": null, "usage": usage})
    };
    let text = events(&[
        json!({"type": "message_start", "message": message(json!([]), Value::Null, &counts)}),
        block(0, json!({"type": "thinking", "thinking": "", "signature": ""})),
        json!({"type": "ping"}),
        delta(0, json!({"type": "thinking_delta", "thinking": "Hm."})),
        delta(0, json!({"type": "signature_delta", "signature": "c2ln"})),
        stop(0),
        block(1, json!({"type": "text", "text": ""})),
        delta(1, json!({"type": "text_delta", "text": "Größe"})),
        delta(1, json!({"type": "text_delta", "text": ": "})),
        stop(1),
        block(2, json!({"type": "tool_use", "id": "toolu_a", "name": "look", "input": {}})),
        delta(2, input("")),
        delta(2, input("{\"size\":")),
        delta(2, input("\"ü\"}")),
        stop(2),
        block(3, json!({"type": "tool_use", "id": "toolu_b", "name": "count", "input": {}})),
        delta(3, input("{oops")),
        stop(3),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 100}}),
        json!({"type": "message_stop"}),
    ]);
    let content = json!([
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "text", "text": "Größe: ", "citations": null},
        {"type": "tool_use", "id": "toolu_a", "name": "look", "input": {"size": "ü"}},
        {"type": "tool_use", "id": "toolu_b", "name": "count", "input": "{oops"}
    ]);
    let mut whole = message(content, json!("tool_use"), &last);
    // A whole answer cannot hold arguments that are no JSON.
    whole["content"][3]["input"] = json!({"n": 1});
    Recorded {
        model: "claude_opus",
        path: "/v1/messages",
        content_type: "text/event-stream; charset=utf-8",
        end: text.len() - 1,
        text,
        whole,
        second: json!("{oops"),
        usage: Usage { input: 300, cache_write: 200, cache_read: 500, output: 100, ..Usage::default() },
    }
}

fn responses() -> Recorded {
    let reasoning = json!({"type": "reasoning", "id": "rs_1", "summary": []});
    let message = |status: &str, content: Value| json!({"type": "message", "id": "msg_1", "status": status, "role": "assistant", "content": content});
    let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
    let call = |letter: &str, name: &str, arguments: &str| json!({"type": "function_call", "id": format!("fc_{letter}"), "call_id": letter, "name": name, "arguments": arguments, "status": "completed"});
    let (look, count) = (call("a", "look", "{\"size\":\"ü\"}"), call("b", "count", "{oops"));
    let response = |status: &str, output: Value, usage: Value| {
        json!({"id": "resp_1", "object": "response", "created_at": 1, "model": "m-1", "status": status, "error": null,
            "incomplete_details": null, "output": output, "usage": usage, "instructions": null, "tools": [], "tool_choice": "auto",
            "parallel_tool_calls": true, "metadata": {}, "temperature": null, "top_p": null})
    };
    let usage = json!({"input_tokens": 1000, "input_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 0},
        "output_tokens": 100, "output_tokens_details": {"reasoning_tokens": 40}, "total_tokens": 1100});
    let whole =
        response("completed", json!([reasoning, message("completed", json!([part("Größe: ")])), look, count]), usage);
    let added =
        |index: u64, item: Value| json!({"type": "response.output_item.added", "output_index": index, "item": item});
    let done =
        |index: u64, item: &Value| json!({"type": "response.output_item.done", "output_index": index, "item": item});
    let said = |text: &str| json!({"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 1, "content_index": 0, "delta": text, "logprobs": []});
    let arguments = |index: u64, text: &str| json!({"type": "response.function_call_arguments.delta", "item_id": "fc", "output_index": index, "delta": text});
    let mut sequence = vec![
        json!({"type": "response.created", "response": response("in_progress", json!([]), Value::Null)}),
        json!({"type": "response.in_progress", "response": response("in_progress", json!([]), Value::Null)}),
        added(0, reasoning.clone()),
        done(0, &reasoning),
        added(1, message("in_progress", json!([]))),
        json!({"type": "response.content_part.added", "item_id": "msg_1", "output_index": 1, "content_index": 0, "part": part("")}),
        said("Größe"),
        said(": "),
        json!({"type": "response.output_text.done", "item_id": "msg_1", "output_index": 1, "content_index": 0, "text": "Größe: ", "logprobs": []}),
        added(2, call("a", "look", "")),
        arguments(2, "{\"size\":"),
        arguments(2, "\"ü\"}"),
        done(2, &look),
        added(3, call("b", "count", "")),
        arguments(3, "{oops"),
        done(3, &count),
        json!({"type": "response.completed", "response": whole}),
    ];
    for (number, event) in sequence.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    let text = events(&sequence);
    Recorded {
        model: "gpt-6-luna",
        path: "/responses",
        content_type: "text/event-stream",
        end: text.len() - 1,
        text,
        whole,
        second: json!("{oops"),
        usage: Usage { input: 400, cache_read: 600, output: 100, reasoning: 40, ..Usage::default() },
    }
}

fn ollama() -> Recorded {
    let line = |message: Value| json!({"model": "m-1", "created_at": "2026-11-25T08:00:00.123456Z", "message": message, "done": false});
    let call = |name: &str, arguments: Value| json!({"function": {"name": name, "arguments": arguments}});
    let (look, count) = (call("look", json!({"size": "ü"})), call("count", json!({"n": 1})));
    let said = |content: &str, calls: Value| match calls {
        Value::Null => json!({"role": "assistant", "content": content}),
        calls => json!({"role": "assistant", "content": content, "tool_calls": calls}),
    };
    let ended = |mut object: Value| {
        for (key, value) in [
            ("done", json!(true)),
            ("done_reason", json!("stop")),
            ("total_duration", json!(5)),
            ("prompt_eval_count", json!(1000)),
            ("eval_count", json!(100)),
        ] {
            object[key] = value;
        }
        object
    };
    let lines = [
        line(json!({"role": "assistant", "content": "", "thinking": "Hm."})),
        line(said("Größe", Value::Null)),
        line(said(": ", Value::Null)),
        line(said("", json!([look]))),
        line(said("", json!([count]))),
        ended(line(said("", Value::Null))),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Recorded {
        model: "ollama_qwen",
        path: "/api/chat",
        content_type: "application/x-ndjson",
        end: text.len() - 1,
        text,
        whole: ended(line(said("Größe: ", json!([look, count])))),
        second: json!({"n": 1}),
        usage: Usage { input: 1000, output: 100, ..Usage::default() },
    }
}
