//! The audit entries of the API, written in the background.

use api::ports::{AuditEvent, AuditTrail};
use clock::SharedClock;
use serde_json::json;
use store::audit::{self, AuditEntry};
use store::{Db, StoreError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Entries that wait to be written.
const WAITING: usize = 1_024;
/// Most entries of one transaction.
const BATCH: usize = 128;

/// Takes entries from the API.
#[derive(Debug, Clone)]
pub(super) struct Trail {
    clock: SharedClock,
    sender: mpsc::Sender<AuditEntry>,
}

impl Trail {
    /// The taking end, and the end that writes.
    pub(super) fn new(clock: SharedClock) -> (Self, mpsc::Receiver<AuditEntry>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self { clock, sender }, receiver)
    }
}

impl AuditTrail for Trail {
    fn record(&self, event: AuditEvent) {
        let entry = AuditEntry {
            ts: self.clock.now(),
            actor: event.actor,
            role: event.role.map(|role| role.as_str().to_owned()),
            ip: event.ip.map(|ip| ip.to_string()),
            action: event.action.to_owned(),
            target: Some(event.target),
            outcome: event.outcome.to_owned(),
            request_id: event.request_id,
            details: json!({}),
        };
        if let Err(lost) = self.sender.try_send(entry) {
            let entry = lost.into_inner();
            tracing::warn!(
                action = entry.action,
                actor = entry.actor,
                "an audit entry found no room and is only logged"
            );
        }
    }
}

/// Writes entries until `stop`, and then what is left.
pub(super) async fn write(db: Db, mut entries: mpsc::Receiver<AuditEntry>, stop: CancellationToken) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let stopping = tokio::select! {
            biased;
            taken = entries.recv_many(&mut batch, BATCH) => taken == 0,
            () = stop.cancelled() => true,
        };
        if !batch.is_empty()
            && let Err(error) = store(&db, &batch).await
        {
            tracing::error!(%error, entries = batch.len(), "audit entries were not written");
        }
        batch.clear();
        if stopping {
            return;
        }
    }
}

async fn store(db: &Db, entries: &[AuditEntry]) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    for entry in entries {
        audit::insert(&mut tx, entry).await?;
    }
    tx.commit().await
}
