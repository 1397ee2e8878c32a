//! The contract of the only door out.
//!
//! A tool that changes the world outside implements [`Tool::execute`], which takes a [`Permit`]. A permit cannot be
//! made, cloned or stored by anyone outside this crate: [`pass`] alone mints one, after the [`Ledger`] has moved the
//! effect's row to `executing` in its guarded statement. So code that has not gone through the ledger does not compile.
//!
//! This crate knows no upstream, no database and no run loop: `connect` and `agents` implement tools, `tower`
//! implements the ledger, and neither can get around the other.

mod door;
mod tool;

pub use door::{Begin, BlockReason, Ledger, LedgerError, Passed, Permit, pass};
pub use tool::{CallContext, Executed, Private, Reconciled, Resolution, Resolved, SendError, Tool, ToolError};
