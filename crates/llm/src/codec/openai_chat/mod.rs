//! OpenAI Chat Completions, and the many servers that speak it.

mod answer;
mod body;
mod stream;

use serde_json::Value;

use super::{Answer, Codec, CodecError, Decoder, WireRequest};

/// The dialect.
#[derive(Debug)]
pub(super) struct OpenAiChat;

impl Codec for OpenAiChat {
    fn path(&self) -> &'static str {
        "/chat/completions"
    }

    fn encode(&self, wire: &WireRequest<'_>) -> Value {
        body::encode(wire)
    }

    fn decode(&self, body: &[u8]) -> Result<Answer, CodecError> {
        answer::decode(body)
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(stream::ChatStream::default())
    }
}
