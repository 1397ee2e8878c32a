//! Revoked tokens, in memory: they are asked for on every request.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use api::ports::Revocations;
use clock::SharedClock;
use store::{Db, StoreError, revoked_tokens};

/// How often the table is read again. So long a revocation may take to be noticed.
const REFRESH: Duration = Duration::from_secs(5);
/// Refreshes between two removals of what has expired anyway.
const PRUNE_EVERY: u32 = 720;

/// The revoked tokens that have not expired.
#[derive(Debug, Clone, Default)]
pub(super) struct RevokedTokens(Arc<RwLock<HashSet<String>>>);

impl Revocations for RevokedTokens {
    fn is_revoked(&self, jti: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(jti)
    }
}

impl RevokedTokens {
    /// What the table holds now. A server that cannot read it does not start.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn read(db: &Db, clock: &SharedClock) -> Result<Self, StoreError> {
        let revoked = Self::default();
        revoked.refresh(db, clock).await?;
        Ok(revoked)
    }

    async fn refresh(&self, db: &Db, clock: &SharedClock) -> Result<(), StoreError> {
        let fresh = revoked_tokens::active(db, clock.now()).await?.into_iter().collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Keeps up with the table for ever. While the database is away, what was known stays known.
    pub(super) async fn keep_up(self, db: Db, clock: SharedClock) {
        let mut rounds = 0_u32;
        loop {
            clock.sleep(REFRESH).await;
            if let Err(error) = self.refresh(&db, &clock).await {
                tracing::warn!(%error, "revoked tokens could not be read; the known ones stay revoked");
            }
            rounds += 1;
            if rounds >= PRUNE_EVERY {
                rounds = 0;
                if let Err(error) = prune(&db, &clock).await {
                    tracing::warn!(%error, "expired revocations were not removed");
                }
            }
        }
    }
}

async fn prune(db: &Db, clock: &SharedClock) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    revoked_tokens::prune(&mut tx, clock.now()).await?;
    tx.commit().await
}
