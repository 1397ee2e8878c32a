//! The goal gate, as the gateway asks it: may an effect that serves this level go out now?

use serde::{Deserialize, Serialize};

/// What the gate says of one level at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReading {
    /// Newest `hierarchy_gate_history.id`; 0 when there is none.
    pub epoch: i64,
    /// Whether the level is open. A missing row counts as closed.
    pub is_open: bool,
    /// Indices of the predicates that hold it closed.
    pub failing_predicates: Vec<i64>,
}

impl GateReading {
    /// The reading of an effect that serves no level.
    #[must_use]
    pub fn not_needed(epoch: i64) -> Self {
        Self { epoch, is_open: true, failing_predicates: Vec::new() }
    }
}
