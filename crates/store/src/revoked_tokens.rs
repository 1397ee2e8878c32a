//! `revoked_tokens`: tokens that no longer count, until they would have expired anyway.

use domain::time::Timestamp;

use crate::engine::{Db, Tx, args, statements};
use crate::error::Result;

statements! {
    INSERT = both("INSERT INTO revoked_tokens (jti, expires_at, revoked_at) VALUES ($1, $2, $3) ON CONFLICT (jti) DO NOTHING");
    FIND = both("SELECT jti FROM revoked_tokens WHERE jti = $1");
    ACTIVE = both("SELECT jti FROM revoked_tokens WHERE expires_at > $1");
    PRUNE = both("DELETE FROM revoked_tokens WHERE expires_at <= $1");
}

/// Revokes a token; again changes nothing.
///
/// # Errors
/// When a statement fails.
pub async fn revoke(tx: &mut Tx, jti: &str, expires_at: Timestamp, now: Timestamp) -> Result<()> {
    tx.execute(&INSERT, args![jti, expires_at, now]).await.map(drop)
}

/// Whether a token was revoked.
///
/// # Errors
/// When the database fails; treat the token as revoked then.
pub async fn is_revoked(db: &Db, jti: &str) -> Result<bool> {
    Ok(db.fetch_optional(&FIND, args![jti]).await?.is_some())
}

/// All revoked tokens that would still count.
///
/// # Errors
/// When the database fails.
pub async fn active(db: &Db, now: Timestamp) -> Result<Vec<String>> {
    db.fetch_all(&ACTIVE, args![now]).await?.iter().map(|row| row.text("jti")).collect()
}

/// Removes entries of tokens that have expired and says how many.
///
/// # Errors
/// When a statement fails.
pub async fn prune(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.execute(&PRUNE, args![now]).await
}
