//! `printful_cancel_order`: stops a print that is not yet being made.

use domain::ids::{EffectId, OrderKey, ToolId};
use domain::order::{OrderFacts, Origin};
use domain::tool::{Access, Recovery, Risk, ToolSpec};
use gateway::{CallContext, Executed, Permit, Reconciled, Resolution, Resolved, SendError, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, tool_debug};
use crate::printful::{PrintOrder, Printful, Standing};

/// Cancels a confirmed print.
pub struct CancelOrder {
    spec: ToolSpec,
    printful: Printful,
}

tool_debug!(CancelOrder);

impl CancelOrder {
    /// The tool over a client.
    #[must_use]
    pub fn new(printful: Printful) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["shopify_order_id"], "properties": {
            "shopify_order_id": {"type": "string", "pattern": "^(gid://shopify/Order/)?[0-9]{1,20}$"}}});
        let spec = ToolSpec {
            id: ToolId::from_stored("printful_cancel_order".to_owned()),
            display_name: "Cancel print order",
            description: "Cancels the print of a shop order while it is pending; the money comes back.",
            category: "printful",
            schema,
            access: Access::Mutate,
            risk: Risk::Medium,
            recovery: Recovery::Lookup,
            goal_level: Some(3),
            repeatable: false,
        };
        Self { spec, printful }
    }
}

#[async_trait::async_trait]
impl Tool for CancelOrder {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn resolve(&self, _context: &CallContext, params: &Value) -> Result<Resolution, ToolError> {
        let id = params::order_id(params, "shopify_order_id")?;
        let settled = |result| Ok(Resolution::Settled { result, order_facts: None });
        let Some(order) = self.printful.order(&format!("@{id}")).await? else {
            return settled(json!({"found": false}));
        };
        match order.standing() {
            Standing::Draft => settled(json!({"id": order.id, "status": "draft", "external_id": id})),
            Standing::Cancelled => {
                Ok(Resolution::Settled { result: result(&order, &id), order_facts: facts(&id, &order).map(Box::new) })
            }
            Standing::Later => Err(too_late(&order)),
            Standing::Pending => {
                let preview = format!("Cancel print {} of order {id}", order.id);
                let mut resolved = Resolved::plain(json!({"shopify_order_id": id}), Risk::Medium, preview);
                resolved.call = json!({"action": "cancel", "external_id": id, "printful_order_id": order.id});
                resolved.business_key = Some(format!("cancel_print:{id}"));
                resolved.provider_key = Some(id);
                Ok(Resolution::Call(Box::new(resolved)))
            }
        }
    }

    async fn execute(&self, permit: Permit, call: &Resolved) -> Result<Executed, SendError> {
        let Some(id) = call.call["external_id"].as_str() else {
            return Err(SendError::Refused(params::invalid("the resolved call is incomplete".to_owned())));
        };
        let order = self.printful.cancel(permit, id).await?;
        Ok(executed(&order, id))
    }

    async fn reconcile(&self, _effect: &EffectId, provider_key: &str, _prepared: &Value, _age: i64) -> Reconciled {
        match self.printful.order(&format!("@{provider_key}")).await {
            Err(error) => Reconciled::NoAnswer(error.to_string()),
            Ok(None) => Reconciled::Failed(ToolError::new("print_not_found", "the printer has no such order any more")),
            Ok(Some(order)) => match order.standing() {
                Standing::Cancelled => Reconciled::Committed(executed(&order, provider_key)),
                Standing::Pending | Standing::Draft => Reconciled::Absent,
                Standing::Later => Reconciled::Failed(too_late(&order)),
            },
        }
    }
}

fn too_late(order: &PrintOrder) -> ToolError {
    ToolError::new("not_cancellable", "the print can no longer be stopped").with("status", order.status.clone())
}

fn result(order: &PrintOrder, id: &str) -> Value {
    json!({"id": order.id, "status": order.status, "external_id": id})
}

fn executed(order: &PrintOrder, id: &str) -> Executed {
    Executed {
        result: result(order, id),
        provider_ref: Some(order.id.clone()),
        order_facts: facts(id, order),
        undo: None,
    }
}

fn facts(id: &str, order: &PrintOrder) -> Option<OrderFacts> {
    let mut facts = OrderFacts::new(Origin::Printful, OrderKey::shopify(id).ok()?);
    facts.print_order_id = Some(order.id.clone());
    facts.print_cancelled = Some(true);
    Some(facts)
}
