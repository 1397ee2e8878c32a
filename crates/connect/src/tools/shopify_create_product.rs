//! `shopify_create_product`: makes a draft product with its price.
//!
//! The shop takes two requests for that, and neither knows idempotency keys. So the product carries a tag with the key of
//! the effect, both are looked for before anything is made, and a product whose price step is still to come stays a draft
//! at zero: reading back finds it by its tag, and executing again does the price step alone.

use domain::copy::sanitize;
use domain::ids::{EffectId, ToolId};
use domain::money::{format_minor, parse_decimal};
use domain::tool::{Access, Recovery, Risk, ToolSpec};
use gateway::{CallContext, Executed, Permit, Reconciled, Resolution, Resolved, SendError, Tool, ToolError};
use serde_json::{Value, json};

use super::{SEARCH_LAG_S, params, tool_debug};
use crate::shopify::{Product, Shopify};

/// A dearer product is high risk, in cents.
const HIGH_RISK_ABOVE: i64 = 10_000;

/// Makes a draft product.
pub struct CreateProduct {
    spec: ToolSpec,
    shopify: Shopify,
}

tool_debug!(CreateProduct);

impl CreateProduct {
    /// The tool over a client.
    #[must_use]
    pub fn new(shopify: Shopify) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["title"], "properties": {
            "title": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "\\S", "description": "Title, unique within the shop."},
            "description": {"type": "string", "maxLength": 20_000, "default": "",
                "description": "HTML of p, ul, ol, li, strong, em, h1 to h6, br and https links; anything else is taken out."},
            "price": {"type": "string", "pattern": "^[0-9]{1,9}(\\.[0-9]{1,2})?$", "default": "0.00",
                "description": "Decimal text in the shop's currency, e.g. 24.00."}}});
        let spec = ToolSpec {
            id: ToolId::from_stored("shopify_create_product".to_owned()),
            display_name: "Create product",
            description: "Creates a product in the shop as a draft, with its price. A product of the same title is returned instead.",
            category: "shopify",
            schema,
            access: Access::Mutate,
            risk: Risk::Medium,
            recovery: Recovery::Lookup,
            goal_level: Some(5),
            repeatable: false,
        };
        Self { spec, shopify }
    }

    /// The product that stands in the way of making one: ours by key, or one of the same title.
    async fn existing(&self, key: &str, title: &str) -> Result<Option<Product>, crate::ConnectError> {
        match self.shopify.product_by_key(key).await? {
            Some(product) => Ok(Some(product)),
            None => self.shopify.product_by_title(title).await,
        }
    }
}

/// Risk of a price: high above 100.00, and high when it cannot be read.
#[must_use]
pub fn price_risk(price: &str) -> Risk {
    match cents(price) {
        Some(cents) if cents <= HIGH_RISK_ABOVE => Risk::Medium,
        _ => Risk::High,
    }
}

/// A price of at most two places in hundredths; none when it is no such thing.
fn cents(price: &str) -> Option<i64> {
    // Whatever the shop's currency is: two places are what its catalogue is written in.
    parse_decimal(price, "USD").ok().filter(|cents| *cents >= 0)
}

#[async_trait::async_trait]
impl Tool for CreateProduct {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn resolve(&self, _context: &CallContext, params: &Value) -> Result<Resolution, ToolError> {
        let title = params::text(params, "title")?;
        let asked = params["price"].as_str().unwrap_or("0.00");
        let cents = cents(asked).ok_or_else(|| {
            params::invalid("`price` must be a decimal text of at most two places, e.g. \"24.00\"".to_owned())
        })?;
        let price = format_minor(cents, "USD");
        let description = sanitize(params["description"].as_str().unwrap_or_default());
        if let Some(product) = self.shopify.product_by_title(title).await?
            && !product.lacks_price(&price)
        {
            return Ok(Resolution::Settled { result: duplicate(&product), order_facts: None });
        }
        let preview = format!("Create the draft product \"{title}\" at {price}");
        let mut resolved = Resolved::plain(params.clone(), price_risk(&price), preview);
        resolved.call = json!({"title": title, "description_html": description, "price": price, "status": "DRAFT"});
        if cents > HIGH_RISK_ABOVE {
            resolved.risk_flags.push("price:high".to_owned());
        }
        resolved.business_key = Some(format!("product:{title}"));
        Ok(Resolution::Call(Box::new(resolved)))
    }

