//! Ollama chat: one JSON object per line.

mod answer;
mod body;
mod stream;

use serde_json::Value;

use super::{Answer, Codec, CodecError, Decoder, Framing, WireRequest};

/// The dialect.
#[derive(Debug)]
pub(super) struct Ollama;

impl Codec for Ollama {
    fn path(&self) -> &'static str {
        "/api/chat"
    }

    fn framing(&self) -> Framing {
        Framing::JsonLines
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
