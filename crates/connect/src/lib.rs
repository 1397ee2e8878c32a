//! The shop, the payments and the printer: their clients, and the tools built on them.
//!
//! A client speaks one upstream's wire protocol and turns its answers into typed facts; it never takes a host from a
//! request and never retries on its own (that is `net`'s matter). A method that changes something outside takes a
//! [`gateway::Permit`], so it can be reached through the effect gateway alone. A tool turns a model's parameters into
//! client calls and decides what is safe; its decisions are plain functions beside it.
//!
//! A recipient's address stays in memory: it appears in no result, no resolved call, no error and no log.

#[cfg(test)]
mod any_json;
mod error;
pub mod form;
mod order_book;
pub mod printful;
pub mod shopify;
pub mod stripe;
pub mod tools;

pub use error::ConnectError;
pub use order_book::{OrderBook, OrderBookError};
