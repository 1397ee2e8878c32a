//! `tower_runs`: one row per durable run.

mod change;
mod lease;
mod read;

pub use change::{CancelOutcome, cancel, insert, insert_at, set_paused};
pub use lease::{Heartbeat, Recovered, heartbeat, recover_expired, release};
pub use read::{QueueStats, RunFilter, count_by_status, get, get_in, list, queue_stats, summary_open};

pub(crate) use change::{NewRunRow, insert_rows};
pub(crate) use read::{columns, escape_like, read};

pub(crate) static STATEMENTS: &[&[(&str, &crate::engine::Stmt)]] =
    &[change::STATEMENTS, lease::STATEMENTS, read::STATEMENTS];
