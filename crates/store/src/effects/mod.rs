//! `tower_effects`: every change made in the world outside, in two phases.

mod begin;
mod change;
mod read;

pub use begin::{BeginEffect, Blocked, begin};
pub use change::{EffectChange, NewEffect, settle_orphan};
pub use read::{executing_of, for_run, get, holder_of, rejected_since, unclear};

pub(crate) use change::{abort, abort_prepared_of, apply, prepare, rebase, rebind, set_ticket};

pub(crate) static STATEMENTS: &[&[(&str, &crate::engine::Stmt)]] =
    &[begin::STATEMENTS, change::STATEMENTS, read::STATEMENTS];
