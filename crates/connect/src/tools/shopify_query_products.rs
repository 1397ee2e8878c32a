//! `shopify_query_products`: what the shop sells.

use domain::tool::ToolSpec;
use gateway::{CallContext, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, read_spec, tool_debug};
use crate::shopify::Shopify;

/// Lists products.
pub struct QueryProducts {
    spec: ToolSpec,
    shopify: Shopify,
}

tool_debug!(QueryProducts);

impl QueryProducts {
    /// The tool over a client.
    #[must_use]
    pub fn new(shopify: Shopify) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {
            "limit": {"type": "integer", "minimum": 1, "maximum": 250, "default": 10, "description": "How many products."}}});
        let text = "Lists products of the shop with status, stock and up to five variants each.";
        Self { spec: read_spec("shopify_query_products", "Query products", text, "shopify", schema), shopify }
    }
}

#[async_trait::async_trait]
impl Tool for QueryProducts {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn read(&self, _context: &CallContext, params: &Value) -> Result<Value, ToolError> {
        let limit = params::integer(params, "limit", 10, 1, 250)?;
        let nodes = self.shopify.products(usize::try_from(limit).unwrap_or(10)).await?;
        let products: Vec<_> = nodes.iter().map(product).collect();
        Ok(json!({"count": products.len(), "products": products}))
    }
}

fn product(node: &Value) -> Value {
    let edges = node["variants"]["edges"].as_array().map(Vec::as_slice).unwrap_or_default();
    let variants: Vec<_> = edges.iter().map(|edge| {
        let variant = &edge["node"];
        json!({"id": variant["id"], "title": variant["title"], "price": variant["price"], "inventory": variant["inventoryQuantity"]})
    }).collect();
    json!({"id": node["id"], "title": node["title"], "status": node["status"], "total_inventory": node["totalInventory"], "variants": variants})
}
