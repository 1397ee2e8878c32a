//! `leader_leases`: one active instance of a role.

use domain::lease::Fence;
use domain::time::Timestamp;

use crate::engine::{Db, args, statements};
use crate::error::Result;

statements! {
    ACQUIRE = both(
        "INSERT INTO leader_leases (name, owner, epoch, lease_until, updated_at) VALUES ($1, $2, 1, $3, $4)
         ON CONFLICT (name) DO UPDATE SET epoch = leader_leases.epoch + CASE WHEN leader_leases.owner = excluded.owner
                AND leader_leases.lease_until > excluded.updated_at THEN 0 ELSE 1 END,
            owner = excluded.owner, lease_until = excluded.lease_until, updated_at = excluded.updated_at
         WHERE leader_leases.owner IS NULL OR leader_leases.owner = excluded.owner OR leader_leases.lease_until IS NULL
            OR leader_leases.lease_until <= excluded.updated_at
         RETURNING epoch",
    );
    RENEW = both(
        "UPDATE leader_leases SET lease_until = $4, updated_at = $5 WHERE name = $1 AND owner = $2 AND epoch = $3 AND lease_until > $5",
    );
    RESIGN = both("UPDATE leader_leases SET owner = NULL, lease_until = NULL, updated_at = $4 WHERE name = $1 AND owner = $2 AND epoch = $3");
}

/// Takes the lead when nobody has it, or it is ours already; none: somebody else leads.
///
/// # Errors
/// When the database fails.
pub async fn acquire(db: &Db, name: &str, owner: &str, until: Timestamp, now: Timestamp) -> Result<Option<Fence>> {
    let mut tx = db.begin().await?;
    let row = tx.fetch_optional(&ACQUIRE, args![name, owner, until, now]).await?;
    tx.commit().await?;
    row.map(|row| Ok(Fence { owner: owner.to_owned(), epoch: row.int("epoch")? })).transpose()
}

/// Keeps the lead; false: it is lost.
///
/// # Errors
/// When the database fails.
pub async fn renew(db: &Db, name: &str, fence: &Fence, until: Timestamp, now: Timestamp) -> Result<bool> {
    let mut tx = db.begin().await?;
    let kept = tx.execute(&RENEW, args![name, &fence.owner, fence.epoch, until, now]).await? == 1;
    tx.commit().await?;
    Ok(kept)
}

/// Gives the lead up at once, so that another need not wait for the lease.
///
/// # Errors
/// When the database fails.
pub async fn resign(db: &Db, name: &str, fence: &Fence, now: Timestamp) -> Result<()> {
    let mut tx = db.begin().await?;
    tx.execute(&RESIGN, args![name, &fence.owner, fence.epoch, now]).await?;
    tx.commit().await
}
