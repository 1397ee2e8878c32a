//! A completion as one JSON body.

use serde_json::{Value, json};

use super::request::ChatRequest;
use crate::model::policy::Answer;
use crate::model::said::{End, Said, tokens};

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
    pub said: Said,
    /// Tokens read.
    pub prompt_tokens: u64,
}

impl Completion {
    /// Puts what is said into its envelope.
    #[must_use]
    pub fn new(id: String, created: i64, request: &ChatRequest, said: Said) -> Self {
        Self { id, created, model: request.model.clone(), said, prompt_tokens: tokens(request.prompt_chars) }
    }

    /// Why the answer ended, in the provider's word.
    #[must_use]
    pub fn finish_reason(&self) -> &'static str {
        match self.said.end {
            End::Stop | End::StopAt(_) => "stop",
            End::Calls => "tool_calls",
            End::Length => "length",
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
            "completion_tokens": self.said.tokens,
            "total_tokens": self.prompt_tokens + self.said.tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        })
    }

    /// The body of an answer that is not streamed.
    #[must_use]
    pub fn to_body(&self) -> Value {
        let message = match &self.said.answer {
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
            "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": self.finish_reason()}],
            "usage": self.usage(),
        })
    }
}
