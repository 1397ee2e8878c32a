//! Limits of a segment.

use domain::budget::{InvalidLimit, Limits};
use domain::workflow::ValidatedWorkflow;
use serde_json::Value;

/// Default limit of one segment, seconds.
pub const DEFAULT_SEGMENT_SECONDS: u64 = 300;
/// No segment runs longer, whatever is configured.
pub const MAX_SEGMENT_SECONDS: u64 = 600;

/// Seconds a segment may take: the start request's wish, else the workflow's, else the default; never above the ceiling.
#[must_use]
pub fn segment_seconds(metadata: &Value, workflow: Option<&ValidatedWorkflow>) -> u64 {
    let asked = metadata.get("timeout_seconds").and_then(Value::as_u64);
    let configured = workflow.and_then(|workflow| workflow.error_config().timeout_seconds);
    asked.or(configured).unwrap_or(DEFAULT_SEGMENT_SECONDS).clamp(1, MAX_SEGMENT_SECONDS)
}

/// Limits of a run: the defaults, set by its workflow, lowered by its start request.
///
/// # Errors
/// When one of them names a limit that does not exist.
pub fn of_run(workflow: &ValidatedWorkflow, metadata: &Value) -> Result<Limits, InvalidLimit> {
    let limits = Limits::default().set_by(&workflow.error_config().limits)?;
    limits.lowered_by(metadata.get("limits").unwrap_or(&Value::Null))
}
