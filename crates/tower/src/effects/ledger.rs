//! The effect rows as the passage asks for them.

use domain::time::Timestamp;
use gateway::{Begin, BlockReason, Ledger, LedgerError};
use store::Db;
use store::effects::{BeginEffect, Blocked};

/// The ledger over the store.
pub(super) struct StoreLedger<'a> {
    pub(super) db: &'a Db,
    pub(super) now: Timestamp,
}

#[async_trait::async_trait]
impl Ledger for StoreLedger<'_> {
    async fn begin(&self, begin: &Begin) -> Result<Result<(), BlockReason>, LedgerError> {
        let row = BeginEffect {
            effect_id: begin.effect_id.clone(),
            run_id: begin.run_id.clone(),
            fence: begin.fence.clone(),
            payload_hash: begin.payload_hash.clone(),
            policy_version: begin.policy_version.clone(),
            goal_level: begin.goal_level.map(i64::from),
            order: begin.order.clone(),
            ticket_id: begin.ticket_id,
            now: self.now,
        };
        let begun = store::effects::begin(self.db, &row).await.map_err(|error| LedgerError(Box::new(error)))?;
        Ok(begun.map_err(|blocked| match blocked {
            Blocked::Gate { .. } => BlockReason::Gate,
            Blocked::Hash => BlockReason::Hash,
            Blocked::Order => BlockReason::Order,
            Blocked::Policy => BlockReason::Policy,
            Blocked::Lease => BlockReason::Lease,
        }))
    }
}
