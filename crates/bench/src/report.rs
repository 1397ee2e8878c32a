//! The figures, as a table for people and as JSON.

use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;

use crate::latency::Wait;
use crate::machine::Machine;
use crate::throughput::{Enqueue, Runs};

/// All figures of one measurement.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) engines: Vec<Engine>,
}

/// The figures of one database.
#[derive(Debug, Serialize)]
pub(crate) struct Engine {
    pub(crate) name: String,
    /// Durable appends to a file on the same disk per second.
    pub(crate) disk_appends: f64,
    /// One-row transactions of sixteen clients per second.
    pub(crate) commits_16_clients: f64,
    pub(crate) enqueue: Enqueue,
    pub(crate) runs: Runs,
    pub(crate) start: Wait,
    pub(crate) decision: Wait,
}

impl Report {
    /// The table.
    pub(crate) fn table(&self) -> String {
        let mut text = format!("{}\n", self.machine);
        for engine in &self.engines {
            let e = engine;
            let rows = [
                ("disk: durable 4 KiB appends/s", format!("{:.0}", e.disk_appends)),
                ("one-row commits/s, 16 clients", format!("{:.0}", e.commits_16_clients)),
                ("enqueue/s, one by one", format!("{:.0}", e.enqueue.one_by_one)),
                ("enqueue/s, 500 at a time", format!("{:.0}", e.enqueue.batches)),
                ("3-step runs/s, 64 in flight", format!("{:.0}  ({} runs)", e.runs.runs, e.runs.count)),
                ("steps/s", format!("{:.0}", e.runs.steps)),
                ("enqueue to first node, ms", format!("p50 {:.2}  p99 {:.2}", e.start.p50_ms, e.start.p99_ms)),
                ("decision to continue, ms", format!("p50 {:.2}  p99 {:.2}", e.decision.p50_ms, e.decision.p99_ms)),
            ];
            let _ = write!(text, "\n{}\n", e.name);
            for (what, figure) in rows {
                let _ = writeln!(text, "  {what:<32} {figure}");
            }
        }
        text
    }
}

/// Things per second.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn per_second(count: usize, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64().max(1e-9)
}
