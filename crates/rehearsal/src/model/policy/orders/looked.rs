//! The report on a look at all orders, from the counts that came with the task.

use serde_json::{Value, json};

use crate::model::reading::Reading;

use super::facts::Subject;
use super::{Answer, Report};

/// The counts of the look, when the task is to report on one.
pub(super) fn counts(reading: &Reading) -> Option<&Value> {
    reading.payload.as_ref().and_then(|payload| payload.get("prepared")).filter(|counts| counts.get("orders").is_some())
}

/// The report.
pub(super) fn report(counts: &Value, subject: &Subject) -> Answer {
    let count = |name: &str| counts.get(name).and_then(Value::as_u64).unwrap_or(0);
    let (orders, started, left) = (count("orders"), count("started"), count("left"));
    let summary = match (started, left) {
        (0, 0) => format!("Looked at {orders} changed orders; none waits without a run."),
        (_, 0) => format!("Looked at {orders} changed orders; took up {started} that no run was at work on."),
        _ => format!("Looked at {orders} changed orders; took up {started}, {left} are left to the next look."),
    };
    Report::done("order_check", subject, summary).with("counts", json!(counts)).answer()
}
