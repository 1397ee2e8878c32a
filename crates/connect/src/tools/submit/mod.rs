//! `printful_submit_order`: sends a paid order to print.

mod plan;
mod send;

#[cfg(test)]
mod plan_tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::{EffectId, OrderKey, ToolId};
use domain::money::Money;
use domain::order::{OrderFacts, Origin};
use domain::tool::{Access, Recovery, Risk, ToolSpec};
use gateway::{CallContext, Executed, Permit, Private, Reconciled, Resolution, Resolved, SendError, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, tool_debug};
use crate::OrderBook;
use crate::printful::{Draft, DraftItem, PrintOrder, Printful, SHIPPING, Standing, Store};
use crate::shopify::{Recipient, ShopOrder, Shopify};

pub use plan::{
    IMPORT_MINUTES, Mapped, allowed, call_items, dearer, draft_matches, map_lines, margin, may_create, open_lines, risk,
};

/// Members of the resolved call that an approval binds. What is left out may change meanwhile: a draft may have been
/// imported, the estimate may have become a figure.
const BINDING: &[&str] = &["external_id", "store_id", "items", "shipping", "recipient_hash", "order_version"];

/// Makes and confirms a print order.
pub struct SubmitOrder {
    spec: ToolSpec,
    shopify: Shopify,
    printful: Printful,
    orders: Arc<dyn OrderBook>,
    print_cap_usd_minor: i64,
}

tool_debug!(SubmitOrder);

impl SubmitOrder {
    /// The tool over its clients. A print above `print_cap_usd_minor` US cents is high risk.
    #[must_use]
    pub fn new(shopify: Shopify, printful: Printful, orders: Arc<dyn OrderBook>, print_cap_usd_minor: i64) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["shopify_order_id"], "properties": {
            "shopify_order_id": {"type": "string", "pattern": "^(gid://shopify/Order/)?[0-9]{1,20}$", "description": "The order."},
            "confirm": {"type": "boolean", "default": false, "description": "True prints and costs money; false leaves a draft."}}});
        let spec = ToolSpec {
            id: ToolId::from_stored("printful_submit_order".to_owned()),
            display_name: "Submit print order",
            description: "Sends a paid order of the shop to print. Finds an order that is already there instead of making a second one.",
            category: "printful",
            schema,
            access: Access::Mutate,
            risk: Risk::Medium,
            recovery: Recovery::Lookup,
            goal_level: Some(3),
            repeatable: false,
        };
        Self { spec, shopify, printful, orders, print_cap_usd_minor }
    }

    /// Maps the open lines of an order by asking the printer for each variant.
    async fn mapped(&self, store: &Store, order: &ShopOrder) -> Result<Mapped, ToolError> {
        let mut variants = BTreeMap::new();
        for id in open_lines(order).filter_map(|line| line.variant_id.as_ref()) {
            if !variants.contains_key(id) {
                variants.insert(id.clone(), self.printful.variant(store.kind, id).await?);
            }
        }
        map_lines(order, &variants)
    }
}

#[async_trait::async_trait]
impl Tool for SubmitOrder {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn resolve(&self, _context: &CallContext, params: &Value) -> Result<Resolution, ToolError> {
        let id = params::order_id(params, "shopify_order_id")?;
        let confirm = params["confirm"].as_bool().unwrap_or(false);

        let not_found = || ToolError::new("order_not_found", "the shop knows no such order");
        let order = self.shopify.order(&id).await?.ok_or_else(not_found)?;
        let facts = order.facts(self.shopify.now()).ok_or_else(not_found)?;
        let row = self.orders.merge(&facts).await.map_err(params::no_book)?;
        allowed(&row)?;

        let there = self.printful.order(&format!("@{id}")).await?;
        if let Some(print) = &there {
            match print.standing() {
                Standing::Pending | Standing::Later => return Ok(already(&id, print)),
                Standing::Cancelled => return Err(cancelled()),
                Standing::Draft => {}
            }
        }
        let store = self.printful.store().await?;
        let Mapped { items, not_printed } = self.mapped(&store, &order).await?;
        let no_address = || ToolError::new("no_address", "the shop does not show where this order goes");
        let recipient = order.recipient.clone().ok_or_else(no_address)?;
        match &there {
            Some(draft) => draft_matches(draft, &items)?,
            None => may_create(store.kind, order.created_at, self.printful.now())?,
        }
        if let (Some(draft), false) = (&there, confirm) {
            let result = result(draft, &id, &not_printed);
            return Ok(Resolution::Settled { result, order_facts: None });
        }

