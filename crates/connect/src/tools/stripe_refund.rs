//! `stripe_refund`: gives back money of one of our own payment links.

use domain::ids::{EffectId, ToolId};
use domain::money::Money;
use domain::tool::{Access, Recovery, Risk, ToolSpec};
use gateway::{CallContext, Executed, Permit, Reconciled, Resolution, Resolved, SendError, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, tool_debug};
use crate::stripe::{Charge, NewRefund, Refund, Stripe};

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

/// Refunds a charge.
pub struct StripeRefund {
    spec: ToolSpec,
    stripe: Stripe,
}

tool_debug!(StripeRefund);

impl StripeRefund {
    /// The tool over a client.
    #[must_use]
    pub fn new(stripe: Stripe) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["charge_id"], "properties": {
            "charge_id": {"type": "string", "pattern": "^(ch|py)_[A-Za-z0-9_]{1,64}$", "description": "The charge."},
            "amount_cents": {"type": "integer", "minimum": 1, "description": "Minor units; absent: all that is left."},
            "reason": {"type": "string", "enum": REASONS}}});
        let spec = ToolSpec {
            id: ToolId::from_stored("stripe_refund".to_owned()),
            display_name: "Refund a charge",
            description: "Gives back all or part of a charge of our own payment links. Orders of the shop are refunded in Shopify.",
            category: "stripe",
            schema,
            access: Access::Mutate,
            risk: Risk::High,
            recovery: Recovery::Key,
            goal_level: Some(3),
            repeatable: false,
        };
        Self { spec, stripe }
    }
}

/// How much is given back, or why nothing is.
fn amount(charge: &Charge, asked: Option<i64>) -> Result<i64, ToolError> {
    if let Some(order) = charge.metadata.get("shopify_order_id") {
        let text = "this charge belongs to an order of the shop; the owner refunds it in Shopify";
        return Err(ToolError::new("refund_in_shopify", text).with("shopify_order_id", order.clone()));
    }
    if !charge.paid || charge.status != "succeeded" {
        return Err(ToolError::new("not_refundable", "no money was taken with this charge")
            .with("status", charge.status.clone()));
    }
    let left = charge.amount - charge.amount_refunded;
    if left <= 0 {
        return Err(ToolError::new("already_refunded", "all of this charge was given back before"));
    }
    match asked {
        None => Ok(left),
        Some(asked) if asked <= left => Ok(asked),
        Some(_) => Err(ToolError::new("amount_too_large", "more than is left of this charge").with("left_cents", left)),
    }
}

#[async_trait::async_trait]
impl Tool for StripeRefund {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn resolve(&self, _context: &CallContext, params: &Value) -> Result<Resolution, ToolError> {
        let id = params::text(params, "charge_id")?;
        let asked = match &params["amount_cents"] {
            Value::Null => None,
            _ => Some(params::integer(params, "amount_cents", 0, 1, i64::MAX)?),
        };
        let reason = params["reason"].as_str();
        if reason.is_some_and(|reason| !REASONS.contains(&reason)) {
            return Err(params::invalid(format!("`reason` must be one of {}", REASONS.join(", "))));
        }
        let charge = self.stripe.charge(id).await?;
        let charge = charge.ok_or_else(|| ToolError::new("charge_not_found", "Stripe knows no such charge"))?;
        let amount = amount(&charge, asked)?;
        let money = Money::new(&charge.currency, amount);
        let preview = format!("Refund {money} of charge {}", charge.id);
        let mut resolved = Resolved::plain(params.clone(), Risk::High, preview);
        resolved.call = json!({"charge_id": charge.id, "amount_cents": amount, "currency": charge.currency});
        if let Some(reason) = reason {
            resolved.call["reason"] = json!(reason);
        }
        resolved.business_key = Some(format!("refund:{}", charge.id));
        resolved.margin_minor = Some(-amount);
        resolved.cost = Some(money);
        Ok(Resolution::Call(Box::new(resolved)))
    }

    async fn execute(&self, permit: Permit, call: &Resolved) -> Result<Executed, SendError> {
        let (Some(charge), Some(amount)) = (call.call["charge_id"].as_str(), call.call["amount_cents"].as_i64()) else {
            return Err(SendError::Refused(params::invalid("the resolved call is incomplete".to_owned())));
        };
        let wanted = NewRefund { charge, amount, reason: call.call["reason"].as_str() };
        let refund = self.stripe.refund(permit, &wanted).await?;
        outcome(charge, refund).map_err(SendError::Refused)
    }

    async fn reconcile(&self, _effect: &EffectId, provider_key: &str, prepared: &Value, _age: i64) -> Reconciled {
        let Some(charge) = prepared["call"]["charge_id"].as_str() else {
            return Reconciled::NoAnswer("the prepared call names no charge".to_owned());
        };
        match self.stripe.refunds(charge).await {
            Err(error) => Reconciled::NoAnswer(error.to_string()),
            Ok(refunds) => {
                let ours = |refund: &Refund| refund.metadata.get("holly_key").is_some_and(|key| key == provider_key);
                match refunds.into_iter().find(ours).map(|refund| outcome(charge, refund)) {
                    // Not there: the same key makes the repetition safe even if it turns up late.
                    None => Reconciled::Absent,
                    Some(Ok(executed)) => Reconciled::Committed(executed),
                    Some(Err(error)) => Reconciled::Failed(error),
                }
            }
        }
    }
}

fn outcome(charge: &str, refund: Refund) -> Result<Executed, ToolError> {
    if matches!(refund.status.as_deref(), Some("failed" | "canceled")) {
        return Err(
            ToolError::new("refund_failed", "Stripe could not give the money back").with("refund_id", refund.id)
        );
    }
    let result = json!({"refund_id": refund.id, "charge_id": charge, "amount_cents": refund.amount,
        "currency": refund.currency, "status": refund.status});
    Ok(Executed { result, provider_ref: Some(refund.id), order_facts: None, undo: None })
}
