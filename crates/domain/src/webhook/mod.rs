//! Webhooks: what a provider sends, whether it is really from there, and what it means.
//!
//! Three pure steps: [`verify`] checks the signature over the raw bytes, [`parse`] reads the body and keeps an
//! allow-listed projection of it, and the result says what the delivery changes: facts for the order row, and the run it
//! starts. Customer data never leaves [`parse`].

mod printful;
mod read;
mod shopify;
mod signature;
mod stripe;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::canonical;
use crate::ids::WebhookEventId;
use crate::message::Message;
use crate::order::OrderFacts;
use crate::time::Timestamp;

pub use signature::{SignatureError, verify};

/// Who delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// The shop.
    Shopify,
    /// The payments.
    Stripe,
    /// The printer.
    Printful,
}

impl Provider {
    /// Reads the name of a row.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Shopify, Self::Stripe, Self::Printful].into_iter().find(|provider| provider.as_str() == text)
    }

    /// The name in paths and rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::Stripe => "stripe",
            Self::Printful => "printful",
        }
    }
}

/// The headers of a delivery, names in lower case.
#[derive(Debug, Clone, Default)]
pub struct DeliveryHeaders(BTreeMap<String, String>);

impl DeliveryHeaders {
    /// Takes headers over; names are lower-cased.
    #[must_use]
    pub fn new<N: AsRef<str>, V: Into<String>>(headers: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(headers.into_iter().map(|(name, value)| (name.as_ref().to_ascii_lowercase(), value.into())).collect())
    }

    /// One header.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// What a delivery is checked against.
#[derive(Debug, Clone, Default)]
pub struct ParseContext {
    /// The shop's domain; none: not checked.
    pub shop_domain: Option<String>,
    /// Whether the payment key is a live one; none: not checked.
    pub stripe_livemode: Option<bool>,
    /// The printer's store; none: not checked.
    pub printful_store_id: Option<i64>,
}

/// The signature holds, but the delivery is for another shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the delivery names another shop")]
pub struct OtherShop;

/// How urgent an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Before ordinary ones.
    High,
    /// Ordinary.
    Normal,
}

impl Priority {
    /// The text in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
        }
    }

    /// Priority of the run that it starts.
    #[must_use]
    pub fn of_run(self) -> i64 {
        match self {
            Self::High => 8,
            Self::Normal => 5,
        }
    }
}

/// What an event leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A run at once.
    Run(RunSeed),
    /// Nothing but its facts.
    EventOnly,
    /// One run for the newest event of the resource, some minutes after the first.
    Coalesce(RunSeed),
    /// Nothing: unknown, unreadable, or not for us.
    Ignore {
        /// Why.
        reason: String,
    },
}

/// A verified and parsed delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedDelivery {
    /// From whom.
    pub provider: Provider,
    /// Unique within the provider; a second delivery of it changes nothing.
    pub event_id: String,
    /// `orders/paid`, `charge.refunded`, `shipment_sent`, ...
    pub event_type: String,
    /// How urgent.
    pub priority: Priority,
    /// The object it is about, for coalescing.
    pub resource_key: Option<String>,
    /// When it happened, as the provider says.
    pub occurred_at: Option<Timestamp>,
    /// What is kept of the body.
    pub payload: Value,
    /// What is kept of the headers.
    pub headers_subset: Value,
    /// News of an order.
    pub facts: Option<OrderFacts>,
    /// What it leads to.
    pub action: Action,
}

/// The run that an event starts, but for the number of its row and the name of its order.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSeed {
    /// From whom.
    pub provider: Provider,
    /// Known task type, so that no model is asked where it belongs.
    pub task: &'static str,
    /// Runs on one subject go one at a time.
    pub serial_key: String,
    /// Name for people; `{order}` stands for the order's name where the event does not know it.
    pub run_name: String,
    /// What stands for `{order}` when nobody knows the name.
    pub order_fallback: String,
    /// What the run is for.
    pub goal: &'static str,
    /// Event type.
    pub event: String,
    /// Facts for the agent.
    pub summary: Map<String, Value>,
}

/// Goal of a run about a changed product.
const VERIFY: &str = "verify the listing";

impl RunSeed {
    fn product(
        provider: Provider,
        event: &str,
        product: &str,
        what: &str,
        goal: &'static str,
        summary: Map<String, Value>,
    ) -> Self {
        Self {
            provider,
            task: "inventory_sync",
            serial_key: format!("product:{product}"),
            run_name: format!("Product {product} {what}"),
            order_fallback: String::new(),
            goal,
            event: event.to_owned(),
            summary,
        }
    }

    /// The run of coalesced events, from the row of the newest of them. None when its payload names no product.
    #[must_use]
    pub fn coalesced(provider: Provider, event: &str, payload: &Value) -> Option<Self> {
        let summary = payload.as_object()?.clone();
        let product = summary.get("product_id")?.as_str()?.to_owned();
        let what = event.rsplit(['/', '_']).next().unwrap_or("updated");
        let what = if what == "update" { "updated" } else { what };
        Some(Self::product(provider, event, &product, what, VERIFY, summary))
    }

    /// The name, with the order's name put in.
    #[must_use]
    pub fn name(&self, order_name: Option<&str>) -> String {
        let name = self.run_name.replace("{order}", order_name.unwrap_or(&self.order_fallback));
        name.chars().take(200).collect()
    }

    /// The task, the initial state and the metadata of the run.
    #[must_use]
    pub fn input(&self, event: WebhookEventId) -> (Map<String, Value>, Value) {
        let source = format!("webhook:{}", self.provider.as_str());
        let payload = json!({
            "task": self.task, "provider": self.provider.as_str(), "event": self.event, "webhook_event_id": event,
            "goal": self.goal, "summary": self.summary,
        });
        let state = Map::from_iter([
            ("messages".to_owned(), json!([Message::human(sentence(self.goal))])),
            ("trigger_source".to_owned(), json!(source)),
            ("trigger_payload".to_owned(), payload),
            ("retry_count".to_owned(), json!(0)),
        ]);
        let metadata = json!({
            "source": "webhook", "trigger_source": source, "provider": self.provider.as_str(),
            "event_type": self.event, "webhook_event_id": event,
        });
        (state, metadata)
    }
}

fn sentence(goal: &str) -> String {
    let mut chars = goal.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// Reads a delivery whose signature holds. Never fails on a body: what cannot be read is an ignored delivery.
///
/// # Errors
/// When a header names another shop.
pub fn parse(
    provider: Provider,
    headers: &DeliveryHeaders,
    sub_topic: Option<&str>,
    body: &[u8],
    context: &ParseContext,
) -> Result<ParsedDelivery, OtherShop> {
    match provider {
        Provider::Shopify => shopify::parse(headers, sub_topic, body, context),
        Provider::Stripe => Ok(stripe::parse(body, context)),
        Provider::Printful => Ok(printful::parse(headers, body, context)),
    }
}

/// A delivery that is kept and leads to nothing.
fn ignored(
    provider: Provider,
    event_id: String,
    event_type: &str,
    headers_subset: Value,
    reason: &str,
) -> ParsedDelivery {
    ParsedDelivery {
        provider,
        event_id,
        event_type: event_type.chars().take(100).collect(),
        priority: Priority::Normal,
        resource_key: None,
        occurred_at: None,
        payload: json!({}),
        headers_subset,
        facts: None,
        action: Action::Ignore { reason: reason.to_owned() },
    }
}

/// The id of a body that cannot be read.
fn body_id(body: &[u8]) -> String {
    canonical::sha256_hex(body)
}

#[cfg(test)]
mod tests;
