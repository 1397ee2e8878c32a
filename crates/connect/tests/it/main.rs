//! Clients and tools over loopback against small fakes of the three upstreams.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

// Inside the workspace the crate goes by its short name.
extern crate holly_connect as connect;

mod cancel;
mod contract;
mod fake;
mod reads;
mod refund;
mod shop;
mod submit;
