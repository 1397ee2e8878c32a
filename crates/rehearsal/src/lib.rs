//! The rehearsal world: a shop, its payments, its printer and its models, simulated on loopback servers that speak the
//! real wire protocols.
//!
//! The core ([`world`]) is a pure state machine driven by a seed and by world time; around it stand thin servers, one
//! per upstream, one loop that delivers webhooks, and one control server. Whatever the world holds is in its own file
//! before an answer leaves it, so a killed process loses nothing and repeats nothing.
//!
//! This crate must never be mistaken for the real thing: every answer carries `x-holly-rehearsal: 1` and a request id
//! that begins with `rehearsal-`. It never reaches anything but the loopback address it was given for its webhooks, and
//! it reads nothing of the product's own database: whoever talks to it sees what a real upstream would show.

// An order has more members than the default allows a `json!` to have.
#![recursion_limit = "256"]

mod control;
pub mod deliver;
pub mod fault;
pub mod model;
pub mod model_host;
mod printful;
mod serve;
mod shell;
mod shopify;
mod stripe;
pub mod world;

pub use shell::{Seen, World, WorldConfig, WorldError, WorldHandle, WorldSecrets};
