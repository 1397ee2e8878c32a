//! `printful_list_catalog`: the kinds of things that can be printed on.

use domain::tool::ToolSpec;
use gateway::{CallContext, Tool, ToolError};
use serde_json::{Value, json};

use super::{read_spec, tool_debug};
use crate::printful::Printful;

/// List catalogue.
pub struct ListCatalog {
    spec: ToolSpec,
    client: Printful,
}

tool_debug!(ListCatalog);

impl ListCatalog {
    /// The tool over a client.
    #[must_use]
    pub fn new(client: Printful) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {}});
        let text = "Lists the first 20 categories of the printer's catalogue.";
        Self { spec: read_spec("printful_list_catalog", "List catalogue", text, "printful", schema), client }
    }
}

#[async_trait::async_trait]
impl Tool for ListCatalog {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn read(&self, _context: &CallContext, _params: &Value) -> Result<Value, ToolError> {
        let categories = self.client.categories().await?;
        let categories: Vec<_> = categories
            .iter()
            .take(20)
            .map(|category| json!({"id": category["id"], "title": category["title"]}))
            .collect();
        Ok(json!({"count": categories.len(), "categories": categories}))
    }
}
