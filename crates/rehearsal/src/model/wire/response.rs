//! A completion as one JSON body.

use serde_json::{Value, json};

use super::request::{ChatRequest, chars};
use crate::model::policy::Answer;

/// A finished answer with everything the provider says about it.
#[derive(Debug, Clone)]
pub struct Completion {
    /// Id of the request; the same in the body and in the header.
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    /// Model that was asked.
    pub model: String,
    /// What it says.
    pub answer: Answer,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens read.
    pub prompt_tokens: u64,
    /// Tokens written.
    pub completion_tokens: u64,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// It was complete.
    Stop,
    /// It asks for calls.
    ToolCalls,
    /// It was cut at the limit the caller set.
    Length,
}

impl Finish {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::ToolCalls => "tool_calls",
            Self::Length => "length",
        }
    }
}

/// Four characters make a token, a started one counts.
const CHARS_PER_TOKEN: u64 = 4;

impl Completion {
    /// Puts an answer into its envelope. Text beyond the caller's limit is cut.
    #[must_use]
    pub fn new(id: String, created: i64, request: &ChatRequest, answer: Answer) -> Self {
        let (answer, finish) = match (answer, request.max_tokens) {
            (Answer::Text(text), Some(limit)) if chars(&text).div_ceil(CHARS_PER_TOKEN) > limit => {
                let kept = usize::try_from(limit.saturating_mul(CHARS_PER_TOKEN)).unwrap_or(usize::MAX);
                (Answer::Text(text.chars().take(kept).collect()), Finish::Length)
            }
            (answer @ Answer::Text(_), _) => (answer, Finish::Stop),
            (answer @ Answer::Calls(_), _) => (answer, Finish::ToolCalls),
        };
        let written = match &answer {
            Answer::Text(text) => chars(text),
            Answer::Calls(calls) => calls.iter().map(|call| chars(call.name) + chars(&call.args.to_string())).sum(),
        };
        Self {
            id,
            created,
            model: request.model.clone(),
            answer,
            finish,
            prompt_tokens: request.prompt_chars.div_ceil(CHARS_PER_TOKEN),
            completion_tokens: written.div_ceil(CHARS_PER_TOKEN),
        }
    }

    /// Id of the call at `index`; unlike any of another request, because the request id is in it.
    #[must_use]
    pub fn call_id(&self, index: usize) -> String {
        let tail = self.id.rsplit('-').next().unwrap_or_default();
        format!("call_{tail}{index}")
    }

    /// What was used.
    #[must_use]
    pub fn usage(&self) -> Value {
        json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        })
    }

    /// The body of an answer that is not streamed.
    #[must_use]
    pub fn to_body(&self) -> Value {
        let message = match &self.answer {
            Answer::Text(text) => json!({"role": "assistant", "content": text, "refusal": null}),
            Answer::Calls(calls) => {
                let calls: Vec<Value> = calls
                    .iter()
                    .enumerate()
                    .map(|(index, call)| {
                        json!({
                            "id": self.call_id(index),
                            "type": "function",
                            "function": {"name": call.name, "arguments": call.args.to_string()},
                        })
                    })
                    .collect();
                json!({"role": "assistant", "content": null, "refusal": null, "tool_calls": calls})
            }
        };
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": self.finish.as_str()}],
            "usage": self.usage(),
        })
    }
}
