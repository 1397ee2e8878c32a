//! What a model answers, in one form for every provider.

use domain::message::Message;
use serde::{Deserialize, Serialize};

use crate::provider::Provider;

/// Tokens of one call. `input`, `cache_read` and `cache_write` do not overlap; `reasoning` is a part of `output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Input that was neither read from nor written to a cache.
    pub input: u64,
    /// Output, reasoning included.
    pub output: u64,
    /// Input read from the provider's cache.
    pub cache_read: u64,
    /// Input written to the provider's cache.
    pub cache_write: u64,
    /// Part of the output that was thought and not said.
    pub reasoning: u64,
    /// True when the provider reported nothing and the figures were computed from the text.
    pub estimated: bool,
}

impl Usage {
    /// All tokens, input and output.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.input.saturating_add(self.cache_read).saturating_add(self.cache_write).saturating_add(self.output)
    }
}

/// Why the model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// It had said everything.
    Stop,
    /// It waits for the results of its tool calls.
    ToolCalls,
    /// The cap on the answer was reached; the text is cut.
    Length,
    /// It, or a filter of its provider, refused. The text, if any, is the refusal.
    Refused,
}

/// A piece of an answer as it arrives.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamEvent {
    /// More text.
    Text(String),
    /// The model begins to call a tool.
    ToolCallStart {
        /// Position of the call among the calls of this answer.
        index: usize,
        /// The provider's id of the call.
        id: String,
        /// The tool's name as the model wrote it.
        name: String,
    },
    /// More of the arguments of a call; not parseable before the end.
    ToolCallDelta {
        /// Position of the call.
        index: usize,
        /// Text to append.
        arguments: String,
    },
    /// The provider's count.
    Usage(Usage),
    /// The answer is complete. Without this event it is not.
    Done(FinishReason),
}

/// A complete answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatResponse {
    /// What the model said and which tools it wants to call.
    pub message: Message,
    /// Why it stopped; look at it before using the text.
    pub finish: FinishReason,
    /// Tokens, reported or estimated.
    pub usage: Usage,
    /// Cost in millionths of a US dollar; none when the model has no price.
    pub cost_micros: Option<i64>,
    /// Who served it.
    pub provider: Provider,
    /// Logical id (or the name asked for) of the model that answered; differs from the request after a fallback.
    pub model: String,
    /// The provider's name of the model that answered.
    pub model_used: String,
    /// The provider's id of the request, for its support.
    pub request_id: Option<String>,
    /// From sending to the last byte.
    pub latency_ms: u64,
    /// From sending to the first piece of the answer.
    pub ttft_ms: Option<u64>,
}
