//! The printer's things, read from either version of its API.

use domain::money::Money;
use domain::order::Fulfilment;
use serde_json::{Value, json};

use crate::shopify::Recipient;

/// How the store is fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// Orders come from us alone.
    Native,
    /// A connected shop; the printer imports its orders by itself.
    Integrated,
}

/// The store that we print for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Its id.
    pub id: String,
    /// How it is fed.
    pub kind: StoreKind,
}

/// An order at the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintOrder {
    /// The printer's id.
    pub id: String,
    /// Ours.
    pub external_id: Option<String>,
    /// `draft`, `pending`, ...; values unknown to us pass as they are.
    pub status: String,
    /// When it was made, as stated.
    pub created: Option<String>,
    /// Way of shipping.
    pub shipping: Option<String>,
    /// What it costs, once that is calculated.
    pub cost: Option<Money>,
    /// Catalogue variant and quantity of each item.
    pub items: Vec<(String, i64)>,
}

/// Where an order at the printer stands, as far as we act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Made, costs nothing, not confirmed.
    Draft,
    /// Confirmed; can be stopped.
    Pending,
    /// Held, being made or sent.
    Later,
    /// Cancelled.
    Cancelled,
}

impl PrintOrder {
    /// Reads an order of version 1 or 2.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let items = value["order_items"].as_array().or_else(|| value["items"].as_array());
        let items = items.map(Vec::as_slice).unwrap_or_default().iter();
        let done = matches!(value["costs"]["calculation_status"].as_str(), None | Some("done"));
        Some(Self {
            id: text(&value["id"])?,
            external_id: text(&value["external_id"]),
            status: value["status"].as_str()?.to_owned(),
            created: text(&value["created_at"]).or_else(|| text(&value["created"])),
            shipping: text(&value["shipping"]),
            cost: if done { cost(&value["costs"]) } else { None },
            items: items
                .map(|item| {
                    let variant = text(&item["catalog_variant_id"]).or_else(|| text(&item["variant_id"]));
                    (variant.unwrap_or_default(), item["quantity"].as_i64().unwrap_or(0))
                })
                .collect(),
        })
    }

    /// Where it stands. A status that we do not know counts as beyond our reach.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.status.as_str() {
            "draft" | "failed" => Standing::Draft,
            "pending" => Standing::Pending,
            "canceled" => Standing::Cancelled,
            _ => Standing::Later,
        }
    }

    /// How far that is for the customer; none while nothing is confirmed.
    #[must_use]
    pub fn fulfilment(&self) -> Option<Fulfilment> {
        match self.status.as_str() {
            "pending" | "onhold" => Some(Fulfilment::Submitted),
            "inprocess" => Some(Fulfilment::InProduction),
            "partial" => Some(Fulfilment::PartlyShipped),
            "fulfilled" => Some(Fulfilment::Shipped),
            _ => None,
        }
    }
}

/// A variant of the shop as the printer knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncVariant {
    /// Its id.
    pub id: String,
    /// What is printed on.
    pub catalog_variant_id: String,
    /// Whether it is set up.
    pub synced: bool,
    /// Whether its owner excluded it.
    pub is_ignored: bool,
    /// `active`, `discontinued`, `out_of_stock`, ...; none when not stated.
    pub availability: Option<String>,
}

impl SyncVariant {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let value = if value["sync_variant"].is_object() { &value["sync_variant"] } else { value };
        Some(Self {
            id: text(&value["id"])?,
            catalog_variant_id: text(&value["variant_id"]).unwrap_or_default(),
            synced: value["synced"].as_bool()?,
            is_ignored: value["is_ignored"].as_bool().unwrap_or(false),
            availability: text(&value["availability_status"]),
        })
    }

    /// Whether it can be made now.
    #[must_use]
    pub fn is_available(&self) -> bool {
        !matches!(self.availability.as_deref(), Some("discontinued" | "out_of_stock" | "temporary_out_of_stock"))
    }
}

/// One item of a new order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftItem {
    /// The line of the shop's order.
    pub line_id: String,
    /// What is printed.
    pub sync_variant_id: String,
    /// On what.
    pub catalog_variant_id: String,
    /// How many.
    pub quantity: i64,
    /// What the customer pays for one.
    pub retail_price: Option<String>,
}

/// A new order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The shop's order id.
    pub external_id: String,
    /// Where it goes.
    pub recipient: Recipient,
    /// What it holds.
    pub items: Vec<DraftItem>,
    /// What the customer paid for shipping, with its currency.
    pub retail_shipping: Option<Money>,
}

/// The only way of shipping that is used.
pub const SHIPPING: &str = "STANDARD";

impl Draft {
    /// The body of a creation or of an estimate.
    pub(super) fn body(&self) -> Value {
        let items: Vec<_> = self.items.iter().map(|item| {
            // A long id would not fit: the printer takes 32 characters, the digits of a line are unique within the shop.
            let line = item.line_id.rsplit('/').next().unwrap_or_default();
            let mut body = json!({"external_id": line, "sync_variant_id": number(&item.sync_variant_id), "quantity": item.quantity});
            if let Some(price) = &item.retail_price {
                body["retail_price"] = json!(price);
            }
            body
        }).collect();
        let mut body = json!({
            "external_id": self.external_id,
            "shipping": SHIPPING,
            "recipient": self.recipient.expose(),
            "items": items,
        });
        if let Some(shipping) = &self.retail_shipping {
            body["retail_costs"] = json!({"currency": shipping.currency, "shipping": shipping.decimal()});
        }
        body
    }
}

/// `costs` of either version.
pub(super) fn cost(costs: &Value) -> Option<Money> {
    Money::parse(&text(&costs["total"])?, costs["currency"].as_str()?).ok()
}

/// Ids and amounts come as text or as numbers; both are kept as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An id as the number that version 1 wants.
pub(super) fn number(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| json!(id), |id| json!(id))
}
