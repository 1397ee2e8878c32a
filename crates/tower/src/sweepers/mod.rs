//! Reconcilers: no input, idempotent, a bound, a period. Each looks at the rows and puts right what it finds.

mod leases;
mod tickets;

use std::time::Duration;

use domain::lease::SWEEP;

use crate::services::Services;
use crate::worker::chain;

pub use leases::{recover, recover_own};
pub use tickets::expire;

/// How often tickets are looked at.
const TICKETS_EVERY: Duration = Duration::from_secs(60);
/// Most rows of one sweep.
const BATCH: i64 = 500;

/// Starts the sweepers.
pub fn start(services: &Services) {
    let leases = services.clone();
    services.supervisor.spawn("lease sweeper", async move {
        loop {
            leases.clock.sleep(SWEEP).await;
            if let Err(error) = recover(&leases).await {
                tracing::warn!(error = %chain(&error), "lease sweep failed");
            }
        }
    });
    let expiry = services.clone();
    services.supervisor.spawn("ticket expiry", async move {
        loop {
            expiry.clock.sleep(TICKETS_EVERY).await;
            if let Err(error) = expire(&expiry).await {
                tracing::warn!(error = %chain(&error), "ticket expiry failed");
            }
        }
    });
}
