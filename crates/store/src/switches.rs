//! `system_switches`: maintenance, and workflows that are held back.

use domain::time::Timestamp;
use serde::Serialize;

use crate::engine::{Db, Row, Tx, args, statements};
use crate::error::Result;

statements! {
    SET = both(
        "INSERT INTO system_switches (name, on_state, reason, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO UPDATE SET on_state = excluded.on_state, reason = excluded.reason,
            changed_by = excluded.changed_by, changed_at = excluded.changed_at",
    );
    GET = both("SELECT name, on_state, reason, changed_by, changed_at FROM system_switches WHERE name = $1");
}

/// The switch that stops all claims and jobs.
pub const MAINTENANCE: &str = "maintenance";

/// The switch that holds one workflow back.
#[must_use]
pub fn workflow_switch(workflow_id: &str) -> String {
    format!("workflow:{workflow_id}")
}

/// One switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switch {
    /// Its name.
    pub name: String,
    /// On: what it names is held back.
    pub on: bool,
    /// Why.
    pub reason: String,
    /// Who set it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

fn read(row: &Row) -> Result<Switch> {
    Ok(Switch {
        name: row.text("name")?,
        on: row.bool("on_state")?,
        reason: row.text("reason")?,
        changed_by: row.text("changed_by")?,
        changed_at: row.ts("changed_at")?,
    })
}

/// Sets a switch.
///
/// # Errors
/// When a statement fails.
pub async fn set(tx: &mut Tx, name: &str, on: bool, reason: &str, by: &str, now: Timestamp) -> Result<()> {
    tx.execute(&SET, args![name, on, reason, by, now]).await.map(drop)
}

/// One switch; none when it was never set, which means off.
///
/// # Errors
/// When the database fails.
pub async fn get(db: &Db, name: &str) -> Result<Option<Switch>> {
    db.fetch_optional(&GET, args![name]).await?.as_ref().map(read).transpose()
}
