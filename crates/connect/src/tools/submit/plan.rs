//! The decisions about a print, each a plain function of what was read.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::money::Money;
use domain::order::{Order, printable};
use domain::time::Timestamp;
use domain::tool::Risk;
use gateway::ToolError;
use serde_json::{Value, json};

use crate::printful::{DraftItem, PrintOrder, StoreKind, SyncVariant};
use crate::shopify::{Recipient, ShopLine, ShopOrder};

/// How long the import of a connected shop may take; until then an order is left to it.
pub const IMPORT_MINUTES: i64 = 15;

/// The lines of an order that can be printed, and the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapped {
    /// What is printed.
    pub items: Vec<DraftItem>,
    /// Titles and reasons of the others.
    pub not_printed: Vec<Value>,
}

/// Whether the row allows a print.
///
/// # Errors
/// `order_not_printable` with the reason.
pub fn allowed(order: &Order) -> Result<(), ToolError> {
    printable(order)
        .map_err(|reason| ToolError::new("order_not_printable", reason.to_string()).with("reason", reason.as_str()))
}

/// The lines that are still to be sent.
pub fn open_lines(order: &ShopOrder) -> impl Iterator<Item = &ShopLine> {
    order.lines.iter().filter(|line| line.requires_shipping && line.unfulfilled > 0)
}

/// Maps open lines to what the printer makes; `variants` holds the answer for each variant of the shop.
///
/// # Errors
/// `not_available` when the printer cannot make one of them now, `nothing_to_print` when none is the printer's.
pub fn map_lines(order: &ShopOrder, variants: &BTreeMap<String, Option<SyncVariant>>) -> Result<Mapped, ToolError> {
    let mut mapped = Mapped::default();
    for line in open_lines(order) {
        let known = line.variant_id.as_ref().and_then(|id| variants.get(id)).and_then(Option::as_ref);
        let why_not = match known {
            None => Some("not a Printful item"),
            Some(variant) if variant.is_ignored => Some("ignored at Printful"),
            Some(variant) if !variant.synced => Some("not set up at Printful"),
            Some(_) => None,
        };
        if let Some(reason) = why_not {
            mapped.not_printed.push(json!({"title": line.title, "quantity": line.unfulfilled, "reason": reason}));
        } else if let Some(variant) = known {
            if !variant.is_available() {
                let text = "the printer cannot make one of the lines now";
                return Err(ToolError::new("not_available", text).with("title", line.title.clone()));
            }
            mapped.items.push(DraftItem {
                line_id: line.id.clone(),
                sync_variant_id: variant.id.clone(),
                catalog_variant_id: variant.catalog_variant_id.clone(),
                quantity: line.unfulfilled,
                retail_price: line.unit_price.as_ref().map(Money::decimal),
            });
        }
    }
    if mapped.items.is_empty() {
        let text = "no open line of this order is made by the printer";
        return Err(ToolError::new("nothing_to_print", text).with("lines_not_printed", mapped.not_printed));
    }
    mapped.items.sort_by_key(|item| (item.sync_variant_id.parse::<u64>().ok(), item.line_id.clone()));
    Ok(mapped)
}

/// Whether a draft at the printer holds exactly the mapped lines.
///
/// # Errors
/// `draft_differs`: a person settles it there.
pub fn draft_matches(draft: &PrintOrder, items: &[DraftItem]) -> Result<(), ToolError> {
    let wanted = sums(items.iter().map(|item| (item.catalog_variant_id.as_str(), item.quantity)));
    let there = sums(draft.items.iter().map(|(variant, quantity)| (variant.as_str(), *quantity)));
    if wanted == there {
        return Ok(());
    }
    let text = "the draft at the printer holds other quantities than the order; settle it there";
    Err(ToolError::new("draft_differs", text).with("printful_order_id", draft.id.clone()))
}

fn sums<'a>(items: impl Iterator<Item = (&'a str, i64)>) -> BTreeMap<&'a str, i64> {
    let mut sums = BTreeMap::new();
    for (variant, quantity) in items {
        *sums.entry(variant).or_insert(0) += quantity;
    }
    sums
}

/// Whether a missing order may be made by us yet: a connected shop's import gets its time first, so that import and
/// creation cannot make two.
///
/// # Errors
/// `not_imported_yet`.
pub fn may_create(kind: StoreKind, ordered_at: Option<Timestamp>, now: Timestamp) -> Result<(), ToolError> {
    let young = ordered_at.is_none_or(|at| now - at < TimeDelta::minutes(IMPORT_MINUTES));
    if kind == StoreKind::Integrated && young {
        return Err(ToolError::new("not_imported_yet", "the printer's own import of this order is waited for"));
    }
    Ok(())
}

/// Items as the resolved call shows them: one entry per sync variant, in the order of its id.
#[must_use]
pub fn call_items(items: &[DraftItem]) -> Value {
    let mut merged: BTreeMap<(Option<u64>, &str), i64> = BTreeMap::new();
    for item in items {
        *merged.entry((item.sync_variant_id.parse().ok(), item.sync_variant_id.as_str())).or_insert(0) += item.quantity;
    }
    merged
        .iter()
        .map(|((number, text), quantity)| {
            let id = number.map_or_else(|| json!(text), |number| json!(number));
            json!({"sync_variant_id": id, "quantity": quantity})
        })
        .collect()
}

/// What is left of the order's money after the print: total less refunds, cost and known fee; none when the currencies
/// differ or a figure is missing.
#[must_use]
pub fn margin(order: &Order, cost: &Money) -> Option<i64> {
    if order.currency.as_deref() != Some(cost.currency.as_str()) {
        return None;
    }
    order
        .total_minor?
        .checked_sub(order.refunded_minor)?
        .checked_sub(cost.minor)?
        .checked_sub(order.payment_fee_minor.unwrap_or(0))
}

/// Risk of the call and the flags that say why.
#[must_use]
pub fn risk(
    confirm: bool,
    margin: Option<i64>,
    cost: &Money,
    cap_usd_minor: i64,
    recipient: &Recipient,
) -> (Risk, Vec<String>) {
    let mut flags = Vec::new();
    match margin {
        None => flags.push("margin:unknown".to_owned()),
        Some(margin) if margin < 0 => flags.push("margin:negative".to_owned()),
        Some(_) => {}
    }
    // A cost in another currency cannot be held against the cap, and is treated as above it.
    if cost.currency != "USD" || cost.minor > cap_usd_minor {
        flags.push("cost:above_cap".to_owned());
    }
    if !recipient.is_complete() {
        flags.push("address:incomplete".to_owned());
    }
    let risk = if confirm && !flags.is_empty() { Risk::High } else { Risk::Medium };
    (risk, flags)
}

/// Whether a cost is dearer than the approved one by more than 5 % and more than one unit of the currency.
#[must_use]
pub fn dearer(approved: &Money, now: &Money) -> bool {
    if approved.currency != now.currency {
        return true;
    }
    let unit = 10_i64.pow(domain::money::exponent(&now.currency));
    let more = now.minor.saturating_sub(approved.minor);
    more > unit && i128::from(more) * 100 > i128::from(approved.minor) * 5
}
