//! Reconcilers: no input, idempotent, a bound, a period. Each looks at the rows and puts right what it finds.

mod leases;
mod orphans;
mod tickets;
mod webhooks;

use std::time::Duration;

use domain::lease::SWEEP;

use crate::services::Services;
use crate::worker::chain;

pub use leases::{recover, recover_own};
pub use orphans::settle;
pub use tickets::expire;
pub use webhooks::dispatch;

/// How often tickets are looked at.
const TICKETS_EVERY: Duration = Duration::from_secs(60);
/// How often effects of ended runs are looked at.
const ORPHANS_EVERY: Duration = Duration::from_secs(15);
/// How often coalesced webhooks are looked at.
const WEBHOOKS_EVERY: Duration = Duration::from_secs(5);
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
    let orphans = services.clone();
    services.supervisor.spawn("orphan sweeper", async move {
        loop {
            orphans.clock.sleep(ORPHANS_EVERY).await;
            if let Err(error) = settle(&orphans).await {
                tracing::warn!(error = %chain(&error), "orphan sweep failed");
            }
        }
    });
    let gathered = services.clone();
    services.supervisor.spawn("webhook sweeper", async move {
        loop {
            gathered.clock.sleep(WEBHOOKS_EVERY).await;
            if let Err(error) = dispatch(&gathered).await {
                tracing::warn!(error = %chain(&error), "webhook sweep failed");
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
