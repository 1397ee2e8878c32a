//! Stripe's objects as it serves them.

use domain::time::Timestamp;
use serde_json::{Map, Value, json};

use crate::world::Payment;

/// The API version of events.
pub(crate) const API_VERSION: &str = "2026-08-26.dahlia";

fn metadata(payment: &Payment) -> Value {
    let mut metadata = Map::new();
    if let Some(order) = payment.order_id {
        metadata.insert("shopify_order_id".to_owned(), order.to_string().into());
    }
    Value::Object(metadata)
}

/// A charge.
pub(crate) fn charge(payment: &Payment) -> Value {
    json!({
        "id": payment.charge_id, "object": "charge", "amount": payment.amount, "amount_captured": payment.amount,
        "amount_refunded": payment.amount_refunded, "balance_transaction": null,
        "billing_details": {"address": null, "email": null, "name": null, "phone": null},
        "captured": true, "created": payment.created.timestamp(), "currency": payment.currency, "customer": null,
        "description": null, "disputed": payment.disputed, "failure_code": null, "failure_message": null,
        "invoice": null, "livemode": false, "metadata": metadata(payment), "paid": true,
        "payment_intent": payment.intent_id, "payment_method": null, "receipt_email": null,
        "refunded": payment.amount_refunded >= payment.amount, "status": "succeeded",
    })
}

/// The payment intent of a charge.
pub(crate) fn intent(payment: &Payment) -> Value {
    json!({
        "id": payment.intent_id, "object": "payment_intent", "amount": payment.amount, "amount_capturable": 0,
        "amount_received": payment.amount, "capture_method": "automatic", "confirmation_method": "automatic",
        "created": payment.created.timestamp(), "currency": payment.currency, "customer": null, "description": null,
        "latest_charge": payment.charge_id, "livemode": false, "metadata": metadata(payment),
        "payment_method": null, "payment_method_types": ["card"], "status": "succeeded",
    })
}

/// A refund.
pub(crate) fn refund(id: &str, payment: &Payment, amount: i64, reason: &str, metadata: Value, at: Timestamp) -> Value {
    json!({
        "id": id, "object": "refund", "amount": amount, "balance_transaction": null, "charge": payment.charge_id,
        "created": at.timestamp(), "currency": payment.currency, "metadata": metadata,
        "payment_intent": payment.intent_id, "reason": reason, "receipt_number": null, "status": "succeeded",
    })
}

/// A dispute.
pub(crate) fn dispute(id: &str, payment: &Payment, at: Timestamp) -> Value {
    json!({
        "id": id, "object": "dispute", "amount": payment.amount - payment.amount_refunded, "charge": payment.charge_id,
        "created": at.timestamp(), "currency": payment.currency, "evidence_details": {"due_by": at.timestamp() + 604_800},
        "is_charge_refundable": true, "livemode": false, "metadata": metadata(payment),
        "payment_intent": payment.intent_id, "reason": "product_not_received", "status": "needs_response",
    })
}

/// An event around `object`.
pub(crate) fn event(id: &str, kind: &str, object: Value, at: Timestamp) -> Value {
    json!({
        "id": id, "object": "event", "api_version": API_VERSION, "created": at.timestamp(), "data": {"object": object},
        "livemode": false, "pending_webhooks": 1, "request": {"id": null, "idempotency_key": null}, "type": kind,
    })
}
