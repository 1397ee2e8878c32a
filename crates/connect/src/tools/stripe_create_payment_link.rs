//! `stripe_create_payment_link`: makes a link by which anybody who has it can pay.

use domain::ids::{EffectId, ToolId};
use domain::money::Money;
use domain::tool::{Access, Recovery, Risk, ToolSpec};
use gateway::{CallContext, Executed, Permit, Reconciled, Resolution, Resolved, SendError, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, tool_debug};
use crate::stripe::{PaymentLink, Stripe};

/// Makes a payment link.
pub struct CreatePaymentLink {
    spec: ToolSpec,
    stripe: Stripe,
}

tool_debug!(CreatePaymentLink);

impl CreatePaymentLink {
    /// The tool over a client.
    #[must_use]
    pub fn new(stripe: Stripe) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["price_id"], "properties": {
            "price_id": {"type": "string", "pattern": "^price_[A-Za-z0-9_]{1,64}$", "description": "The price that is paid."},
            "quantity": {"type": "integer", "minimum": 1, "maximum": 99, "default": 1, "description": "How many pieces."}}});
        let spec = ToolSpec {
            id: ToolId::from_stored("stripe_create_payment_link".to_owned()),
            display_name: "Create payment link",
            description: "Creates a public link by which customers pay a price of Stripe.",
            category: "stripe",
            schema,
            access: Access::Mutate,
            risk: Risk::High,
            recovery: Recovery::Key,
            goal_level: Some(5),
            repeatable: false,
        };
        Self { spec, stripe }
    }
}

#[async_trait::async_trait]
impl Tool for CreatePaymentLink {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn resolve(&self, _context: &CallContext, params: &Value) -> Result<Resolution, ToolError> {
        let id = params::text(params, "price_id")?;
        let quantity = params::integer(params, "quantity", 1, 1, 99)?;
        let price = self.stripe.price(id).await?;
        let price = price.ok_or_else(|| ToolError::new("price_not_found", "Stripe knows no such price"))?;
        if !price.active {
            return Err(ToolError::new("price_not_active", "this price is no longer on sale"));
        }
        let sum = price.unit_amount.and_then(|cents| cents.checked_mul(quantity));
        let sum = sum.map_or_else(String::new, |sum| format!(": {}", Money::new(&price.currency, sum)));
        let preview = format!("Create a public payment link for {quantity} x {}{sum}", price.id);
        let mut resolved = Resolved::plain(params.clone(), Risk::High, preview);
        // The amount of a price never changes at Stripe, so that it is bound together with its id.
        resolved.call = json!({"price_id": price.id, "quantity": quantity, "unit_amount": price.unit_amount,
            "currency": price.currency});
        Ok(Resolution::Call(Box::new(resolved)))
    }

    async fn execute(&self, permit: Permit, call: &Resolved) -> Result<Executed, SendError> {
        let (Some(price), Some(quantity)) = (call.call["price_id"].as_str(), call.call["quantity"].as_i64()) else {
            return Err(SendError::Refused(params::invalid("the resolved call is incomplete".to_owned())));
        };
        let link = self.stripe.create_payment_link(permit, price, quantity).await?;
        Ok(executed(link))
    }

    async fn reconcile(&self, _effect: &EffectId, provider_key: &str, _prepared: &Value, _age: i64) -> Reconciled {
        match self.stripe.payment_link_by_key(provider_key).await {
            Err(error) => Reconciled::NoAnswer(error.to_string()),
            Ok(Some(link)) => Reconciled::Committed(executed(link)),
            Ok(None) => Reconciled::Absent,
        }
    }
}

fn executed(link: PaymentLink) -> Executed {
    let result = json!({"payment_link_id": link.id, "url": link.url});
    Executed { result, provider_ref: Some(link.id), order_facts: None, undo: None }
}
