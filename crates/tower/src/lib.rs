//! The Control Tower: runs that survive any crash.
//!
//! A **run** is claimed under a **lease**; the claim raises an epoch, and owner and epoch together are the **fence**
//! that every write of the worker carries. Its workflow is walked step by step; a step ends in one commit
//! (**checkpoint**, events, run head, outbox). Inside a node, each model answer and each tool result becomes durable in
//! the checkpoint's `pending` part before the next action. What changes the world outside goes through the **effect
//! gateway** alone: prepared, approved where the risk asks for it, sent once, recorded; an unclear outcome is read back.
//!
//! What a reader meets, in the order of an order's way: [`intake`] turns a signed delivery into a run, [`worker`] claims
//! it, [`segment`] walks it, [`node`] is what a node must implement, [`effects`] lets calls out, [`tickets`] takes
//! decisions, [`branches`] does a run again, [`scheduler`] fires jobs, [`sweepers`] bring back what was lost, [`supervisor`] owns the tasks.
//!
//! This crate knows no model and no upstream (tools come in as `dyn gateway::Tool`, nodes as `dyn NodeRunner`), holds
//! no SQL, and never keeps a lock or a transaction across a call to the outside.

mod announce;
pub mod branches;
pub mod effects;
pub mod error;
pub mod intake;
pub mod live;
pub mod messages;
pub mod node;
pub mod order_poll;
pub mod orders;
pub mod runs;
pub mod scheduler;
pub mod segment;
pub mod services;
pub mod supervisor;
pub mod sweepers;
pub mod tickets;
pub mod worker;
pub mod workflows;

pub use error::{Error, Refusal};
pub use node::{NodeFailure, NodeOutcome, NodeRunner, NodeTask, ParkRequest};
pub use segment::session::Session;
pub use services::{EffectsMode, Services, Settings};
