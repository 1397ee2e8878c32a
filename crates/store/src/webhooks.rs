//! `webhook_events`: every verified delivery, once.

use domain::ids::{RunId, WebhookEventId};
use domain::time::Timestamp;
use serde_json::Value;

use crate::engine::{Db, Row, Tx, args, statements};
use crate::error::Result;
use crate::outcome::Outcome;

macro_rules! columns {
    () => {
        "id, provider, event_id, event_type, priority, resource_key, occurred_at, received_at, payload, headers_subset, state, run_id, attempts, last_error, duplicates"
    };
}

statements! {
    INSERT = both(
        "INSERT INTO webhook_events (provider, event_id, event_type, priority, resource_key, occurred_at, received_at, payload, headers_subset, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'received') ON CONFLICT (provider, event_id) DO NOTHING RETURNING id",
    );
    DUPLICATE = both("UPDATE webhook_events SET duplicates = duplicates + 1 WHERE provider = $1 AND event_id = $2");
    MARK = both(
        "UPDATE webhook_events SET state = $2, run_id = COALESCE($3, run_id), last_error = $4,
                attempts = attempts + CASE WHEN $2 = 'failed' THEN 1 ELSE 0 END WHERE id = $1",
    );
    COUNTS = both("SELECT provider, state, COUNT(*) AS n FROM webhook_events GROUP BY provider, state ORDER BY provider, state");
    GET = both(concat!("SELECT ", columns!(), " FROM webhook_events WHERE id = $1"));
    FIND = both(concat!("SELECT ", columns!(), " FROM webhook_events WHERE provider = $1 AND event_id = $2"));
    // Every event of each resource whose first event has waited long enough.
    COALESCED = per_engine(
        concat!("SELECT ", columns!(), " FROM webhook_events WHERE state = 'received' AND resource_key IN
            (SELECT resource_key FROM webhook_events WHERE state = 'received' AND resource_key IS NOT NULL
             GROUP BY resource_key HAVING MIN(received_at) <= $1 ORDER BY MIN(received_at) LIMIT $2)
         ORDER BY resource_key, received_at, id FOR UPDATE SKIP LOCKED"),
        concat!("SELECT ", columns!(), " FROM webhook_events WHERE state = 'received' AND resource_key IN
            (SELECT resource_key FROM webhook_events WHERE state = 'received' AND resource_key IS NOT NULL
             GROUP BY resource_key HAVING MIN(received_at) <= $1 ORDER BY MIN(received_at) LIMIT $2)
         ORDER BY resource_key, received_at, id"),
    );
    RETRY = both(concat!("SELECT ", columns!(), " FROM webhook_events
         WHERE state IN ('failed', 'received') AND attempts > 0 AND attempts < $1 ORDER BY received_at, id LIMIT $2"));
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WebhookState {
    /// Kept; a run may follow.
    Received,
    /// Dealt with.
    Dispatched,
    /// Nothing to do.
    Ignored,
    /// Dealing with it failed.
    Failed,
}

impl WebhookState {
    /// The text in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Dispatched => "dispatched",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
        }
    }

    /// Reads the text of rows.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Received, Self::Dispatched, Self::Ignored, Self::Failed].into_iter().find(|state| state.as_str() == text)
    }
}

/// A verified delivery about to be kept.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// `shopify`, `stripe`, `printful`.
    pub provider: String,
    /// The provider's id of the event; a second delivery of it changes nothing.
    pub event_id: String,
    /// Its kind.
    pub event_type: String,
    /// `high`, `normal`, ...
    pub priority: String,
    /// The object it is about, for coalescing.
    pub resource_key: Option<String>,
    /// When it happened, as the provider says.
    pub occurred_at: Option<Timestamp>,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The body, redacted.
    pub payload: Value,
    /// The headers that matter.
    pub headers_subset: Value,
}

/// One row of `webhook_events`.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookEvent {
    /// Row id.
    pub id: WebhookEventId,
    /// Who sent it.
    pub provider: String,
    /// The provider's id.
    pub event_id: String,
    /// Its kind.
    pub event_type: String,
    /// How urgent.
    pub priority: String,
    /// The object it is about.
    pub resource_key: Option<String>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// When it arrived first.
    pub received_at: Timestamp,
    /// The body, redacted.
    pub payload: Value,
    /// The headers that matter.
    pub headers_subset: Value,
    /// How far it has come.
    pub state: WebhookState,
    /// The run it started.
    pub run_id: Option<RunId>,
    /// Failed attempts to deal with it.
    pub attempts: i64,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// Further deliveries of it.
    pub duplicates: i64,
}

