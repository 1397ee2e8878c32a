//! Leases and their fences.
//!
//! A worker holds a run for as long as its lease lasts. Each claim raises the epoch; every write carries owner and
//! epoch, so a worker that lost its lease can no longer write, however late it wakes up (the fencing token of the
//! literature, e.g. Kleppmann, *Designing Data-Intensive Applications*, chapter 8).

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long a claim lasts without a heartbeat.
pub const RUN_LEASE: Duration = Duration::from_secs(60);
/// How often a worker renews its claims.
pub const HEARTBEAT: Duration = Duration::from_secs(10);
/// How often expired leases are swept back.
pub const SWEEP: Duration = Duration::from_secs(30);
/// Lost leases in a row, without a new checkpoint between them, that fail a run.
pub const MAX_LOST_LEASES: i64 = 3;

/// Who holds a run, and under which claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fence {
    /// The instance name of the process.
    pub owner: String,
    /// Raised by each claim.
    pub epoch: i64,
}
