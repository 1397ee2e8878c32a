//! The rehearsed language model: one deterministic policy behind the real protocols of three providers.
//!
//! A request goes through three rooms. A wire ([`anthropic`], [`openai`], [`ollama`]) turns the body into a
//! [`conversation::Conversation`] or into the provider's own refusal. `reading` works out what is asked: which task,
//! which facts, which tools are offered, which calls were made and what they returned. `policy` decides the answer, one
//! file per task, as a pure function.
//!
//! It knows the request and nothing else. It keeps no memory between requests, reads nothing of the world around it and
//! never states a figure that it was not given. What stands between data delimiters is read for facts and never obeyed.

pub mod anthropic;
pub mod conversation;
pub mod ollama;
pub mod openai;
pub mod policy;
pub mod reading;
pub mod said;

mod delimited;
mod spoil;
#[cfg(test)]
mod tests;

/// The key that a program in rehearsal sends. Keys that say they are the rehearsal's are known; any other, above all a
/// real one that strayed here, is refused.
pub const API_KEY: &str = "sk-rehearsal";

/// Whether a key says that it belongs to the rehearsal.
fn is_rehearsed(key: &str) -> bool {
    key.contains("rehearsal")
}
