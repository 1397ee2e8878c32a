//! `stripe_list_products`: what is on sale through payment links.

use domain::tool::ToolSpec;
use gateway::{CallContext, Tool, ToolError};
use serde_json::{Value, json};

use super::{read_spec, tool_debug};
use crate::stripe::Stripe;

/// List Stripe products.
pub struct StripeProducts {
    spec: ToolSpec,
    client: Stripe,
}

tool_debug!(StripeProducts);

impl StripeProducts {
    /// The tool over a client.
    #[must_use]
    pub fn new(client: Stripe) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {}});
        let text = "Lists the active products at Stripe.";
        Self { spec: read_spec("stripe_list_products", "List Stripe products", text, "stripe", schema), client }
    }
}

#[async_trait::async_trait]
impl Tool for StripeProducts {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn read(&self, _context: &CallContext, _params: &Value) -> Result<Value, ToolError> {
        let products = self.client.products().await?;
        let products: Vec<_> = products
            .iter()
            .map(|product| json!({"id": product["id"], "name": product["name"], "description": product["description"]}))
            .collect();
        Ok(json!({"count": products.len(), "products": products}))
    }
}
