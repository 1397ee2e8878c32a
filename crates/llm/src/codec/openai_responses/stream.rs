//! A streamed answer: items and their pieces, then one event with the whole response. That last event is the answer; the
//! pieces before it are for whoever listens.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{failure, of_response, usage};
use crate::classify::classify_event;
use crate::codec::calls::MAX_CALLS;
use crate::codec::fields::{object, text};
use crate::codec::{Answer, CodecError, Decoder};
use crate::provider::Provider;
use crate::response::{StreamEvent, Usage};

/// What has come so far.
#[derive(Debug, Default)]
pub(super) struct ResponseStream {
    text: String,
    /// Position among the calls, by the index of the output item.
    calls: BTreeMap<u64, usize>,
    usage: Option<Usage>,
    answer: Option<Answer>,
}

impl ResponseStream {
    fn begin(&mut self, event: &Value, events: &mut Vec<StreamEvent>) -> Result<(), CodecError> {
        let item = event.get("item").unwrap_or(&Value::Null);
        if item.get("type").and_then(Value::as_str) != Some("function_call") {
            return Ok(());
        }
        let output = event.get("output_index").and_then(Value::as_u64);
        let output = output.ok_or(CodecError::Malformed("an item without an index"))?;
        let index = self.calls.len();
        if index >= MAX_CALLS {
            return Err(CodecError::Malformed("too many tool calls"));
        }
        if self.calls.insert(output, index).is_some() {
            return Err(CodecError::Malformed("an item begins twice"));
        }
        events.push(StreamEvent::ToolCallStart { index, id: text(item, "call_id"), name: text(item, "name") });
        Ok(())
    }

    fn end(&mut self, event: &Value, events: &mut Vec<StreamEvent>) -> Result<(), CodecError> {
        let response = event.get("response").ok_or(CodecError::Malformed("an end without a response"))?;
        self.usage = usage(response).or(self.usage);
        let answer = of_response(response)?;
        events.extend(self.usage.map(StreamEvent::Usage));
        events.push(StreamEvent::Done(answer.finish));
        self.answer = Some(answer);
        Ok(())
    }
}

impl Decoder for ResponseStream {
    fn push(&mut self, data: &str) -> Result<Vec<StreamEvent>, CodecError> {
        let mut events = Vec::new();
        if self.is_done() || data.trim().is_empty() {
            return Ok(events);
        }
        let event = object(data.as_bytes())?;
        let index = || event.get("output_index").and_then(Value::as_u64);
        match event.get("type").and_then(Value::as_str) {
            Some("response.output_item.added") => self.begin(&event, &mut events)?,
            Some("response.output_text.delta" | "response.refusal.delta") => {
                let said = text(&event, "delta");
                if !said.is_empty() {
                    self.text.push_str(&said);
                    events.push(StreamEvent::Text(said));
                }
            }
            Some("response.function_call_arguments.delta") => {
                let call = index().and_then(|index| self.calls.get(&index));
                let index = *call.ok_or(CodecError::Malformed("arguments of a call that has not begun"))?;
                let arguments = text(&event, "delta");
                if !arguments.is_empty() {
                    events.push(StreamEvent::ToolCallDelta { index, arguments });
                }
            }
            Some("response.completed" | "response.incomplete") => self.end(&event, &mut events)?,
            Some("response.failed") => {
                let response = event.get("response").unwrap_or(&Value::Null);
                self.usage = usage(response).or(self.usage);
                return Err(failure(response).unwrap_or(CodecError::Incomplete));
            }
            Some("error") => {
                // The event is the error itself here; its `type` says only that.
                let error = json!({"error": {"code": event.get("code"), "message": event.get("message")}});
                let error = if event.get("error").is_some_and(Value::is_object) { &event } else { &error };
                return Err(CodecError::Provider(classify_event(Provider::OpenAi, error)));
            }
            Some(_) => {}
            None => return Err(failure(&event).unwrap_or(CodecError::Malformed("an event without a type"))),
        }
        Ok(events)
    }

    fn is_done(&self) -> bool {
        self.answer.is_some()
    }

    fn partial_text(&self) -> &str {
        &self.text
    }

    fn usage(&self) -> Option<Usage> {
        self.usage
    }

    fn finish(self: Box<Self>) -> Result<Answer, CodecError> {
        self.answer.ok_or(CodecError::Incomplete)
    }
}
