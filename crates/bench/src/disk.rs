//! What the disk and the database could do at the same moment: the ceiling under which the other figures stand.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use clock::{Clock, SystemClock};
use futures_util::future::try_join_all;
use store::audit::AuditEntry;

use crate::engine::Bench;
use crate::report::per_second;

const SPAN: Duration = Duration::from_secs(1);
const CLIENTS: usize = 16;

/// Appends of 4 KiB, each made durable before the next, per second.
pub(crate) fn appends_per_second(folder: &Path) -> Result<f64> {
    let path = folder.join("appends");
    let mut file = File::create(&path)?;
    let clock = SystemClock::new();
    let mut count = 0;
    while clock.monotonic() < SPAN {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    let elapsed = clock.monotonic();
    std::fs::remove_file(&path)?;
    Ok(per_second(count, elapsed))
}

/// Transactions of one row each, by sixteen clients at once, per second.
pub(crate) async fn commits_per_second(bench: &Bench) -> Result<f64> {
    let began = bench.clock().monotonic();
    let clients = (0..CLIENTS).map(|_| async {
        let mut count = 0_usize;
        while bench.clock().monotonic().saturating_sub(began) < SPAN {
            let mut tx = bench.services.db.begin().await?;
            store::audit::insert(&mut tx, &entry(bench)).await?;
            tx.commit().await?;
            count += 1;
        }
        anyhow::Ok(count)
    });
    let counts = try_join_all(clients).await?;
    Ok(per_second(counts.iter().sum(), bench.clock().monotonic().saturating_sub(began)))
}

fn entry(bench: &Bench) -> AuditEntry {
    AuditEntry {
        ts: bench.clock().now(),
        actor: Some("bench".to_owned()),
        role: None,
        ip: None,
        action: "bench.commit".to_owned(),
        target: None,
        outcome: "done".to_owned(),
        request_id: None,
        details: serde_json::json!({}),
    }
}
