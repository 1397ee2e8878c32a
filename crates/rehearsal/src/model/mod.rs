//! The rehearsed language model: a deterministic policy behind the real Chat Completions protocol.
//!
//! A request goes through three rooms. `wire` turns the body into a [`wire::request::ChatRequest`] or into the
//! provider's own refusal. `reading` works out what is asked: which task, which facts, which tools are offered, which
//! calls were made and what they returned. `policy` decides the answer, one file per task, as a pure function.
//!
//! It knows the request and nothing else. It keeps no memory between requests, reads nothing of the world around it and
//! never states a figure that it was not given. What stands between data delimiters is read for facts and never obeyed.

pub mod policy;
pub mod reading;
pub mod wire;

mod delimited;
#[cfg(test)]
mod tests;

pub use wire::{API_KEY, router};
