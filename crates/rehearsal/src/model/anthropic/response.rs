//! A message as one JSON body.

use serde_json::{Value, json};

use super::cache::Counted;
use super::request::MessagesRequest;
use crate::model::policy::Answer;
use crate::model::said::{End, Said};

/// A finished answer with everything the provider says about it.
#[derive(Debug, Clone)]
pub struct Message {
    /// Id of the request without its prefix: unlike any of another request.
    id: String,
    /// Model that was asked.
    pub model: String,
    /// What it says.
    pub said: Said,
    counted: Counted,
}

impl Message {
    /// Puts what is said into its envelope.
    #[must_use]
    pub fn new(request_id: &str, request: &MessagesRequest, said: Said) -> Self {
        let id = request_id.rsplit('-').next().unwrap_or_default().to_owned();
        Self { id, model: request.model.clone(), said, counted: request.counted }
    }

    /// The content blocks.
    #[must_use]
    pub fn content(&self) -> Vec<Value> {
        match &self.said.answer {
            Answer::Text(text) if text.is_empty() => Vec::new(),
            Answer::Text(text) => vec![json!({"type": "text", "text": text, "citations": null})],
            Answer::Calls(calls) => calls
                .iter()
                .enumerate()
                .map(|(index, call)| {
                    let id = format!("toolu_rehearsal_{}{index}", self.id);
                    json!({"type": "tool_use", "id": id, "name": call.name, "input": call.args})
                })
                .collect(),
        }
    }

    /// Why the answer ended, in the provider's word, and the text it ended at.
    #[must_use]
    pub fn stop(&self) -> (&'static str, Option<&str>) {
        match &self.said.end {
            End::Stop => ("end_turn", None),
            End::Calls => ("tool_use", None),
            End::Length => ("max_tokens", None),
            End::StopAt(text) => ("stop_sequence", Some(text)),
        }
    }

    /// What was used, when `output` tokens are written.
    #[must_use]
    pub fn usage(&self, output: u64) -> Value {
        let counted = self.counted;
        json!({
            "input_tokens": counted.plain,
            "cache_creation_input_tokens": counted.written(),
            "cache_read_input_tokens": counted.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": counted.written_5m,
                "ephemeral_1h_input_tokens": counted.written_1h,
            },
            "output_tokens": output,
            "server_tool_use": null,
            "service_tier": "standard",
        })
    }

    /// The body around the given content.
    #[must_use]
    pub fn around(&self, content: &[Value], stop: (Option<&str>, Option<&str>), output: u64) -> Value {
        json!({
            "id": format!("msg_rehearsal_{}", self.id),
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": stop.0,
            "stop_sequence": stop.1,
            "usage": self.usage(output),
        })
    }

    /// The body of an answer that is not streamed.
    #[must_use]
    pub fn to_body(&self) -> Value {
        let (reason, sequence) = self.stop();
        self.around(&self.content(), (Some(reason), sequence), self.said.tokens)
    }
}
