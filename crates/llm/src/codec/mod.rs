//! The dialects. A codec is pure: a request becomes a body, events or a body become an answer; it never sends anything.
//!
//! A new dialect is one module here and one line in [`of`]. A dialect without a codec is never guessed at: the router
//! leaves its models out and says so.

mod anthropic;
mod calls;
mod fields;
mod ollama;
mod openai_chat;
mod openai_responses;
mod turns;

use std::fmt;

use domain::message::Message;
use serde_json::Value;

use crate::classify::Failure;
use crate::provider::Api;
use crate::request::ChatRequest;
use crate::response::{FinishReason, StreamEvent, Usage};

/// A request with everything settled that depends on the model.
#[derive(Debug, Clone, Copy)]
pub struct WireRequest<'a> {
    /// The provider's name of the model.
    pub model: &'a str,
    /// What is asked.
    pub request: &'a ChatRequest,
    /// Cap on the answer.
    pub max_output_tokens: u32,
    /// Temperature, if the model takes one.
    pub temperature: Option<f64>,
    /// How much the model is to think before it answers, if it can be told.
    pub effort: Option<&'a str>,
    /// Whether the answer is to arrive piece by piece.
    pub stream: bool,
}

/// An answer as the provider gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Text and tool calls.
    pub message: Message,
    /// Why it ended.
    pub finish: FinishReason,
    /// Tokens, when the provider reported them.
    pub usage: Option<Usage>,
    /// The model's own name for itself.
    pub model: Option<String>,
    /// The answer's id at the provider.
    pub id: Option<String>,
}

/// An answer that cannot be read, or did not end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The stream ended before the answer did.
    #[error("the answer is incomplete")]
    Incomplete,
    /// Not the shape of the dialect.
    #[error("the answer is malformed: {0}")]
    Malformed(&'static str),
    /// The provider reported a failure inside the answer.
    #[error("the provider broke off the answer")]
    Provider(Failure),
}

/// How a streamed answer is divided into the pieces that a [`Decoder`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// The data of server-sent events.
    ServerSentEvents,
    /// One JSON object per line.
    JsonLines,
}

/// One dialect.
pub trait Codec: Send + Sync + fmt::Debug {
    /// The path of the call below the provider's base address.
    fn path(&self) -> &'static str;

    /// How a streamed answer is divided.
    fn framing(&self) -> Framing {
        Framing::ServerSentEvents
    }

    /// The body of the request.
    fn encode(&self, wire: &WireRequest<'_>) -> Value;

    /// Reads a whole answer.
    ///
    /// # Errors
    /// When it is no answer of this dialect.
    fn decode(&self, body: &[u8]) -> Result<Answer, CodecError>;

    /// A reader for one streamed answer.
    fn decoder(&self) -> Box<dyn Decoder>;
}

/// Puts one streamed answer together.
pub trait Decoder: Send + fmt::Debug {
    /// Takes the data of one event.
    ///
    /// # Errors
    /// When it is no event of the dialect, or reports a failure. The decoder is of no use after that.
    fn push(&mut self, data: &str) -> Result<Vec<StreamEvent>, CodecError>;

    /// Whether the terminal event has come; nothing after it matters.
    fn is_done(&self) -> bool;

    /// The text so far, to show what was lost when the answer breaks off.
    fn partial_text(&self) -> &str;

    /// Tokens that were reported so far; a failed call is charged for them.
    fn usage(&self) -> Option<Usage>;

    /// The answer, once the stream has ended.
    ///
    /// # Errors
    /// When no terminal event has come.
    fn finish(self: Box<Self>) -> Result<Answer, CodecError>;
}

/// The codec of a dialect, if this build speaks it.
#[must_use]
pub fn of(api: Api) -> Option<&'static dyn Codec> {
    match api {
        Api::ChatCompletions => Some(&openai_chat::OpenAiChat),
        Api::Messages => Some(&anthropic::Anthropic),
        Api::Responses => Some(&openai_responses::OpenAiResponses),
        Api::OllamaChat => Some(&ollama::Ollama),
        Api::Embeddings => None,
    }
}
