//! Questions about orders, and their answers.

use chrono::DateTime;
use domain::effect::Effect;
use domain::ids::OrderKey;
use domain::order::Order;
use domain::run::Run;
use domain::ticket::Ticket;
use domain::time::{Timestamp, to_text};
use serde::Serialize;

/// Which orders.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Only with this text in the name or key.
    pub text: Option<String>,
}

/// A place in the list of orders, which goes by `updated_at` and then `order_key`, both descending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderCursor {
    /// Last change of the last order seen.
    pub updated_at: Timestamp,
    /// Its key.
    pub order_key: OrderKey,
}

impl OrderCursor {
    /// The text in answers.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}~{}", to_text(self.updated_at), self.order_key)
    }

    /// Reads the text of an answer.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, key) = text.split_once('~')?;
        Some(Self { updated_at: DateTime::parse_from_rfc3339(at).ok()?.to_utc(), order_key: key.parse().ok()? })
    }
}

/// An order and everything that was done for it.
#[derive(Debug, Clone, Serialize)]
pub struct OrderFile {
    /// The row.
    pub order: Order,
    /// Its runs (by serial key), newest first.
    pub runs: Vec<Run>,
    /// Their effects, newest first.
    pub effects: Vec<Effect>,
    /// Their tickets, newest first.
    pub tickets: Vec<Ticket>,
}
