//! `security_audit`: who did what, and whether it was allowed.

use domain::time::Timestamp;
use serde_json::Value;

use crate::engine::{Db, Tx, args, missing, statements};
use crate::error::Result;

statements! {
    INSERT = both(
        "INSERT INTO security_audit (ts, actor, role, ip, action, target, outcome, request_id, details)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    );
    COUNT = both("SELECT COUNT(*) AS n FROM security_audit WHERE action = $1");
}

/// One entry.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// When.
    pub ts: Timestamp,
    /// Subject of the token.
    pub actor: Option<String>,
    /// Role of the token.
    pub role: Option<String>,
    /// Where from.
    pub ip: Option<String>,
    /// What, e.g. `ticket.decide`.
    pub action: String,
    /// On what.
    pub target: Option<String>,
    /// `ok`, `denied`, `failed`.
    pub outcome: String,
    /// Trace of the request.
    pub request_id: Option<String>,
    /// More, redacted.
    pub details: Value,
}

/// Adds an entry.
///
/// # Errors
/// When a statement fails.
pub async fn insert(tx: &mut Tx, e: &AuditEntry) -> Result<()> {
    let values = args![
        e.ts,
        e.actor.as_ref(),
        e.role.as_ref(),
        e.ip.as_ref(),
        &e.action,
        e.target.as_ref(),
        &e.outcome,
        e.request_id.as_ref(),
        &e.details,
    ];
    tx.execute(&INSERT, values).await.map(drop)
}

/// How many entries there are of `action`.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &Db, action: &str) -> Result<i64> {
    db.fetch_optional(&COUNT, args![action]).await?.ok_or_else(|| missing("security_audit"))?.int("n")
}
