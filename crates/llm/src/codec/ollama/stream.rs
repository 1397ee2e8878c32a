//! A streamed answer: objects with pieces of text or whole calls, the last one with `done`.

use domain::message::{Message, ToolCall};

use super::answer::{calls, failure, finish_reason, usage};
use crate::codec::calls::settled;
use crate::codec::fields::{object, some_text};
use crate::codec::{Answer, CodecError, Decoder};
use crate::response::{FinishReason, StreamEvent, Usage};

/// What has come so far.
#[derive(Debug, Default)]
pub(super) struct ChatStream {
    text: String,
    calls: Vec<ToolCall>,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
    model: Option<String>,
}

impl Decoder for ChatStream {
    fn push(&mut self, data: &str) -> Result<Vec<StreamEvent>, CodecError> {
        let mut events = Vec::new();
        if self.is_done() || data.trim().is_empty() {
            return Ok(events);
        }
        let body = object(data.as_bytes())?;
        if let Some(error) = failure(&body) {
            return Err(error);
        }
        self.model = self.model.take().or_else(|| some_text(&body, "model"));
        if let Some(said) = body.get("message").and_then(|message| some_text(message, "content")) {
            self.text.push_str(&said);
            events.push(StreamEvent::Text(said));
        }
        for call in calls(&body, self.calls.len())? {
            let index = self.calls.len();
            events.push(StreamEvent::ToolCallStart { index, id: call.id.clone(), name: call.name.clone() });
            events.push(StreamEvent::ToolCallDelta { index, arguments: call.args.to_string() });
            self.calls.push(call);
        }
        if let Some(finish) = finish_reason(&body)? {
            let finish = settled(finish, !self.calls.is_empty(), false);
            self.finish = Some(finish);
            self.usage = usage(&body);
            events.extend(self.usage.map(StreamEvent::Usage));
            events.push(StreamEvent::Done(finish));
        }
        Ok(events)
    }

    fn is_done(&self) -> bool {
        self.finish.is_some()
    }

    fn partial_text(&self) -> &str {
        &self.text
    }

    fn usage(&self) -> Option<Usage> {
        self.usage
    }

    fn finish(self: Box<Self>) -> Result<Answer, CodecError> {
        let finish = self.finish.ok_or(CodecError::Incomplete)?;
        let message = Message { tool_calls: self.calls, ..Message::ai(self.text) };
        Ok(Answer { message, finish, usage: self.usage, model: self.model, id: None })
    }
}
