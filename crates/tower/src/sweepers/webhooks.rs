//! Starts one run for the events of a resource that were gathered for some minutes.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::webhook::{Priority, Provider, RunSeed};
use store::webhooks::{WebhookEvent, WebhookState};

use super::BATCH;
use crate::error::Result;
use crate::intake::{COALESCE_MINUTES, start};
use crate::services::Services;

/// Starts a run for the newest event of each resource whose first event is old enough, and marks all of its events, in
/// one transaction. Returns how many runs were started.
///
/// # Errors
/// When the store failed.
pub async fn dispatch(services: &Services) -> Result<usize> {
    let arrived_by = services.clock.now() - TimeDelta::minutes(COALESCE_MINUTES);
    let mut tx = services.db.begin().await?;
    let due = store::webhooks::coalesced_due(&mut tx, arrived_by, BATCH).await?;
    let mut by_resource: BTreeMap<String, Vec<WebhookEvent>> = BTreeMap::new();
    for event in due {
        by_resource.entry(event.resource_key.clone().unwrap_or_default()).or_default().push(event);
    }
    let mut started = Vec::new();
    for events in by_resource.values() {
        let Some(newest) = events.iter().max_by_key(|event| (event.received_at, event.id)) else { continue };
        let provider = Provider::parse(&newest.provider);
        let seed = provider.and_then(|provider| RunSeed::coalesced(provider, &newest.event_type, &newest.payload));
        let (state, run, error) = match seed {
            Some(seed) => {
                let run = start(services, &mut tx, newest.id, &seed, Priority::Normal.of_run(), None).await?;
                started.push(run.clone());
                (WebhookState::Dispatched, Some(run), None)
            }
            None => (WebhookState::Ignored, None, Some("the event names no product")),
        };
        for event in events {
            let _ = store::webhooks::mark(&mut tx, event.id, state, run.as_ref(), error).await?;
        }
    }
    tx.commit().await?;
    for run in &started {
        services.tell_run(run.as_str(), "queued");
    }
    if !started.is_empty() {
        services.db.wake();
    }
    Ok(started.len())
}
