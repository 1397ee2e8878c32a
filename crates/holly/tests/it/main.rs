//! The real binary as a child process: started, asked, killed and started again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has failed")]
#![expect(clippy::disallowed_methods, reason = "tests wait with deadlines of real time and pass the environment on")]

#[path = "../../../api/tests/it/bad_input.rs"]
mod bad_input;
mod bad_requests;
mod console;
mod crash;
mod decisions;
mod doctor;
mod faults;
mod http;
mod kill_loop;
mod models;
mod server;
mod start;
mod traces;
mod upstreams;
mod walkthrough;
mod webhook;
