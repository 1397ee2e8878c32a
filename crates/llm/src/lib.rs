//! Asking a model: one request and one answer for every provider.
//!
//! A caller hands [`Llm::chat`] a [`ChatRequest`] for a logical model and a [`CallObserver`]. The router turns the model
//! into candidates (fallbacks, retirements, back-off, what is not configured), a codec turns the request into the
//! provider's dialect, `classify` turns a failure into its class, and the class decides what comes next. Every attempt is
//! announced to the observer before it is sent and reported after it, so that budget and ledger are the caller's.
//!
//! This crate must never know runs, tools or budgets by their meaning, execute a tool call, write a row, read a setting,
//! or hand a failure's text to a person.

pub mod backoff;
mod call;
mod catalog;
mod classify;
mod client;
pub mod codec;
mod error;
mod estimate;
mod exchange;
mod lines;
mod observer;
mod price;
mod probe;
mod provider;
mod remedy;
mod request;
mod reset;
mod response;
mod router;
mod sse;
mod transport;
mod wire;

pub use catalog::{Catalog, CatalogError, LogicalModel, ModelSpec, Overrides, Warning};
pub use classify::{Detail, ErrorClass, Failure, classify, classify_event};
pub use client::{Llm, OnEvent};
pub use error::LlmError;
pub use estimate::{input_tokens, tokens};
pub use observer::{
    AttemptEnd, AttemptStart, AttemptStatus, BoxError, CallMeta, CallObserver, CallToken, FallbackEvent, Purpose,
    Refused, Unpriced,
};
pub use price::{InvalidRate, Price, Rate};
pub use probe::{Listed, ProbeReport, ProbeState};
pub use provider::{Api, Provider};
pub use request::{ChatRequest, InvalidRequest, ToolChoice, ToolDef, is_tool_name};
pub use response::{ChatResponse, FinishReason, StreamEvent, Usage};
pub use router::{Availability, Candidate, Fallback, Ollama, Plan, SkipReason, Skipped, UnknownModel};
pub use transport::{Body, Incoming, Transport, TransportError};
pub use wire::{Credential, Wire};
