//! Calls over loopback to servers that misbehave in each way the callers must tell apart.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

// Inside the workspace the crate goes by its short name.
extern crate holly_net as net;

mod breaker;
mod failures;
mod repetition;
mod server;
mod streaming;
