//! What must hold before a job fires. What nobody can say counts as closed.

use domain::schedule::{Job, JobGate, Skip};

use super::Scheduler;
use crate::error::Result;

/// Least share kept for trying things out at which such jobs fire.
const EXPLORATION: f64 = 0.05;
/// Level of the goal hierarchy that mining asks.
const LEVEL: i64 = 5;

impl Scheduler {
    pub(super) async fn gate(&self, job: &Job) -> Result<Option<Skip>> {
        Ok(match job.gate {
            JobGate::None => None,
            JobGate::Exploration => match self.host.exploration().await {
                Some(share) if share >= EXPLORATION => None,
                Some(_) => Some(Skip::Gate("the shop keeps less than 0.05 for trying things out")),
                None => Some(Skip::Gate("nobody knows yet how much the shop keeps for trying things out")),
            },
            JobGate::Level5 => {
                let reading = store::gate::read(&self.services.db, LEVEL).await?;
                (!reading.is_open).then_some(Skip::Gate("level 5 of the goal hierarchy is closed"))
            }
        })
    }
}
