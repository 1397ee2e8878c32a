//! `printful_list_products`: the products of a category.

use domain::tool::ToolSpec;
use gateway::{CallContext, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, read_spec, tool_debug};
use crate::printful::Printful;

/// List catalogue products.
pub struct ListProducts {
    spec: ToolSpec,
    client: Printful,
}

tool_debug!(ListProducts);

impl ListProducts {
    /// The tool over a client.
    #[must_use]
    pub fn new(client: Printful) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["category_id"], "properties": {
            "category_id": {"type": "integer", "minimum": 1, "description": "Id of a category from printful_list_catalog."}}});
        let text = "Lists the first 20 catalogue products of a category.";
        Self { spec: read_spec("printful_list_products", "List catalogue products", text, "printful", schema), client }
    }
}

#[async_trait::async_trait]
impl Tool for ListProducts {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn read(&self, _context: &CallContext, params: &Value) -> Result<Value, ToolError> {
        let category = params::integer(params, "category_id", 0, 1, i64::MAX)?;
        if category == 0 {
            return Err(params::invalid("`category_id` is missing".to_owned()));
        }
        let products = self.client.category_products(category).await?;
        let products: Vec<_> = products
            .iter()
            .take(20)
            .map(|product| json!({"id": product["id"], "title": product["name"], "type": product["type"]}))
            .collect();
        Ok(json!({"count": products.len(), "products": products}))
    }
}
