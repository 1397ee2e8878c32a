//! `bus_outbox`: messages that belong to a commit.

use domain::event::OutboxMessage;
use domain::time::{Timestamp, to_text};
use serde::Serialize;
use std::borrow::Borrow;

use crate::bulk;
use crate::engine::{Tx, statements};
use crate::error::Result;

statements! {
    INSERT = per_engine(
        "INSERT INTO bus_outbox (msg_id, stream, msg_type, source, payload, created_at)
         SELECT msg_id, stream, msg_type, source, CAST(payload AS jsonb), created_at
         FROM json_to_recordset(CAST($1 AS json)) AS x(msg_id text, stream text, msg_type text, source text, payload text, created_at timestamptz)",
        "INSERT INTO bus_outbox (msg_id, stream, msg_type, source, payload, created_at)
         SELECT value ->> '$.msg_id', value ->> '$.stream', value ->> '$.msg_type', value ->> '$.source', value ->> '$.payload', value ->> '$.created_at'
         FROM json_each($1)",
    );
}

/// Who sends what this crate commits.
const SOURCE: &str = "tower";

#[derive(Debug, Serialize)]
pub(crate) struct OutboxRow {
    msg_id: String,
    stream: &'static str,
    msg_type: &'static str,
    source: &'static str,
    payload: String,
    created_at: String,
}

impl OutboxRow {
    pub(crate) fn new(message: &OutboxMessage, now: Timestamp) -> Result<Self> {
        Ok(Self {
            msg_id: message.msg_id.clone(),
            stream: message.stream,
            msg_type: message.msg_type,
            source: SOURCE,
            payload: bulk::json(&message.payload)?,
            created_at: to_text(now),
        })
    }
}

pub(crate) async fn insert_rows<R: Borrow<OutboxRow> + Serialize + Sync>(tx: &mut Tx, rows: &[R]) -> Result<()> {
    if !rows.is_empty() {
        tx.execute(&INSERT, vec![bulk::rows(rows)?]).await?;
    }
    Ok(())
}

/// Puts `messages` into the transaction.
///
/// # Errors
/// When a statement fails, or a message id exists already.
pub async fn insert(tx: &mut Tx, messages: &[OutboxMessage], now: Timestamp) -> Result<()> {
    let rows = messages.iter().map(|message| OutboxRow::new(message, now)).collect::<Result<Vec<_>>>()?;
    insert_rows(tx, &rows).await
}
