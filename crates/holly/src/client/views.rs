//! The members of answers that are shown to people. What a view does not name is still there in `--json`.

use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// A run.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Run {
    pub(crate) run_id: String,
    pub(crate) workflow_id: String,
    pub(crate) status: String,
    pub(crate) priority: i64,
    pub(crate) run_name: Option<String>,
    pub(crate) created_by: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) last_ticket_id: Option<i64>,
    pub(crate) last_error: Option<String>,
    #[serde(default)]
    pub(crate) paused: bool,
    pub(crate) serial_key: Option<String>,
    #[serde(default)]
    pub(crate) cost_usd: f64,
    #[serde(default)]
    pub(crate) tokens: i64,
}

impl Run {
    /// Whether nothing can happen to it any more.
    pub(crate) fn has_ended(&self) -> bool {
        domain::run::RunStatus::parse(&self.status).is_some_and(domain::run::RunStatus::is_terminal)
    }
}

/// An entry of a run's timeline.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Event {
    pub(crate) event_type: String,
    pub(crate) payload: Value,
    pub(crate) created_at: Timestamp,
    pub(crate) seq: i64,
}

/// A change in the world outside.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Effect {
    pub(crate) tool_name: String,
    pub(crate) status: String,
    pub(crate) business_key: Option<String>,
    pub(crate) provider_ref: Option<String>,
    pub(crate) ticket_id: Option<i64>,
    pub(crate) created_at: Timestamp,
    pub(crate) error: Option<String>,
}

/// A question to a person.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Ticket {
    pub(crate) id: i64,
    pub(crate) run_id: String,
    pub(crate) ticket_type: String,
    pub(crate) risk_level: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) proposed_action: Value,
    #[serde(default)]
    pub(crate) context_pack: Value,
    pub(crate) decision_payload: Option<Value>,
    pub(crate) checkpoint_id: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) decided_at: Option<Timestamp>,
    pub(crate) decided_by: Option<String>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// An order.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Order {
    pub(crate) order_key: String,
    pub(crate) order_name: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) total_minor: Option<i64>,
    #[serde(default)]
    pub(crate) refunded_minor: i64,
    pub(crate) payment: String,
    pub(crate) fulfilment: String,
    #[serde(default)]
    pub(crate) cancelled: bool,
    #[serde(default)]
    pub(crate) is_test: bool,
    pub(crate) print_order_id: Option<String>,
    pub(crate) ordered_at: Option<Timestamp>,
    pub(crate) item_count: Option<i64>,
    pub(crate) print_cost_minor: Option<i64>,
    pub(crate) print_cost_currency: Option<String>,
    #[serde(default)]
    pub(crate) print_cancelled: bool,
    pub(crate) tracking_url: Option<String>,
    pub(crate) customer_note: Option<String>,
    pub(crate) updated_at: Timestamp,
}

impl Order {
    /// The id at the shop.
    pub(crate) fn shop_id(&self) -> &str {
        self.order_key.strip_prefix("shopify:").unwrap_or(&self.order_key)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::client::view;

    #[test]
    fn an_order_of_the_engine_is_an_order_here() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let mut order = domain::order::Order::new("shopify:5830137741322".parse().unwrap(), now);
        order.payment = domain::order::Payment::PartlyRefunded;
        let seen: Order = view(&serde_json::to_value(order).unwrap()).unwrap();
        assert_eq!((seen.shop_id(), seen.payment.as_str()), ("5830137741322", "partly_refunded"));
    }

    #[test]
    fn an_answer_of_another_shape_is_refused_and_never_taken_for_an_empty_one() {
        assert!(view::<Order>(&json!({})).is_err());
        assert!(view::<Vec<Event>>(&json!({"events": []})["event"]).is_err());
    }
}
