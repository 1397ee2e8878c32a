//! Token counts computed from text: for reservations, and for answers whose provider reports nothing.

use domain::message::Message;

use crate::request::ChatRequest;
use crate::response::Usage;

/// Bytes that make a token, about; right for English, generous for most other scripts.
const BYTES_PER_TOKEN: usize = 4;
/// What a message costs beyond its text.
const PER_MESSAGE: u64 = 4;

/// Tokens of a text, rounded up.
#[must_use]
pub fn tokens(text: &str) -> u64 {
    text.len().div_ceil(BYTES_PER_TOKEN) as u64
}

fn message_tokens(message: &Message) -> u64 {
    let calls: u64 =
        message.tool_calls.iter().map(|call| tokens(&call.name) + tokens(&call.args.to_string()) + PER_MESSAGE).sum();
    PER_MESSAGE + tokens(&message.content) + calls
}

/// Input tokens of a request: instructions, conversation and tool schemas.
#[must_use]
pub fn input_tokens(request: &ChatRequest) -> u64 {
    let system = request.system.as_deref().map_or(0, |system| PER_MESSAGE + tokens(system));
    let tools: u64 = request
        .tools
        .iter()
        .map(|tool| PER_MESSAGE + tokens(&tool.name) + tokens(&tool.description) + tokens(&tool.schema.to_string()))
        .sum();
    system + tools + request.messages.iter().map(message_tokens).sum::<u64>()
}

/// Usage of an answer of which the provider reported none.
#[must_use]
pub(crate) fn usage(request: &ChatRequest, answer: &Message) -> Usage {
    Usage { input: input_tokens(request), output: message_tokens(answer), estimated: true, ..Usage::default() }
}
