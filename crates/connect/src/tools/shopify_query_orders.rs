//! `shopify_query_orders`: the newest orders, or one with its lines.

use std::sync::Arc;

use domain::money::Money;
use domain::tool::ToolSpec;
use gateway::{CallContext, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, read_spec, tool_debug};
use crate::OrderBook;
use crate::shopify::{ShopOrder, Shopify};

/// Lists orders.
pub struct QueryOrders {
    spec: ToolSpec,
    shopify: Shopify,
    orders: Arc<dyn OrderBook>,
}

tool_debug!(QueryOrders);

impl QueryOrders {
    /// The tool over a client. An order that is read alone is merged into its row on the way.
    #[must_use]
    pub fn new(shopify: Shopify, orders: Arc<dyn OrderBook>) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {
            "limit": {"type": "integer", "minimum": 1, "maximum": 250, "default": 10, "description": "How many of the newest orders."},
            "order_id": {"type": "string", "pattern": "^(gid://shopify/Order/)?[0-9]{1,20}$", "description": "Only this order, with its lines."}}});
        let text = "Lists the newest orders, or with `order_id` one order with its lines, payment, fulfilment and destination.";
        Self { spec: read_spec("shopify_query_orders", "Query orders", text, "shopify", schema), shopify, orders }
    }
}

#[async_trait::async_trait]
impl Tool for QueryOrders {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn read(&self, _context: &CallContext, params: &Value) -> Result<Value, ToolError> {
        let orders = if params["order_id"].is_null() {
            let limit = params::integer(params, "limit", 10, 1, 250)?;
            let orders = self.shopify.orders(usize::try_from(limit).unwrap_or(10)).await?;
            orders.iter().map(head).collect()
        } else {
            let id = params::order_id(params, "order_id")?;
            let Some(order) = self.shopify.order(&id).await? else { return Ok(json!({"count": 0, "orders": []})) };
            if let Some(facts) = order.facts(self.shopify.now()) {
                self.orders.merge(&facts).await.map_err(params::no_book)?;
            }
            vec![whole(&order)]
        };
        Ok(json!({"count": orders.len(), "orders": orders}))
    }
}

fn head(order: &ShopOrder) -> Value {
    json!({
        "id": order.id,
        "name": order.name,
        "created_at": order.created_at,
        "financial_status": order.financial_status,
        "fulfillment_status": order.fulfillment_status,
        "total": order.total.as_ref().map(Money::decimal),
        "currency": order.total.as_ref().map(|total| &total.currency),
    })
}

/// Without name, street, postal code and phone: a model has no use for them.
fn whole(order: &ShopOrder) -> Value {
    let lines: Vec<_> = order.lines.iter().map(|line| json!({
        "variant_id": line.variant_id, "sku": line.sku, "title": line.title, "quantity": line.quantity, "unfulfilled": line.unfulfilled,
    })).collect();
    let mut result = head(order);
    result["cancelled_at"] = json!(order.cancelled_at);
    result["test"] = json!(order.test);
    result["refunded"] = json!(order.refunded.as_ref().map(Money::decimal));
    result["ship_to"] = order.recipient.as_ref().map_or(Value::Null, |recipient| recipient.place());
    result["line_items"] = json!(lines);
    result
}
