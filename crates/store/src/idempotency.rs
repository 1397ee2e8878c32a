//! `idempotency_keys`: requests that may arrive twice.

use domain::time::Timestamp;
use serde_json::Value;

use crate::engine::{Tx, args, statements};
use crate::error::Result;
use crate::outcome::Outcome;

statements! {
    // An expired row counts as none and is taken over.
    CLAIM = both(
        "INSERT INTO idempotency_keys (scope, \"key\", request_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (scope, \"key\") DO UPDATE SET request_hash = excluded.request_hash, response = NULL, result_ref = NULL,
            created_at = excluded.created_at, expires_at = excluded.expires_at
         WHERE idempotency_keys.expires_at <= excluded.created_at",
    );
    READ = both("SELECT request_hash, response FROM idempotency_keys WHERE scope = $1 AND \"key\" = $2");
    STORE = both("UPDATE idempotency_keys SET response = $3 WHERE scope = $1 AND \"key\" = $2");
    PRUNE = both("DELETE FROM idempotency_keys WHERE expires_at <= $1");
}

/// What a key says of a request.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum Claimed {
    /// It is the first one.
    New,
    /// It came before; what was answered, none while the first is under way.
    Same(Option<Value>),
    /// The key was used with another body.
    OtherBody,
}

/// Claims a key for a request. Of two at once the second waits for the first one's transaction.
///
/// # Errors
/// When a statement fails.
pub async fn claim(
    tx: &mut Tx,
    scope: &str,
    key: &str,
    request_hash: &str,
    now: Timestamp,
    expires: Timestamp,
) -> Result<Claimed> {
    if tx.execute(&CLAIM, args![scope, key, request_hash, now, expires]).await? == 1 {
        return Ok(Claimed::New);
    }
    let Some(row) = tx.fetch_optional(&READ, args![scope, key]).await? else { return Ok(Claimed::New) };
    if row.text("request_hash")? == request_hash {
        Ok(Claimed::Same(row.opt_json("response")?))
    } else {
        Ok(Claimed::OtherBody)
    }
}

/// Keeps what the first request was answered.
///
/// # Errors
/// When a statement fails.
pub async fn store_response(tx: &mut Tx, scope: &str, key: &str, response: &Value) -> Result<Outcome> {
    let changed = tx.execute(&STORE, args![scope, key, response]).await?;
    Ok(if changed == 1 { Outcome::Done } else { Outcome::Gone })
}

/// Removes keys whose time is over and says how many.
///
/// # Errors
/// When a statement fails.
pub async fn prune(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.execute(&PRUNE, args![now]).await
}
