//! `shopify_fetch_descriptions`: what the products say of themselves.

use domain::tool::ToolSpec;
use gateway::{CallContext, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, read_spec, tool_debug};
use crate::shopify::Shopify;

/// Lists product texts.
pub struct FetchDescriptions {
    spec: ToolSpec,
    shopify: Shopify,
}

tool_debug!(FetchDescriptions);

impl FetchDescriptions {
    /// The tool over a client.
    #[must_use]
    pub fn new(shopify: Shopify) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {
            "limit": {"type": "integer", "minimum": 1, "maximum": 250, "default": 10, "description": "How many products."}}});
        let text = "Lists products of the shop with their description as HTML.";
        let spec = read_spec("shopify_fetch_descriptions", "Fetch descriptions", text, "shopify", schema);
        Self { spec, shopify }
    }
}

#[async_trait::async_trait]
impl Tool for FetchDescriptions {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn read(&self, _context: &CallContext, params: &Value) -> Result<Value, ToolError> {
        let limit = params::integer(params, "limit", 10, 1, 250)?;
        let nodes = self.shopify.products_with_copy(usize::try_from(limit).unwrap_or(10)).await?;
        let products: Vec<_> = nodes.iter().map(product).collect();
        Ok(json!({"count": products.len(), "products": products}))
    }
}

fn product(node: &Value) -> Value {
    json!({
        "id": node["id"], "title": node["title"], "description_html": node["descriptionHtml"], "status": node["status"],
        "inventory": node["totalInventory"], "url": node["onlineStoreUrl"],
        "price": node["variants"]["edges"][0]["node"]["price"],
    })
}
