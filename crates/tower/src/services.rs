//! What the parts of the Tower share.

use std::sync::Arc;
use std::time::Duration;

use clock::{Ids, SharedClock};
use domain::guardrails::Redactor;
use store::Db;
use store::writer::Writer;

use crate::effects::ToolCatalog;
use crate::live::Hub;
use crate::supervisor::Supervisor;

/// Whether mutating calls leave the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectsMode {
    /// They do.
    On,
    /// Look-only: each is recorded as `not_sent`.
    Off,
}

/// Settings of the Tower.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of this process in its leases.
    pub instance: String,
    /// Runs executed at once.
    pub workers: usize,
    /// Whether mutating calls leave the process.
    pub effects: EffectsMode,
    /// Longest time a shutdown waits for segments to reach their next checkpoint.
    pub shutdown_grace: Duration,
    /// Whether spans keep whole inputs and outputs, redacted; else their begin only.
    pub trace_content: bool,
}

/// What the parts of the Tower share. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The store.
    pub db: Db,
    /// The group-commit writer.
    pub writer: Writer,
    /// The clock.
    pub clock: SharedClock,
    /// Ids drawn at random.
    pub ids: Ids,
    /// The tools.
    pub tools: Arc<dyn ToolCatalog>,
    /// Removes secrets from what is stored or shown.
    pub redactor: Arc<Redactor>,
    /// Settings.
    pub settings: Arc<Settings>,
    /// Owner of the tasks.
    pub supervisor: Supervisor,
    /// Live events of this process.
    pub live: Hub,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").field("settings", &self.settings).finish_non_exhaustive()
    }
}