    async fn execute(&self, permit: Permit, call: &Resolved) -> Result<Executed, SendError> {
        let member = |name: &str| call.call[name].as_str();
        let (Some(title), Some(html), Some(price)) = (member("title"), member("description_html"), member("price"))
        else {
            return Err(SendError::Refused(params::invalid("the resolved call is incomplete".to_owned())));
        };
        let key = permit.provider_key().to_owned();
        let (product, was_there) = match self.existing(&key, title).await {
            // Nothing was changed yet: a look-up that failed leaves the effect as it was.
            Err(error) => {
                return Err(SendError::NotSent { retry_after_s: error.retry_after_s(), reason: error.to_string() });
            }
            Ok(Some(product)) if product.lacks_price(price) => (product, true),
            Ok(Some(product)) if product.is_of(&key) => return Ok(executed(&product, false)),
            Ok(Some(product)) => return Ok(executed(&product, true)),
            Ok(None) => (self.shopify.create_product(&permit, title, html).await?, false),
        };
        if cents(price) == Some(0) {
            return Ok(executed(&product, false));
        }
        let Some(variant) = &product.variant_id else {
            return Err(SendError::Unclear { reason: format!("product {} has no variant to price", product.id) });
        };
        match self.shopify.set_price(permit, &product.id, variant, price).await {
            Ok(()) => Ok(executed(&product, false)),
            // The second refusal of the same price: it will not be taken, and a draft at zero cannot be sold.
            Err(error) if was_there && error.certainty() == net::Certainty::Refused => {
                let told = ToolError::from(error);
                let text = format!("the draft was made and its price was refused: {}", told.message);
                Err(SendError::Refused(ToolError::new("price_not_set", text).with("product_id", product.id)))
            }
            // The product is there without its price. Reading back finds it so, and the price step is made once more.
            Err(error) => Err(SendError::Unclear { reason: format!("the price was not set: {error}") }),
        }
    }

    async fn reconcile(&self, _effect: &EffectId, provider_key: &str, prepared: &Value, age: i64) -> Reconciled {
        let price = prepared["call"]["price"].as_str().unwrap_or_default();
        match self.shopify.product_by_key(provider_key).await {
            Err(error) => Reconciled::NoAnswer(error.to_string()),
            Ok(Some(product)) if product.lacks_price(price) => Reconciled::Absent,
            Ok(Some(product)) => Reconciled::Committed(executed(&product, false)),
            Ok(None) if age < SEARCH_LAG_S => {
                Reconciled::NoAnswer("not found yet; the shop's search may lag behind".to_owned())
            }
            Ok(None) => Reconciled::Absent,
        }
    }
}

fn result(product: &Product) -> Value {
    json!({"id": product.id, "title": product.title, "status": product.status})
}

fn duplicate(product: &Product) -> Value {
    let mut result = result(product);
    result["_duplicate_prevented"] = json!(true);
    result
}

fn executed(product: &Product, was_there: bool) -> Executed {
    let result = if was_there { duplicate(product) } else { result(product) };
    Executed { result, provider_ref: Some(product.id.clone()), order_facts: None, undo: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_compared_as_a_decimal() {
        for (price, risk) in [
            ("0.00", Risk::Medium),
            ("0", Risk::Medium),
            ("99.99", Risk::Medium),
            ("100", Risk::Medium),
            ("100.00", Risk::Medium),
            ("100.01", Risk::High),
            ("1000000", Risk::High),
            ("-1.00", Risk::High),
            ("1e2", Risk::High),
            ("100.001", Risk::High),
            ("a hundred", Risk::High),
            ("", Risk::High),
        ] {
            assert_eq!(price_risk(price), risk, "{price}");
        }
    }
}
