//! The passage itself: ledger first, then the call.

use domain::ids::{EffectId, OrderKey, RunId, TicketId};
use domain::lease::Fence;
use serde::{Deserialize, Serialize};

use crate::tool::{Executed, Resolved, SendError, Tool};

/// The right to make one mutating call. Not `Clone`, and only [`pass`] makes one.
///
/// A connector that mutates takes it by value; it carries what the upstream is told about who calls.
#[derive(Debug)]
#[must_use = "a permit that is dropped leaves its effect `executing`"]
pub struct Permit {
    effect_id: EffectId,
    payload_hash: String,
    provider_key: String,
}

impl Permit {
    /// The effect this call performs.
    #[must_use]
    pub fn effect_id(&self) -> &EffectId {
        &self.effect_id
    }

    /// The hash of what was approved.
    #[must_use]
    pub fn payload_hash(&self) -> &str {
        &self.payload_hash
    }

    /// The idempotency key or external id that the upstream is given.
    #[must_use]
    pub fn provider_key(&self) -> &str {
        &self.provider_key
    }
}

/// What the ledger needs to know to let an effect go.
#[derive(Debug, Clone)]
pub struct Begin {
    /// The effect.
    pub effect_id: EffectId,
    /// Its run.
    pub run_id: RunId,
    /// The lease under which the caller works.
    pub fence: Fence,
    /// Hash of the call that is about to be made; must equal the row's and the ticket's.
    pub payload_hash: String,
    /// Policy in force now; must equal the row's.
    pub policy_version: String,
    /// Idempotency key or external id that goes to the upstream.
    pub provider_key: String,
    /// Level whose gate must be open; none when the tool serves none or a person let it through.
    pub goal_level: Option<u8>,
    /// For printing: the order, and the version of its row that the call was resolved with.
    pub order: Option<(OrderKey, i64)>,
    /// The ticket that approved it, when one was needed.
    pub ticket_id: Option<TicketId>,
}

/// Why the guarded statement matched no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockReason {
    /// The level it serves is closed.
    Gate,
    /// The budget does not allow it.
    Budget,
    /// What would be sent is not what was approved.
    Hash,
    /// The order is not paid, cancelled, a test, or changed since.
    Order,
    /// The rules changed since the approval.
    Policy,
    /// The upstream's breaker is open.
    Breaker,
    /// The lease is gone, the run is cancelled, or the effect is in another state.
    Lease,
}

impl BlockReason {
    /// The text in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Budget => "budget",
            Self::Hash => "hash",
            Self::Order => "order",
            Self::Policy => "policy",
            Self::Breaker => "breaker",
            Self::Lease => "lease",
        }
    }
}

/// The ledger could not be reached; nothing was sent.
#[derive(Debug, thiserror::Error)]
#[error("the effect ledger could not be written")]
pub struct LedgerError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Keeps the effect rows. Implemented by `tower` over the store.
#[async_trait::async_trait]
pub trait Ledger: Send + Sync {
    /// Moves the effect to `executing` in one guarded statement, or says which condition failed.
    async fn begin(&self, begin: &Begin) -> Result<Result<(), BlockReason>, LedgerError>;
}

/// How a passage ended.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once per effect; a box would cost every reader a line")]
pub enum Passed {
    /// The guarded statement refused; nothing was sent.
    Blocked(BlockReason),
    /// The call was made and the upstream's answer is clear.
    Done(Executed),
    /// The call failed in one of the ways of [`SendError`].
    Failed(SendError),
}

/// Lets one effect through: the ledger moves the row to `executing`, then the tool makes the call once.
///
/// # Errors
/// When the ledger cannot be written; then nothing was sent.
pub async fn pass(ledger: &dyn Ledger, tool: &dyn Tool, call: &Resolved, begin: Begin) -> Result<Passed, LedgerError> {
    if let Err(reason) = ledger.begin(&begin).await? {
        return Ok(Passed::Blocked(reason));
    }
    let permit =
        Permit { effect_id: begin.effect_id, payload_hash: begin.payload_hash, provider_key: begin.provider_key };
    Ok(match tool.execute(permit, call).await {
        Ok(executed) => Passed::Done(executed),
        Err(error) => Passed::Failed(error),
    })
}
