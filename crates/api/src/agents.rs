//! The routes of the agents server, one file for each resource: handlers, their operations, and the bodies they take.

pub mod breakers;
pub mod checkpoints;
pub mod costs;
pub mod docs;
pub mod effects;
pub mod health;
pub mod orders;
pub mod root;
pub mod runs;
mod start;
pub mod tickets;
pub mod traces;
pub mod webhooks;
