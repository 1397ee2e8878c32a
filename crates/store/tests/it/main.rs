//! Every function of the store, on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has failed")]

extern crate holly_store as store;

mod claims;
mod common;
mod console_users;
mod effects;
mod events;
mod leases;
mod llm_fallbacks;
mod logs;
mod lossy;
mod lost_commits;
mod orders;
mod parks;
mod registries;
mod runs;
mod scheduler;
mod schema;
mod small;
mod spans;
mod webhooks;
mod writer;
