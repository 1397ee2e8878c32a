//! `tower_tickets`: what people are asked.

mod decide;
mod end;
mod read;

pub use decide::{Decide, DecideOutcome, EditedCall, decide};
pub use end::{Expired, Withdrawn, expire, withdraw};
pub use read::{count_pending, get, get_in, list};

pub(crate) use end::reject_pending_of;
use read::get_in_unlocked;
pub(crate) use read::insert;

pub(crate) static STATEMENTS: &[&[(&str, &crate::engine::Stmt)]] =
    &[decide::STATEMENTS, end::STATEMENTS, read::STATEMENTS];
