//! The client from question to answer, over a scripted wire and over loopback HTTP. One binary, so that it is linked once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

extern crate holly_llm as llm;

mod chat;
mod contract;
mod cuts;
mod loopback;
mod providers;
mod recorded;
mod support;
