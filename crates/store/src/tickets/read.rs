//! Reading tickets, and inserting one.

use domain::ids::{CheckpointId, EffectId, InterruptId, RunId, TicketId};
use domain::ticket::{NewTicket, Ticket, TicketStatus, TicketType};
use domain::tool::Risk;

use crate::engine::{Db, Row, Tx, args, missing, statements};
use crate::error::Result;

macro_rules! columns {
    () => {
        "id, run_id, ticket_type, risk_level, status, proposed_action, context_pack, decision_payload, checkpoint_id, interrupt_id, created_at, decided_at, decided_by, expires_at, payload_hash, effect_id, gate_epoch, policy_version"
    };
}
pub(crate) use columns;

statements! {
    GET = both(concat!("SELECT ", columns!(), " FROM tower_tickets WHERE id = $1"));
    GET_LOCKED = per_engine(
        concat!("SELECT ", columns!(), " FROM tower_tickets WHERE id = $1 FOR UPDATE"),
        concat!("SELECT ", columns!(), " FROM tower_tickets WHERE id = $1"),
    );
    LIST = both(concat!("SELECT ", columns!(), " FROM tower_tickets
         WHERE (CAST($1 AS TEXT) IS NULL OR status = $1) AND (CAST($2 AS TEXT) IS NULL OR risk_level = $2)
         ORDER BY created_at DESC, id DESC LIMIT $3"));
    COUNT_PENDING = both("SELECT COUNT(*) AS n FROM tower_tickets WHERE status = 'pending'");
    INSERT = both(
        "INSERT INTO tower_tickets (run_id, ticket_type, risk_level, proposed_action, context_pack, checkpoint_id, interrupt_id,
                created_at, expires_at, payload_hash, effect_id, gate_epoch, policy_version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
    );
}

pub(crate) fn read(row: &Row) -> Result<Ticket> {
    Ok(Ticket {
        id: TicketId(row.int("id")?),
        run_id: row.text("run_id")?,
        ticket_type: row.parsed("ticket_type", TicketType::parse)?,
        risk_level: row.parsed("risk_level", Risk::parse)?,
        status: row.parsed("status", TicketStatus::parse)?,
        proposed_action: row.json("proposed_action")?,
        context_pack: row.json("context_pack")?,
        decision_payload: row.opt_json("decision_payload")?,
        checkpoint_id: row.opt_text("checkpoint_id")?.map(CheckpointId::from_stored),
        interrupt_id: row.opt_text("interrupt_id")?.map(InterruptId::from_stored),
        created_at: row.ts("created_at")?,
        decided_at: row.opt_ts("decided_at")?,
        decided_by: row.opt_text("decided_by")?,
        expires_at: row.ts("expires_at")?,
        payload_hash: row.opt_text("payload_hash")?,
        effect_id: row.opt_text("effect_id")?.map(EffectId::from_stored),
        gate_epoch: row.opt_int("gate_epoch")?,
        policy_version: row.opt_text("policy_version")?,
    })
}

/// One ticket.
///
/// # Errors
/// When the database fails or the row cannot be read.
pub async fn get(db: &Db, id: TicketId) -> Result<Option<Ticket>> {
    db.fetch_optional(&GET, args![id]).await?.as_ref().map(read).transpose()
}

/// One ticket, locked until the transaction ends.
///
/// # Errors
/// As [`get`].
pub async fn get_in(tx: &mut Tx, id: TicketId) -> Result<Option<Ticket>> {
    tx.fetch_optional(&GET_LOCKED, args![id]).await?.as_ref().map(read).transpose()
}

pub(super) async fn get_in_unlocked(tx: &mut Tx, id: TicketId) -> Result<Option<Ticket>> {
    tx.fetch_optional(&GET, args![id]).await?.as_ref().map(read).transpose()
}

/// Tickets, newest first.
///
/// # Errors
/// As [`get`].
pub async fn list(db: &Db, status: Option<TicketStatus>, risk: Option<Risk>, limit: i64) -> Result<Vec<Ticket>> {
    let values = args![status.map(TicketStatus::as_str), risk.map(Risk::as_str), limit];
    db.fetch_all(&LIST, values).await?.iter().map(read).collect()
}

/// How many tickets wait for a person.
///
/// # Errors
/// When the database fails.
pub async fn count_pending(db: &Db) -> Result<i64> {
    db.fetch_optional(&COUNT_PENDING, args![]).await?.ok_or_else(|| missing("tower_tickets"))?.int("n")
}

/// Inserts a pending ticket.
pub(crate) async fn insert(tx: &mut Tx, run_id: &RunId, ticket: &NewTicket) -> Result<TicketId> {
    let values = args![
        run_id,
        ticket.ticket_type.as_str(),
        ticket.risk_level.as_str(),
        &ticket.proposed_action,
        &ticket.context_pack,
        &ticket.checkpoint_id,
        &ticket.interrupt_id,
        ticket.created_at,
        ticket.expires_at,
        &ticket.payload_hash,
        &ticket.effect_id,
        ticket.gate_epoch,
        &ticket.policy_version,
    ];
    let row = tx.fetch_optional(&INSERT, values).await?.ok_or_else(|| missing("tower_tickets"))?;
    Ok(TicketId(row.int("id")?))
}
