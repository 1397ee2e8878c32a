//! The world from outside: its core over simulated weeks, its servers over loopback.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "tests build their own HTTP client to see what a caller sees")]

mod contracts;
mod control;
mod core;
mod documents;
mod faults;
mod models;
mod printful;
mod requests;
mod shop;
mod shop_changes;
mod shop_door;
mod stripe;
mod support;
mod webhooks;
