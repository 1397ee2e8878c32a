//! `hierarchy_gate_status` and its history: which levels of the goal hierarchy are open.

use domain::gate::GateReading;

use crate::engine::{Db, Row, Tx, args, missing, statements};
use crate::error::Result;

statements! {
    READ = both(
        "SELECT (SELECT CAST(COALESCE(MAX(id), 0) AS BIGINT) FROM hierarchy_gate_history) AS epoch, is_open, failing_predicates
         FROM hierarchy_gate_status WHERE level = $1",
    );
    EPOCH = both("SELECT CAST(COALESCE(MAX(id), 0) AS BIGINT) AS epoch FROM hierarchy_gate_history");
}

fn reading(row: Option<&Row>) -> Result<GateReading> {
    match row {
        Some(row) => Ok(GateReading {
            epoch: row.int("epoch")?,
            is_open: row.bool("is_open")?,
            failing_predicates: row.ints("failing_predicates")?,
        }),
        None => Ok(GateReading { epoch: 0, is_open: false, failing_predicates: Vec::new() }),
    }
}

/// What the gate says of `level`. A missing row is closed.
///
/// # Errors
/// When the database fails; treat the level as closed then.
pub async fn read(db: &Db, level: i64) -> Result<GateReading> {
    reading(db.fetch_optional(&READ, args![level]).await?.as_ref())
}

pub(crate) async fn read_in(tx: &mut Tx, level: i64) -> Result<GateReading> {
    reading(tx.fetch_optional(&READ, args![level]).await?.as_ref())
}

/// The newest gate epoch; 0 when the gate never changed.
///
/// # Errors
/// When the database fails.
pub async fn epoch(db: &Db) -> Result<i64> {
    db.fetch_optional(&EPOCH, args![]).await?.ok_or_else(|| missing("hierarchy_gate_history"))?.int("epoch")
}

pub(crate) async fn epoch_in(tx: &mut Tx) -> Result<i64> {
    tx.fetch_optional(&EPOCH, args![]).await?.ok_or_else(|| missing("hierarchy_gate_history"))?.int("epoch")
}
