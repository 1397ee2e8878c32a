//! A response as one JSON body.

use serde_json::{Map, Value, json};

use super::request::ResponsesRequest;
use crate::model::policy::Answer;
use crate::model::said::{End, Said, tokens};

/// A finished answer with everything the provider says about it.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Id of the request without its prefix: unlike any of another request.
    id: String,
    created: i64,
    said: Said,
    thought: u64,
    prompt_tokens: u64,
    model: String,
    sent: Map<String, Value>,
}

impl Answered {
    /// Puts what is said into its envelope.
    #[must_use]
    pub fn new(request_id: &str, created: i64, request: &ResponsesRequest, said: Said) -> Self {
        Self {
            id: request_id.rsplit('-').next().unwrap_or_default().to_owned(),
            created,
            said,
            thought: request.thought_tokens(),
            prompt_tokens: tokens(request.prompt_chars),
            model: request.model.clone(),
            sent: request.sent.clone(),
        }
    }

    /// Whether it was cut at the limit.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.said.end == End::Length
    }

    /// The output items, finished.
    #[must_use]
    pub fn output(&self) -> Vec<Value> {
        let mut items = Vec::new();
        let id = &self.id;
        if self.thought > 0 {
            items.push(json!({"id": format!("rs_rehearsal_{id}"), "type": "reasoning", "summary": []}));
        }
        match &self.said.answer {
            Answer::Text(text) if text.is_empty() && self.is_cut() => {}
            Answer::Text(text) => items.push(json!({
                "id": format!("msg_rehearsal_{id}"),
                "type": "message",
                "status": if self.is_cut() { "incomplete" } else { "completed" },
                "role": "assistant",
                "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}],
            })),
            Answer::Calls(calls) => items.extend(calls.iter().enumerate().map(|(index, call)| {
                json!({
                    "id": format!("fc_rehearsal_{id}{index}"),
                    "type": "function_call",
                    "status": "completed",
                    "call_id": format!("call_rehearsal_{id}{index}"),
                    "name": call.name,
                    "arguments": call.args.to_string(),
                })
            })),
        }
        items
    }

    /// The body of an answer that is not streamed.
    #[must_use]
    pub fn to_body(&self) -> Value {
        let status = if self.is_cut() { "incomplete" } else { "completed" };
        self.around(status, &self.output())
    }

    /// The body while nothing is said yet.
    #[must_use]
    pub fn begun(&self) -> Value {
        self.around("in_progress", &[])
    }

    fn around(&self, status: &str, output: &[Value]) -> Value {
        let begun = status == "in_progress";
        let sent = |name: &str, otherwise: Value| match self.sent.get(name) {
            Some(value) if !value.is_null() => value.clone(),
            _ => otherwise,
        };
        json!({
            "id": format!("resp_rehearsal_{}", self.id),
            "object": "response",
            "created_at": self.created,
            "completed_at": if status == "completed" { json!(self.created) } else { Value::Null },
            "status": status,
            "background": false,
            "error": null,
            "incomplete_details": (status == "incomplete").then(|| json!({"reason": "max_output_tokens"})),
            "instructions": sent("instructions", Value::Null),
            "max_output_tokens": sent("max_output_tokens", Value::Null),
            "metadata": sent("metadata", json!({})),
            "model": self.model,
            "output": output,
            "parallel_tool_calls": sent("parallel_tool_calls", true.into()),
            "previous_response_id": null,
            "reasoning": sent("reasoning", json!({"effort": null, "summary": null})),
            "service_tier": "default",
            "store": sent("store", true.into()),
            "temperature": sent("temperature", 1.0.into()),
            "text": sent("text", json!({"format": {"type": "text"}})),
            "tool_choice": sent("tool_choice", "auto".into()),
            "tools": sent("tools", json!([])),
            "top_p": sent("top_p", 1.0.into()),
            "truncation": sent("truncation", "disabled".into()),
            "usage": if begun { Value::Null } else { self.usage() },
        })
    }

    fn usage(&self) -> Value {
        let written = self.said.tokens + self.thought;
        json!({
            "input_tokens": self.prompt_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": self.thought},
            "total_tokens": self.prompt_tokens + written,
        })
    }
}
