//! The words of the product and its decisions.
//!
//! Here are the entities (run, checkpoint, ticket, effect, order, tool, workflow), one typed id for each, and every
//! rule that decides something: `decide(state, command, now) -> decision | rejection`. A rule sits beside the types it
//! judges, so that one file answers one question.
//!
//! This crate is pure. It has no I/O, no async, no clock and no randomness; a moment or an id is always a parameter.
//! It must never depend on tokio, sqlx or reqwest (a test over `cargo metadata` holds that).

pub mod breaker;
pub mod budget;
pub mod canonical;
pub mod checkpoint;
pub mod codes;
pub mod copy;
pub mod costs;
pub mod effect;
pub mod event;
pub mod gate;
pub mod guardrails;
pub mod ids;
pub mod lease;
pub mod ledger;
pub mod live;
pub mod message;
pub mod money;
pub mod order;
pub mod role;
pub mod run;
pub mod schedule;
pub mod state;
pub mod ticket;
pub mod time;
pub mod tool;
pub mod trace;
pub mod webhook;
pub mod workflow;