/// Whether a delivery is news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Inserted {
    /// It is; its row.
    New(WebhookEventId),
    /// It came before; counted, nothing else to do.
    Duplicate,
}

fn read(row: &Row) -> Result<WebhookEvent> {
    Ok(WebhookEvent {
        id: WebhookEventId(row.int("id")?),
        provider: row.text("provider")?,
        event_id: row.text("event_id")?,
        event_type: row.text("event_type")?,
        priority: row.text("priority")?,
        resource_key: row.opt_text("resource_key")?,
        occurred_at: row.opt_ts("occurred_at")?,
        received_at: row.ts("received_at")?,
        payload: row.json("payload")?,
        headers_subset: row.json("headers_subset")?,
        state: row.parsed("state", WebhookState::parse)?,
        run_id: row.opt_text("run_id")?.map(RunId::from_stored),
        attempts: row.int("attempts")?,
        last_error: row.opt_text("last_error")?,
        duplicates: row.int("duplicates")?,
    })
}

/// Keeps a delivery as `received`, or counts it as a duplicate.
///
/// # Errors
/// When a statement fails.
pub async fn insert(tx: &mut Tx, w: &NewWebhook) -> Result<Inserted> {
    let values = args![
        &w.provider,
        &w.event_id,
        &w.event_type,
        &w.priority,
        w.resource_key.as_ref(),
        w.occurred_at,
        w.received_at,
        &w.payload,
        &w.headers_subset,
    ];
    if let Some(row) = tx.fetch_optional(&INSERT, values).await? {
        return Ok(Inserted::New(WebhookEventId(row.int("id")?)));
    }
    tx.execute(&DUPLICATE, args![&w.provider, &w.event_id]).await?;
    Ok(Inserted::Duplicate)
}

/// Records how far a delivery has come; `Failed` counts an attempt.
///
/// # Errors
/// When a statement fails.
pub async fn mark(
    tx: &mut Tx,
    id: WebhookEventId,
    state: WebhookState,
    run_id: Option<&RunId>,
    last_error: Option<&str>,
) -> Result<Outcome> {
    let changed = tx.execute(&MARK, args![id, state.as_str(), run_id, last_error]).await?;
    Ok(if changed == 1 { Outcome::Done } else { Outcome::Gone })
}

/// One delivery by row.
///
/// # Errors
/// When the database fails or the row cannot be read.
pub async fn get(db: &Db, id: WebhookEventId) -> Result<Option<WebhookEvent>> {
    db.fetch_optional(&GET, args![id]).await?.as_ref().map(read).transpose()
}

/// One delivery by the provider's id.
///
/// # Errors
/// As [`get`].
pub async fn find(db: &Db, provider: &str, event_id: &str) -> Result<Option<WebhookEvent>> {
    db.fetch_optional(&FIND, args![provider, event_id]).await?.as_ref().map(read).transpose()
}

/// How many deliveries of each provider stand in each state.
///
/// # Errors
/// When the database fails.
pub async fn counts(db: &Db) -> Result<Vec<(String, String, i64)>> {
    let rows = db.fetch_all(&COUNTS, args![]).await?;
    rows.iter().map(|row| Ok((row.text("provider")?, row.text("state")?, row.int("n")?))).collect()
}

/// All waiting events of up to `limit` resources whose first event arrived at or before `arrived_by`; of each resource
/// the newest comes last.
///
/// # Errors
/// When a statement fails.
pub async fn coalesced_due(tx: &mut Tx, arrived_by: Timestamp, limit: i64) -> Result<Vec<WebhookEvent>> {
    tx.fetch_all(&COALESCED, args![arrived_by, limit]).await?.iter().map(read).collect()
}

/// Deliveries that failed fewer than `max_attempts` times, oldest first.
///
/// # Errors
/// As [`get`].
pub async fn to_retry(db: &Db, max_attempts: i64, limit: i64) -> Result<Vec<WebhookEvent>> {
    db.fetch_all(&RETRY, args![max_attempts, limit]).await?.iter().map(read).collect()
}
