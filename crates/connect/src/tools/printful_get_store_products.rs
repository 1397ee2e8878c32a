//! `printful_get_store_products`: what the store has set up for printing.

use domain::tool::ToolSpec;
use gateway::{CallContext, Tool, ToolError};
use serde_json::{Value, json};

use super::{read_spec, tool_debug};
use crate::printful::Printful;

/// Get store products.
pub struct StoreProducts {
    spec: ToolSpec,
    client: Printful,
}

tool_debug!(StoreProducts);

impl StoreProducts {
    /// The tool over a client.
    #[must_use]
    pub fn new(client: Printful) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {}});
        let text = "Lists the products of the store that are set up at the printer.";
        Self { spec: read_spec("printful_get_store_products", "Get store products", text, "printful", schema), client }
    }
}

#[async_trait::async_trait]
impl Tool for StoreProducts {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn read(&self, _context: &CallContext, _params: &Value) -> Result<Value, ToolError> {
        let products = self.client.store_products().await?;
        let products: Vec<_> = products
            .iter()
            .map(|product| {
                json!({"id": product["id"], "external_id": product["external_id"], "name": product["name"],
                    "synced": product["synced"], "variants": product["variants"]})
            })
            .collect();
        Ok(json!({"count": products.len(), "products": products}))
    }
}
