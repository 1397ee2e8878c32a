//! A streamed answer: chunks with deltas, then `[DONE]`.

use std::collections::BTreeMap;

use domain::message::Message;
use serde_json::Value;

use super::answer::{failure, finish_reason, usage};
use crate::codec::calls::{CallParts, MAX_CALLS, settled};
use crate::codec::{Answer, CodecError, Decoder};
use crate::response::{FinishReason, StreamEvent, Usage};

/// What has come so far.
#[derive(Debug, Default)]
pub(super) struct ChatStream {
    text: String,
    calls: BTreeMap<u64, CallParts>,
    refused: bool,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
    model: Option<String>,
    id: Option<String>,
    done: bool,
}

impl ChatStream {
    fn settled_finish(&self) -> Option<FinishReason> {
        self.finish.map(|finish| settled(finish, !self.calls.is_empty(), self.refused))
    }

    fn delta(&mut self, delta: &Value, events: &mut Vec<StreamEvent>) -> Result<(), CodecError> {
        for key in ["content", "refusal"] {
            let Some(text) = delta.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()) else { continue };
            self.refused |= key == "refusal";
            self.text.push_str(text);
            events.push(StreamEvent::Text(text.to_owned()));
        }
        for call in delta.get("tool_calls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
            self.call(call, events)?;
        }
        Ok(())
    }

    fn call(&mut self, call: &Value, events: &mut Vec<StreamEvent>) -> Result<(), CodecError> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = text(call.get("id"));
        let function = call.get("function");
        let part = |key: &str| text(function.and_then(|function| function.get(key)));
        // A compatible server that leaves the index out sends each call whole, with its id.
        let last = self.calls.keys().next_back().copied();
        let unnumbered = if id.is_empty() { last.unwrap_or_default() } else { last.map_or(0, |last| last + 1) };
        let index = call.get("index").and_then(Value::as_u64).unwrap_or(unnumbered);
        if index >= MAX_CALLS as u64 {
            return Err(CodecError::Malformed("too many tool calls"));
        }
        let position = usize::try_from(index).unwrap_or_default();
        let parts = self.calls.entry(index).or_default();
        let unnamed = parts.name.is_empty();
        if parts.id.is_empty() {
            parts.id = id;
        }
        if unnamed {
            parts.name = part("name");
        }
        if unnamed && !parts.name.is_empty() {
            events.push(StreamEvent::ToolCallStart { index: position, id: parts.id.clone(), name: parts.name.clone() });
        }
        let arguments = part("arguments");
        if !arguments.is_empty() {
            parts.arguments.push_str(&arguments);
            events.push(StreamEvent::ToolCallDelta { index: position, arguments });
        }
        Ok(())
    }
}

impl Decoder for ChatStream {
    fn push(&mut self, data: &str) -> Result<Vec<StreamEvent>, CodecError> {
        let mut events = Vec::new();
        if self.done || data.trim().is_empty() {
            return Ok(events);
        }
        if data.trim() == "[DONE]" {
            // A terminal event after an answer without an end does not make it complete.
            let finish = self.settled_finish().ok_or(CodecError::Incomplete)?;
            self.done = true;
            events.push(StreamEvent::Done(finish));
            return Ok(events);
        }
        let chunk: Value = serde_json::from_str(data).map_err(|_| CodecError::Malformed("a chunk is no JSON"))?;
        if !chunk.is_object() {
            return Err(CodecError::Malformed("a chunk is no object"));
        }
        if let Some(error) = failure(&chunk) {
            return Err(error);
        }
        let own = |key: &str| chunk.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        self.model = self.model.take().or_else(|| own("model"));
        self.id = self.id.take().or_else(|| own("id"));
        if let Some(usage) = chunk.get("usage").and_then(usage) {
            self.usage = Some(usage);
            events.push(StreamEvent::Usage(usage));
        }
        if let Some(choice) = chunk.get("choices").and_then(|choices| choices.get(0)) {
            if let Some(delta) = choice.get("delta") {
                self.delta(delta, &mut events)?;
            }
            if let Some(finish) = finish_reason(choice.get("finish_reason").unwrap_or(&Value::Null))? {
                self.finish = Some(finish);
            }
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
        let tool_calls = self.calls.into_values().map(CallParts::into_call).collect::<Result<Vec<_>, _>>()?;
        let message = Message { tool_calls, ..Message::ai(self.text) };
        Ok(Answer { message, finish, usage: self.usage, model: self.model, id: self.id })
    }
}
