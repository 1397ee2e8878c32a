//! Anthropic Messages.

mod answer;
mod body;
mod stream;

use serde_json::Value;

use super::{Answer, Codec, CodecError, Decoder, WireRequest};

/// The dialect.
#[derive(Debug)]
pub(super) struct Anthropic;

impl Codec for Anthropic {
    fn path(&self) -> &'static str {
        "/v1/messages"
    }

    fn encode(&self, wire: &WireRequest<'_>) -> Value {
        body::encode(wire)
    }

    fn decode(&self, body: &[u8]) -> Result<Answer, CodecError> {
        answer::decode(body)
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(stream::MessageStream::default())
    }
}
