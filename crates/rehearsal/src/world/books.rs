//! The world's own books: what really happened, whatever the product believes.

use domain::time::Timestamp;
use serde_json::{Value, json};

use super::state::State;
use super::time::{iso, money};

impl State {
    /// The books as the control server shows them. Money of the shop and the printer is decimal text, money of the
    /// payments whole minor units, as each of them sends it.
    #[must_use]
    pub fn books(&self, now: Timestamp) -> Value {
        let meta = self.meta();
        let orders: Vec<Value> = self
            .orders
            .values()
            .map(|order| {
                json!({"shopify_order_id": order.id.to_string(), "name": order.name(),
                    "financial_status": order.financial_status(), "cancelled": order.cancelled_at.is_some(),
                    "test": order.test, "total": money(order.total()), "currency": order.currency})
            })
            .collect();
        let payments: Vec<Value> = self
            .payments
            .values()
            .map(|payment| {
                json!({"charge_id": payment.charge_id, "shopify_order_id": payment.order_id.map(|id| id.to_string()),
                    "amount": payment.amount, "amount_refunded": payment.amount_refunded, "currency": payment.currency})
            })
            .collect();
        let prints: Vec<Value> = self
            .prints
            .values()
            .map(|print| {
                json!({"printful_order_id": print.id, "external_id": print.external_id, "status": print.status,
                    "arrivals": print.arrivals, "create_requests": print.create_requests,
                    "confirm_requests": print.confirm_requests, "cost": money(print.cost.total()), "currency": "USD"})
            })
            .collect();
        let refunds: Vec<Value> = self
            .stripe
            .values()
            .filter(|object| object["object"] == "refund")
            .map(|refund| {
                // A repeated request is answered from memory, so every refund there is moved money once.
                json!({"refund_id": refund["id"], "charge_id": refund["charge"], "amount": refund["amount"], "arrivals": 1})
            })
            .collect();
        json!({
            "seed": meta.seed, "speed": meta.time.speed, "now": iso(now),
            "orders": orders, "payments": payments, "prints": prints, "refunds": refunds,
            // Mail leaves through the owner's own server, of which there is none here.
            "messages": [],
            "webhooks": {"sent": meta.webhooks_sent, "acknowledged": meta.webhooks_acknowledged,
                "waiting": self.outgoing.len()},
            "model_calls": {"total": meta.model_calls.values().sum::<u64>(), "by_model": meta.model_calls},
        })
    }
}
