//! The routes of the agents server, one file for each resource: handlers, their operations, and the bodies they take.

pub mod agent_configs;
pub mod branches;
pub mod breakers;
pub mod checkpoints;
pub mod costs;
pub mod direct;
pub mod docs;
pub mod effects;
pub mod graph;
pub mod health;
pub mod invoke;
pub mod live;
pub mod logs;
pub mod orders;
pub mod root;
pub mod runs;
pub mod scheduler;
mod start;
pub mod tickets;
pub mod tools;
pub mod traces;
pub mod webhooks;
pub mod workflows;
