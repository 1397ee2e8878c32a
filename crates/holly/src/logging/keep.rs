//! Stores the lines that the tap hands over, in batches, and keeps the table small.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::TimeDelta;
use clock::SharedClock;
use domain::time::Timestamp;
use serde_json::{Map, json};
use store::log_lines::{self, LogLevel, NewLogLine};
use store::{Db, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::tap::{KEEPER_SPAN, Tap};

/// Most lines of one transaction.
const BATCH: usize = 256;
/// How long a line may wait for others before it is stored.
const GATHER: Duration = Duration::from_millis(500);
/// How often the table is swept.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Most lines that are kept.
const MOST_LINES: i64 = 50_000;
/// Hours that a line is kept.
const HOURS: i64 = 24;

impl Tap {
    /// Stores lines until `stop`, then what is left. A store that is away costs lines, never time.
    pub(crate) async fn keep(self, db: Db, clock: SharedClock, stop: CancellationToken) {
        self.store(&db, &clock, &stop).instrument(tracing::info_span!(KEEPER_SPAN)).await;
    }

    async fn store(mut self, db: &Db, clock: &SharedClock, stop: &CancellationToken) {
        let mut lines = Vec::with_capacity(BATCH);
        let mut swept = clock.monotonic();
        let mut more = false;
        loop {
            let stopping = stop.is_cancelled();
            if !stopping && !more {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = clock.sleep(GATHER) => {}
                }
            }
            while lines.len() < BATCH
                && let Ok(line) = self.lines.try_recv()
            {
                lines.push(line);
            }
            more = lines.len() == BATCH;
            self.own_up(&mut lines, clock.now());
            if !lines.is_empty()
                && let Err(error) = write(db, &lines).await
            {
                self.shared.dropped.fetch_add(lines.len() as u64, Ordering::Relaxed);
                tracing::debug!(%error, lines = lines.len(), "log lines were not stored");
            }
            lines.clear();
            if clock.monotonic().saturating_sub(swept) >= SWEEP_EVERY {
                swept = clock.monotonic();
                if let Err(error) = sweep(db, clock.now()).await {
                    tracing::debug!(%error, "old log lines were not removed");
                }
            }
            if stopping && !more {
                return;
            }
        }
    }

    /// Adds a line that says how many were lost, if any were.
    fn own_up(&self, lines: &mut Vec<NewLogLine>, now: Timestamp) {
        let dropped = self.shared.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            lines.push(NewLogLine {
                ts: now,
                level: LogLevel::Warning,
                logger: module_path!().to_owned(),
                message: format!("{dropped} log lines were dropped because they came faster than they could be stored"),
                agent: None,
                run_id: None,
                fields: Map::from_iter([("dropped".to_owned(), json!(dropped))]),
            });
        }
    }
}

async fn write(db: &Db, lines: &[NewLogLine]) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    log_lines::insert(&mut tx, lines).await?;
    tx.commit().await
}

async fn sweep(db: &Db, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    log_lines::sweep(&mut tx, now - TimeDelta::hours(HOURS), MOST_LINES).await?;
    tx.commit().await
}
