//! `printful_order_status`: where an order stands at the printer.

use std::sync::Arc;

use domain::ids::OrderKey;
use domain::order::{OrderFacts, Origin};
use domain::tool::ToolSpec;
use gateway::{CallContext, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, read_spec, tool_debug};
use crate::OrderBook;
use crate::printful::{PrintOrder, Printful, Standing};

/// Shows one order and its shipments.
pub struct OrderStatus {
    spec: ToolSpec,
    printful: Printful,
    orders: Arc<dyn OrderBook>,
}

tool_debug!(OrderStatus);

impl OrderStatus {
    /// The tool over a client. What it sees of one of our orders is merged into its row.
    #[must_use]
    pub fn new(printful: Printful, orders: Arc<dyn OrderBook>) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["order_id"], "properties": {
            "order_id": {"type": "string", "pattern": "^@?[0-9]{1,20}$",
                "description": "The printer's order id, or `@` and the Shopify order id."}}});
        let text = "Shows status, cost and shipments of one order at the printer.";
        Self { spec: read_spec("printful_order_status", "Order status", text, "printful", schema), printful, orders }
    }
}

#[async_trait::async_trait]
impl Tool for OrderStatus {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn read(&self, _context: &CallContext, params: &Value) -> Result<Value, ToolError> {
        let id = params::text(params, "order_id")?;
        let Some(order) = self.printful.order(id).await? else { return Ok(json!({"found": false})) };
        let shipments = self.printful.shipments(&order.id).await?;
        if let Some(facts) = facts(&order, &shipments) {
            // Only an order of ours has a row; the printer's word alone makes none.
            if self.orders.get(&facts.order_key).await.map_err(params::no_book)?.is_some() {
                self.orders.merge(&facts).await.map_err(params::no_book)?;
            }
        }
        Ok(json!({
            "id": order.id,
            "external_id": order.external_id,
            "status": order.status,
            "created": order.created,
            "shipping": order.shipping,
            "items": order.items.len(),
            "costs": order.cost.as_ref().map(|cost| json!({"currency": cost.currency, "total": cost.decimal()})),
            "shipments": shipments.iter().map(shipment).collect::<Vec<_>>(),
        }))
    }
}

fn shipment(shipment: &Value) -> Value {
    let names =
        ["carrier", "service", "shipment_status", "tracking_url", "shipped_at", "delivered_at", "estimated_delivery"];
    Value::Object(names.iter().map(|name| ((*name).to_owned(), shipment[*name].clone())).collect())
}

fn facts(order: &PrintOrder, shipments: &[Value]) -> Option<OrderFacts> {
    let key = OrderKey::shopify(order.external_id.as_deref()?).ok()?;
    let mut facts = OrderFacts::new(Origin::Printful, key);
    facts.print_order_id = Some(order.id.clone());
    facts.fulfilment = order.fulfilment();
    facts.print_cancelled = (order.standing() == Standing::Cancelled).then_some(true);
    facts.tracking_url = shipments.iter().find_map(|shipment| shipment["tracking_url"].as_str()).map(str::to_owned);
    Some(facts)
}
