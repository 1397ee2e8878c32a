//! OpenAI Responses, without anything being kept at the provider.

mod answer;
mod body;
mod stream;

use serde_json::Value;

use super::{Answer, Codec, CodecError, Decoder, WireRequest};

/// The dialect.
#[derive(Debug)]
pub(super) struct OpenAiResponses;

impl Codec for OpenAiResponses {
    fn path(&self) -> &'static str {
        "/responses"
    }

    fn encode(&self, wire: &WireRequest<'_>) -> Value {
        body::encode(wire)
    }

    fn decode(&self, body: &[u8]) -> Result<Answer, CodecError> {
        answer::decode(body)
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(stream::ResponseStream::default())
    }
}
