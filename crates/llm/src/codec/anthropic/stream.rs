//! A streamed answer: the message begins, its blocks come one after the other, the message stops.

use std::collections::BTreeMap;

use domain::message::Message;
use serde_json::Value;

use super::answer::{failure, finish_reason, usage};
use crate::codec::calls::{CallParts, MAX_CALLS, settled};
use crate::codec::fields::{object, some_text, text};
use crate::codec::{Answer, CodecError, Decoder};
use crate::response::{FinishReason, StreamEvent, Usage};

/// A part of the answer.
#[derive(Debug)]
enum Block {
    Text,
    /// The call at this position.
    Call(usize),
    /// Thinking, and what the provider's own tools do.
    Unsaid,
}

/// What has come so far.
#[derive(Debug, Default)]
pub(super) struct MessageStream {
    text: String,
    blocks: BTreeMap<u64, Block>,
    calls: Vec<CallParts>,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
    model: Option<String>,
    id: Option<String>,
    done: bool,
}

impl MessageStream {
    fn settled_finish(&self) -> Option<FinishReason> {
        self.finish.map(|finish| settled(finish, !self.calls.is_empty(), false))
    }

    fn count(&mut self, holder: &Value, events: &mut Vec<StreamEvent>) {
        if let Some(counts) = holder.get("usage").filter(|counts| counts.is_object()) {
            let usage = usage(self.usage.unwrap_or_default(), counts);
            self.usage = Some(usage);
            events.push(StreamEvent::Usage(usage));
        }
    }

    fn say(&mut self, said: String, events: &mut Vec<StreamEvent>) {
        if !said.is_empty() {
            self.text.push_str(&said);
            events.push(StreamEvent::Text(said));
        }
    }

    fn add_arguments(&mut self, index: usize, arguments: String, events: &mut Vec<StreamEvent>) {
        if let Some(call) = self.calls.get_mut(index).filter(|_| !arguments.is_empty()) {
            call.arguments.push_str(&arguments);
            events.push(StreamEvent::ToolCallDelta { index, arguments });
        }
    }

    fn open(&mut self, event: &Value, events: &mut Vec<StreamEvent>) -> Result<(), CodecError> {
        let index =
            event.get("index").and_then(Value::as_u64).ok_or(CodecError::Malformed("a block without an index"))?;
        let block = event.get("content_block").unwrap_or(&Value::Null);
        let kind = match block.get("type").and_then(Value::as_str) {
            Some("text") => {
                self.say(text(block, "text"), events);
                Block::Text
            }
            Some("tool_use") => {
                let position = self.calls.len();
                if position >= MAX_CALLS {
                    return Err(CodecError::Malformed("too many tool calls"));
                }
                let call = CallParts { id: text(block, "id"), name: text(block, "name"), arguments: String::new() };
                events.push(StreamEvent::ToolCallStart {
                    index: position,
                    id: call.id.clone(),
                    name: call.name.clone(),
                });
                self.calls.push(call);
                // The input is empty here and follows in pieces; a compatible server may give it at once.
                let whole = block.get("input").filter(|input| input.as_object().is_some_and(|input| !input.is_empty()));
                self.add_arguments(position, whole.map(Value::to_string).unwrap_or_default(), events);
                Block::Call(position)
            }
            Some(_) => Block::Unsaid,
            None => return Err(CodecError::Malformed("a block without a type")),
        };
        if self.blocks.insert(index, kind).is_some() {
            return Err(CodecError::Malformed("a block begins twice"));
        }
        Ok(())
    }

    fn delta(&mut self, event: &Value, events: &mut Vec<StreamEvent>) -> Result<(), CodecError> {
        let delta = event.get("delta").unwrap_or(&Value::Null);
        let block = event.get("index").and_then(Value::as_u64).and_then(|index| self.blocks.get(&index));
        match (delta.get("type").and_then(Value::as_str), block) {
            (_, None) => return Err(CodecError::Malformed("a piece of a block that has not begun")),
            (Some("text_delta"), Some(Block::Text)) => self.say(text(delta, "text"), events),
            (Some("input_json_delta"), Some(Block::Call(position))) => {
                self.add_arguments(*position, text(delta, "partial_json"), events);
            }
            // Thoughts, signatures and sources are not part of what was said.
            _ => {}
        }
        Ok(())
    }
}

impl Decoder for MessageStream {
    fn push(&mut self, data: &str) -> Result<Vec<StreamEvent>, CodecError> {
        let mut events = Vec::new();
        if self.done || data.trim().is_empty() {
            return Ok(events);
        }
        let event = object(data.as_bytes())?;
        if let Some(error) = failure(&event) {
            return Err(error);
        }
        match event.get("type").and_then(Value::as_str) {
            Some("message_start") => {
                let message = event.get("message").unwrap_or(&Value::Null);
                (self.model, self.id) = (some_text(message, "model"), some_text(message, "id"));
                self.count(message, &mut events);
            }
            Some("content_block_start") => self.open(&event, &mut events)?,
            Some("content_block_delta") => self.delta(&event, &mut events)?,
            Some("message_delta") => {
                let reason = event.get("delta").and_then(|delta| delta.get("stop_reason"));
                self.finish = finish_reason(reason.unwrap_or(&Value::Null))?.or(self.finish);
                self.count(&event, &mut events);
            }
            Some("message_stop") => {
                // A terminal event after an answer without an end does not make it complete.
                let finish = self.settled_finish().ok_or(CodecError::Incomplete)?;
                self.done = true;
                events.push(StreamEvent::Done(finish));
            }
            // Signs of life, ends of blocks, and kinds that are not known yet.
            _ => {}
        }
        Ok(events)
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn partial_text(&self) -> &str {
        &self.text
    }

    fn usage(&self) -> Option<Usage> {
        self.usage
    }

    fn finish(self: Box<Self>) -> Result<Answer, CodecError> {
        let finish = self.settled_finish().filter(|_| self.done).ok_or(CodecError::Incomplete)?;
        let tool_calls = self.calls.into_iter().map(CallParts::into_call).collect::<Result<Vec<_>, _>>()?;
        let message = Message { tool_calls, ..Message::ai(self.text) };
        Ok(Answer { message, finish, usage: self.usage, model: self.model, id: self.id })
    }
}
