//! `orders`: what is known of each order of the shop.

use domain::ids::OrderKey;
use domain::order::{Fulfilment, Order, OrderFacts, OrderMerge, Payment, merge};
use domain::time::Timestamp;

use crate::engine::{Db, Row, Tx, Value, args, json_text, statements};
use crate::error::Result;
use crate::outcome::Outcome;
use crate::runs::escape_like;

macro_rules! columns {
    () => {
        "order_key, order_name, currency, total_minor, refunded_minor, payment, fulfilment, cancelled, is_test, print_order_id, last_event_at, polled_at, version, ordered_at, item_count, refunds, print_cost_minor, print_cost_currency, payment_fee_minor, print_cancelled, tracking_url, customer_note, shop_seen_at, print_seen_at, created_at, updated_at"
    };
}

statements! {
    GET = both(concat!("SELECT ", columns!(), " FROM orders WHERE order_key = $1"));
    GET_LOCKED = per_engine(
        concat!("SELECT ", columns!(), " FROM orders WHERE order_key = $1 FOR UPDATE"),
        concat!("SELECT ", columns!(), " FROM orders WHERE order_key = $1"),
    );
    LIST = both(concat!("SELECT ", columns!(), " FROM orders
         WHERE (CAST($1 AS TIMESTAMPTZ) IS NULL OR updated_at < $1 OR (updated_at = $1 AND order_key < $2))
           AND (CAST($3 AS TEXT) IS NULL OR LOWER(COALESCE(order_name, '')) LIKE $3 ESCAPE '!' OR order_key LIKE $3 ESCAPE '!')
         ORDER BY updated_at DESC, order_key DESC LIMIT $4 OFFSET $5"));
    // Makes sure there is a row to lock; a second process that does the same at this moment waits here.
    ENSURE = both("INSERT INTO orders (order_key, created_at, updated_at) VALUES ($1, $2, $2) ON CONFLICT DO NOTHING");
    WRITE = both(
        "UPDATE orders SET order_name = $2, currency = $3, total_minor = $4, refunded_minor = $5, payment = $6, fulfilment = $7,
                cancelled = $8, is_test = $9, print_order_id = $10, last_event_at = $11, polled_at = $12, version = $13, ordered_at = $14,
                item_count = $15, refunds = $16, print_cost_minor = $17, print_cost_currency = $18, payment_fee_minor = $19,
                print_cancelled = $20, tracking_url = $21, customer_note = $22, shop_seen_at = $23, print_seen_at = $24, updated_at = $25
         WHERE order_key = $1",
    );
    NOTE = both("UPDATE orders SET customer_note = $2, updated_at = $3 WHERE order_key = $1 AND customer_note IS NULL");
}

fn read(row: &Row) -> Result<Order> {
    let payment = row.int("payment")?;
    let fulfilment = row.int("fulfilment")?;
    let unknown = |what: &str| crate::StoreError::corrupt(format!("column {what}"), "unknown value");
    Ok(Order {
        order_key: OrderKey::from_stored(row.text("order_key")?),
        order_name: row.opt_text("order_name")?,
        currency: row.opt_text("currency")?,
        total_minor: row.opt_int("total_minor")?,
        refunded_minor: row.int("refunded_minor")?,
        payment: Payment::from_i64(payment).ok_or_else(|| unknown("payment"))?,
        fulfilment: Fulfilment::from_i64(fulfilment).ok_or_else(|| unknown("fulfilment"))?,
        cancelled: row.bool("cancelled")?,
        is_test: row.bool("is_test")?,
        print_order_id: row.opt_text("print_order_id")?,
        last_event_at: row.opt_ts("last_event_at")?,
        polled_at: row.opt_ts("polled_at")?,
        version: row.int("version")?,
        ordered_at: row.opt_ts("ordered_at")?,
        item_count: row.opt_int("item_count")?,
        refunds: row.json("refunds")?,
        print_cost_minor: row.opt_int("print_cost_minor")?,
        print_cost_currency: row.opt_text("print_cost_currency")?,
        payment_fee_minor: row.opt_int("payment_fee_minor")?,
        print_cancelled: row.bool("print_cancelled")?,
        tracking_url: row.opt_text("tracking_url")?,
        customer_note: row.opt_text("customer_note")?,
        shop_seen_at: row.opt_ts("shop_seen_at")?,
        print_seen_at: row.opt_ts("print_seen_at")?,
        created_at: row.ts("created_at")?,
        updated_at: row.ts("updated_at")?,
    })
}

/// One order.
///
/// # Errors
/// When the database fails or the row cannot be read.
pub async fn get(db: &Db, key: &OrderKey) -> Result<Option<Order>> {
    db.fetch_optional(&GET, args![key]).await?.as_ref().map(read).transpose()
}

/// One order, locked until the transaction ends.
///
/// # Errors
/// As [`get`].
pub async fn get_in(tx: &mut Tx, key: &OrderKey) -> Result<Option<Order>> {
    tx.fetch_optional(&GET_LOCKED, args![key]).await?.as_ref().map(read).transpose()
}

/// Which orders a listing holds.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Only with this text in name or key, in upper or lower case.
    pub q: Option<String>,
    /// How many at most.
    pub limit: i64,
    /// Skip so many; a cursor is faster.
    pub offset: i64,
    /// The row after which to go on.
    pub cursor: Option<(Timestamp, OrderKey)>,
}

/// Orders, the last changed first.
///
/// # Errors
/// As [`get`].
pub async fn list(db: &Db, f: &OrderFilter) -> Result<Vec<Order>> {
    let pattern = f.q.as_ref().map(|q| format!("%{}%", escape_like(&q.to_lowercase())));
    let (at, key) = f.cursor.as_ref().map(|(at, key)| (*at, key)).unzip();
    let values = args![at, key, pattern, f.limit, f.offset];
    db.fetch_all(&LIST, values).await?.iter().map(read).collect()
}

/// Merges news into an order and writes it when that changed anything.
///
/// # Errors
/// When a statement fails.
pub async fn merge_in(tx: &mut Tx, facts: &OrderFacts, now: Timestamp) -> Result<OrderMerge> {
    let made = tx.execute(&ENSURE, args![&facts.order_key, now]).await? == 1;
    let existing = if made { None } else { get_in(tx, &facts.order_key).await? };
    let merged = merge(existing.as_ref(), facts, now);
    if merged.changed {
        write(tx, &merged.order).await?;
    }
    Ok(merged)
}

async fn write(tx: &mut Tx, o: &Order) -> Result<()> {
    let values = args![
        &o.order_key,
        o.order_name.as_ref(),
        o.currency.as_ref(),
        o.total_minor,
        o.refunded_minor,
        o.payment.as_i64(),
        o.fulfilment.as_i64(),
        o.cancelled,
        o.is_test,
        o.print_order_id.as_ref(),
        o.last_event_at,
        o.polled_at,
        o.version,
        o.ordered_at,
        o.item_count,
        Value::Json(Some(json_text(&o.refunds)?)),
        o.print_cost_minor,
        o.print_cost_currency.as_ref(),
        o.payment_fee_minor,
        o.print_cancelled,
        o.tracking_url.as_ref(),
        o.customer_note.as_ref(),
        o.shop_seen_at,
        o.print_seen_at,
        o.updated_at,
    ];
    tx.execute(&WRITE, values).await.map(drop)
}

/// Sets the text for the customer; `Lost`: there is one already.
///
/// # Errors
/// When a statement fails.
pub async fn set_note_in(tx: &mut Tx, key: &OrderKey, note: &str, now: Timestamp) -> Result<Outcome> {
    if tx.execute(&NOTE, args![key, note, now]).await? == 1 {
        return Ok(Outcome::Done);
    }
    Ok(if get_in(tx, key).await?.is_some() { Outcome::Lost } else { Outcome::Gone })
}
