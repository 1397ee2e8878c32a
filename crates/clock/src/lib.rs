//! Time and chance: the two sources of non-determinism, behind two traits.
//!
//! Everything else in the workspace is handed a [`Clock`] and an [`Entropy`]; nothing else reads the system clock or
//! draws random bytes (clippy bans it). A simulation hands in a [`ManualClock`] and a [`SeededEntropy`] and so decides
//! both. This crate must never know what the time or the ids are for.

mod entropy;
mod manual;
mod system;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::time::Timestamp;

pub use entropy::{Entropy, Ids, OsEntropy, SeededEntropy};
pub use manual::ManualClock;
pub use system::SystemClock;

/// A wait that a [`Clock`] ends.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The time of day, a monotonic reading and a way to wait.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now, UTC, cut to whole microseconds (the resolution of both databases).
    fn now(&self) -> Timestamp;
    /// A reading that never goes backwards; only differences mean anything.
    fn monotonic(&self) -> Duration;
    /// Waits for `duration` of this clock's time.
    fn sleep(&self, duration: Duration) -> Sleep<'_>;
}

/// A clock shared by the parts of a process.
pub type SharedClock = Arc<dyn Clock>;
