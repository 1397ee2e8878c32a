//! Deliveries of the three providers.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;

/// Who delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The printer.
    Printful,
    /// The shop.
    Shopify,
    /// The payments.
    Stripe,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Printful, Self::Shopify, Self::Stripe];

    /// The name in paths, rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Printful => "printful",
            Self::Shopify => "shopify",
            Self::Stripe => "stripe",
        }
    }
}

/// One delivery, exactly as it arrived.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Who claims to deliver.
    pub provider: Provider,
    /// All headers of the request.
    pub headers: HeaderMap,
    /// What follows `/webhooks/shopify/` in the path; counts only when the topic header is missing.
    pub sub_topic: Option<String>,
    /// The raw body, which the signature covers.
    pub body: Bytes,
}

/// What became of a delivery. A store that cannot be reached is an error, not an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookOutcome {
    /// Stored, with what it causes.
    Accepted,
    /// Seen before.
    Duplicate,
    /// The signature holds, but the event is of no known kind or its body is no JSON; stored as `ignored`.
    Ignored,
    /// The signature, the shop or the timestamp does not hold; nothing was stored.
    Unauthorized,
}

/// Deliveries of one provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookCounts {
    /// All of them.
    pub total: i64,
    /// By state: `received`, `dispatched`, `ignored`, `failed`.
    pub by_status: BTreeMap<String, i64>,
}
