//! Takes back runs whose worker is gone.

use serde_json::Value;
use store::StoreError;

use super::BATCH;
use crate::messages::Messages;
use crate::services::Services;

/// Takes back runs whose lease ran out. Returns how many.
///
/// # Errors
/// When the store failed.
pub async fn recover(services: &Services) -> Result<usize, StoreError> {
    sweep(services, None).await
}

/// At start: takes back at once what an earlier process of this instance name held.
///
/// # Errors
/// When the store failed.
pub async fn recover_own(services: &Services) -> Result<usize, StoreError> {
    sweep(services, Some(&services.settings.instance)).await
}

async fn sweep(services: &Services, own: Option<&str>) -> Result<usize, StoreError> {
    let messages = Messages(&services.ids);
    let mut total = 0;
    loop {
        let mut tx = services.db.begin().await?;
        let recovered = store::runs::recover_expired(&mut tx, services.clock.now(), own, BATCH, &|run, failed| {
            failed.then(|| messages.transition(run, "run.failed", "failed", Some("worker lost"), Value::Null))
        })
        .await?;
        tx.commit().await?;
        for run in &recovered {
            tracing::info!(run.id = %run.run_id, failed = run.failed, "lost lease taken back");
            services.tell_run(run.run_id.as_str(), if run.failed { "failed" } else { "queued" });
        }
        total += recovered.len();
        if recovered.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            break;
        }
    }
    if total > 0 {
        services.db.wake();
    }
    Ok(total)
}
