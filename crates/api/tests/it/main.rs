//! The server as its callers see it, over an engine that is played. One binary, so that it links once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

// The package carries the prefix of the workspace; everywhere else the crate is called `api`.
extern crate holly_api as api;

mod app;
mod auth;
mod bad_input;
mod bodies;
mod branches;
mod catalog;
mod connection;
mod console;
mod cors;
mod engine;
mod health;
mod hostile;
mod invoke;
mod logs;
mod openapi;
mod orders;
mod played_catalog;
mod played_jobs;
mod rates;
mod responses;
mod route_table;
mod runs;
mod scheduler;
mod sockets;
mod tickets;
mod traces;
mod walk;
mod webhooks;
