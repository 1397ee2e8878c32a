//! Calls over loopback to servers that misbehave in each way the callers must tell apart.

// Inside the workspace the crate goes by its short name.
extern crate holly_net as net;

mod breaker;
mod failures;
mod repetition;
mod server;
mod streaming;
