//! `shopify_update_description`: replaces the text of a product, keeping the old one for whoever wants it back.

use domain::copy::{sanitize, visible_text};
use domain::ids::{EffectId, ToolId};
use domain::tool::{Access, Recovery, Risk, ToolSpec};
use gateway::{CallContext, Executed, Permit, Reconciled, Resolution, Resolved, SendError, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, tool_debug};
use crate::shopify::{ProductCopy, Shopify};

const ID: &str = "shopify_update_description";
/// What an approval binds. The title is shown and may change meanwhile; the text that is replaced may not.
const BINDING: &[&str] = &["product_id", "description_html", "previous_html"];

/// Replaces the text of a product.
pub struct UpdateDescription {
    spec: ToolSpec,
    shopify: Shopify,
}

tool_debug!(UpdateDescription);

impl UpdateDescription {
    /// The tool over a client.
    #[must_use]
    pub fn new(shopify: Shopify) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["product_id", "description_html"], "properties": {
            "product_id": {"type": "string", "pattern": "^gid://shopify/Product/[0-9]{1,20}$"},
            "description_html": {"type": "string", "minLength": 1, "maxLength": 20_000,
                "description": "HTML of p, ul, ol, li, strong, em, h1 to h6, br and https links; anything else is taken out."}}});
        let spec = ToolSpec {
            id: ToolId::from_stored(ID.to_owned()),
            display_name: "Update description",
            description: "Replaces the description of a product. The old one is kept, so that it can be put back.",
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
}

#[async_trait::async_trait]
impl Tool for UpdateDescription {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn resolve(&self, _context: &CallContext, params: &Value) -> Result<Resolution, ToolError> {
        let id = params::text(params, "product_id")?;
        let html = sanitize(params["description_html"].as_str().unwrap_or_default());
        if visible_text(&html).trim().is_empty() {
            return Err(params::invalid("`description_html` holds nothing that a customer could read".to_owned()));
        }
        let not_found = || ToolError::new("product_not_found", "the shop knows no such product");
        let now = self.shopify.product_copy(id).await?.ok_or_else(not_found)?;
        if says(&now, &html) {
            let mut result = result(&now, false);
            result["unchanged"] = json!(true);
            return Ok(Resolution::Settled { result, order_facts: None });
        }
        let preview = format!("Replace the description of \"{}\"", now.title);
        let mut resolved = Resolved::plain(params.clone(), Risk::Medium, preview);
        resolved.call = json!({"product_id": now.id, "title": now.title, "description_html": html,
            "previous_html": now.description_html});
        resolved.binding = Some(BINDING);
        Ok(Resolution::Call(Box::new(resolved)))
    }

    async fn execute(&self, permit: Permit, call: &Resolved) -> Result<Executed, SendError> {
        let (Some(id), Some(html)) = (call.call["product_id"].as_str(), call.call["description_html"].as_str()) else {
            return Err(SendError::Refused(params::invalid("the resolved call is incomplete".to_owned())));
        };
        let now = self.shopify.update_copy(permit, id, html).await?;
        Ok(executed(&now, &call.call))
    }

    async fn reconcile(&self, _effect: &EffectId, _provider_key: &str, prepared: &Value, _age: i64) -> Reconciled {
        let call = &prepared["call"];
        let (Some(id), Some(html)) = (call["product_id"].as_str(), call["description_html"].as_str()) else {
            return Reconciled::NoAnswer("the prepared call names no product".to_owned());
        };
        match self.shopify.product_copy(id).await {
            Err(error) => Reconciled::NoAnswer(error.to_string()),
            Ok(None) => {
                Reconciled::Failed(ToolError::new("product_not_found", "the shop has no such product any more"))
            }
            Ok(Some(now)) if says(&now, html) => Reconciled::Committed(executed(&now, call)),
            Ok(Some(now)) if call["previous_html"] == now.description_html => Reconciled::Absent,
            Ok(Some(_)) => Reconciled::NoAnswer("the product says something else by now".to_owned()),
        }
    }
}

/// Whether a product has this text already, however the shop writes it down.
fn says(product: &ProductCopy, html: &str) -> bool {
    product.description_html == html || sanitize(&product.description_html) == html
}

fn result(product: &ProductCopy, updated: bool) -> Value {
    json!({"id": product.id, "title": product.title, "description_updated": updated})
}

fn executed(product: &ProductCopy, call: &Value) -> Executed {
    let undo = json!({"tool": ID, "params": {"product_id": product.id, "description_html": call["previous_html"]}});
    Executed {
        result: result(product, true),
        provider_ref: Some(product.id.clone()),
        order_facts: None,
        undo: Some(undo),
    }
}
