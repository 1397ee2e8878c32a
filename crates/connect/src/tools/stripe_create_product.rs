//! `stripe_create_product`: makes a product and its price, from which payment links are made.

use domain::ids::{EffectId, ToolId};
use domain::money::Money;
use domain::tool::{Access, Recovery, Risk, ToolSpec};
use gateway::{CallContext, Executed, Permit, Reconciled, Resolution, Resolved, SendError, Tool, ToolError};
use serde_json::{Value, json};

use super::{STRIPE_KEY_LIFE_S, params, tool_debug};
use crate::ConnectError;
use crate::stripe::{NewProduct, Price, Stripe, StripeProduct};

/// Highest amount that Stripe takes, minor units.
const MAX_CENTS: i64 = 99_999_999;

/// Makes a product with its price.
pub struct StripeCreateProduct {
    spec: ToolSpec,
    stripe: Stripe,
    currency: String,
}

tool_debug!(StripeCreateProduct);

impl StripeCreateProduct {
    /// The tool over a client; prices are in `currency`.
    #[must_use]
    pub fn new(stripe: Stripe, currency: &str) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["name", "price_cents"], "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 250, "pattern": "\\S"},
            "description": {"type": "string", "maxLength": 5000, "default": ""},
            "price_cents": {"type": "integer", "minimum": 0, "maximum": MAX_CENTS, "description": "Price in cents."}}});
        let spec = ToolSpec {
            id: ToolId::from_stored("stripe_create_product".to_owned()),
            display_name: "Create Stripe product",
            description: "Creates a product and its price at Stripe, to be sold through a payment link.",
            category: "stripe",
            schema,
            access: Access::Mutate,
            risk: Risk::Medium,
            recovery: Recovery::Key,
            goal_level: Some(5),
            repeatable: false,
        };
        Self { spec, stripe, currency: currency.to_ascii_lowercase() }
    }

    /// What is there of an earlier attempt: the product, and its price when that was made too.
    async fn found(&self, key: &str, cents: i64) -> Result<Option<(StripeProduct, Option<Price>)>, ConnectError> {
        let Some(product) = self.stripe.product_by_key(key).await? else { return Ok(None) };
        let prices = self.stripe.prices(&product.id).await?;
        let price =
            prices.into_iter().find(|price| price.unit_amount == Some(cents) && price.currency == self.currency);
        Ok(Some((product, price)))
    }
}

#[async_trait::async_trait]
impl Tool for StripeCreateProduct {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn resolve(&self, _context: &CallContext, params: &Value) -> Result<Resolution, ToolError> {
        let name = params::text(params, "name")?;
        if params["price_cents"].is_null() {
            return Err(params::invalid("`price_cents` is missing".to_owned()));
        }
        let cents = params::integer(params, "price_cents", 0, 0, MAX_CENTS)?;
        let description = params["description"].as_str().unwrap_or_default().trim();
        let preview = format!("Create \"{name}\" at Stripe for {}", Money::new(&self.currency, cents));
        let mut resolved = Resolved::plain(params.clone(), Risk::Medium, preview);
        resolved.call =
            json!({"name": name, "description": description, "price_cents": cents, "currency": self.currency});
        resolved.business_key = Some(format!("price:{name}:{cents}"));
        Ok(Resolution::Call(Box::new(resolved)))
    }

    async fn execute(&self, permit: Permit, call: &Resolved) -> Result<Executed, SendError> {
        let member = |name: &str| call.call[name].as_str();
        let (Some(name), Some(description), Some(cents)) =
            (member("name"), member("description"), call.call["price_cents"].as_i64())
        else {
            return Err(SendError::Refused(params::invalid("the resolved call is incomplete".to_owned())));
        };
        // Both requests carry a key of the effect: made again, Stripe gives the first answer again.
        let product = self.stripe.create_product(&permit, NewProduct { name, description }).await?;
        match self.stripe.create_price(permit, &product.id, cents, &self.currency).await {
            Ok(price) => Ok(executed(&product, &price, cents)),
            Err(error) if error.certainty() == net::Certainty::Refused => {
                let told = ToolError::from(error);
                let text = format!("the product was made and its price was refused: {}", told.message);
                Err(SendError::Refused(ToolError::new("price_not_set", text).with("product_id", product.id)))
            }
            Err(error) => Err(SendError::Unclear { reason: format!("the price was not made: {error}") }),
        }
    }

    async fn reconcile(&self, _effect: &EffectId, provider_key: &str, prepared: &Value, age: i64) -> Reconciled {
        let Some(cents) = prepared["call"]["price_cents"].as_i64() else {
            return Reconciled::NoAnswer("the prepared call names no price".to_owned());
        };
        match self.found(provider_key, cents).await {
            Err(error) => Reconciled::NoAnswer(error.to_string()),
            Ok(Some((product, Some(price)))) => Reconciled::Committed(executed(&product, &price, cents)),
            // Stripe forgets a key after a day, and would then make a second product.
            Ok(Some((product, None))) if age > STRIPE_KEY_LIFE_S => {
                Reconciled::NoAnswer(format!("product {} is there without its price", product.id))
            }
            Ok(_) => Reconciled::Absent,
        }
    }
}

fn executed(product: &StripeProduct, price: &Price, cents: i64) -> Executed {
    let result =
        json!({"product_id": product.id, "product_name": product.name, "price_id": price.id, "price_cents": cents});
    Executed { result, provider_ref: Some(product.id.clone()), order_facts: None, undo: None }
}