        let draft = Draft { external_id: id.clone(), recipient, items, retail_shipping: order.shipping.clone() };
        let cost = match &there {
            Some(print) => print.cost.clone(),
            None => self.printful.estimate(&draft).await?,
        };
        let cost = cost.ok_or_else(cost_unknown)?;
        let action = match (&there, confirm) {
            (Some(_), _) => "confirm",
            (None, true) => "create_and_confirm",
            (None, false) => "create",
        };
        let mut call = json!({
            "action": action,
            "external_id": id,
            "store_id": store.id,
            "items": call_items(&draft.items),
            "shipping": SHIPPING,
            "recipient_hash": draft.recipient.hash(),
            "ship_to": draft.recipient.ship_to(),
            "cost": {"currency": cost.currency, "total_minor": cost.minor},
            "order_version": row.version,
        });
        if let Some(print) = &there {
            call["printful_order_id"] = json!(print.id);
        }
        let margin = margin(&row, &cost);
        let (risk, flags) = risk(confirm, margin, &cost, self.print_cap_usd_minor, &draft.recipient);
        let name = if order.name.is_empty() { id.clone() } else { order.name.clone() };
        let verb = if confirm { "Print" } else { "Draft a print of" };
        let pieces: i64 = draft.items.iter().map(|item| item.quantity).sum();
        let noun = if pieces == 1 { "piece" } else { "pieces" };
        let preview = format!("{verb} order {name}: {pieces} {noun} to {}, {cost}", draft.recipient.ship_to());
        let mut resolved = Resolved::plain(json!({"shopify_order_id": id, "confirm": confirm}), risk, preview);
        resolved.call = call;
        resolved.binding = Some(BINDING);
        resolved.risk_flags = flags;
        resolved.business_key = Some(format!("{}:{id}", if confirm { "print" } else { "draft" }));
        resolved.provider_key = Some(id);
        resolved.order = Some((row.order_key.clone(), row.version));
        resolved.order_facts = Some(facts);
        resolved.margin_minor = margin;
        resolved.revenue = match (&row.currency, row.total_minor) {
            (Some(currency), Some(total)) => Some(Money::new(currency, total.saturating_sub(row.refunded_minor))),
            _ => None,
        };
        resolved.cost = Some(cost);
        resolved.subject_name = Some(name);
        resolved.private = Private(Some(hide(&draft, &not_printed)));
        Ok(Resolution::Call(Box::new(resolved)))
    }

    async fn execute(&self, permit: Permit, call: &Resolved) -> Result<Executed, SendError> {
        send::execute(&self.printful, permit, call).await
    }

    async fn reconcile(&self, _effect: &EffectId, provider_key: &str, prepared: &Value, _age: i64) -> Reconciled {
        let confirm = prepared["params"]["confirm"].as_bool().unwrap_or(false);
        match self.printful.order(&format!("@{provider_key}")).await {
            Err(error) => Reconciled::NoAnswer(error.to_string()),
            Ok(None) => Reconciled::Absent,
            Ok(Some(print)) => match print.standing() {
                Standing::Cancelled => Reconciled::Failed(cancelled()),
                Standing::Draft if confirm => Reconciled::Absent,
                Standing::Draft | Standing::Pending | Standing::Later => {
                    Reconciled::Committed(executed(&print, provider_key, &[], confirm))
                }
            },
        }
    }
}

/// An order that was submitted before: nothing to do, only the row is brought up to it.
fn already(id: &str, print: &PrintOrder) -> Resolution {
    let mut result = result(print, id, &[]);
    result["already_submitted"] = json!(true);
    Resolution::Settled { result, order_facts: facts(id, print, Origin::Printful).map(Box::new) }
}

fn cancelled() -> ToolError {
    ToolError::new("print_cancelled", "the print of this order was cancelled at the printer")
}

fn cost_unknown() -> ToolError {
    ToolError::new("cost_unknown", "the printer gives no figure for this order")
}

fn result(print: &PrintOrder, id: &str, not_printed: &[Value]) -> Value {
    let mut result =
        json!({"id": print.id, "status": print.status, "external_id": id, "lines_not_printed": not_printed});
    if let Some(cost) = &print.cost {
        result["cost"] = json!({"currency": cost.currency, "total": cost.decimal()});
    }
    result
}

fn executed(print: &PrintOrder, id: &str, not_printed: &[Value], confirmed: bool) -> Executed {
    let order_facts = if confirmed { facts(id, print, Origin::Holly) } else { None };
    Executed { result: result(print, id, not_printed), provider_ref: Some(print.id.clone()), order_facts, undo: None }
}

fn facts(id: &str, print: &PrintOrder, origin: Origin) -> Option<OrderFacts> {
    let mut facts = OrderFacts::new(origin, OrderKey::shopify(id).ok()?);
    facts.fulfilment = print.fulfilment();
    facts.print_order_id = Some(print.id.clone());
    facts.print_cost_minor = print.cost.as_ref().map(|cost| cost.minor);
    facts.print_cost_currency = print.cost.as_ref().map(|cost| cost.currency.clone());
    Some(facts)
}

/// What the call needs and nobody may store.
fn hide(draft: &Draft, not_printed: &[Value]) -> Value {
    let items: Vec<_> = draft
        .items
        .iter()
        .map(|item| {
            json!([item.line_id, item.sync_variant_id, item.catalog_variant_id, item.quantity, item.retail_price,])
        })
        .collect();
    json!({"recipient": draft.recipient.expose(), "items": items, "retail_shipping": draft.retail_shipping, "not_printed": not_printed})
}

/// Reads back what [`hide`] wrote.
fn reveal(private: &Private, id: &str) -> Option<(Draft, Vec<Value>)> {
    let hidden = private.0.as_ref()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let items = hidden["items"].as_array()?.iter().map(|item| {
        Some(DraftItem {
            line_id: text(&item[0])?,
            sync_variant_id: text(&item[1])?,
            catalog_variant_id: text(&item[2])?,
            quantity: item[3].as_i64()?,
            retail_price: text(&item[4]),
        })
    });
    let draft = Draft {
        external_id: id.to_owned(),
        recipient: Recipient::from_private(&hidden["recipient"]),
        items: items.collect::<Option<_>>()?,
        retail_shipping: serde_json::from_value(hidden["retail_shipping"].clone()).ok()?,
    };
    Some((draft, hidden["not_printed"].as_array().cloned().unwrap_or_default()))
}
