//! `stripe_revenue_query`: what came in, per currency.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::tool::ToolSpec;
use gateway::{CallContext, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, read_spec, tool_debug};
use crate::stripe::{Charge, Stripe};

/// Sums of one currency, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Revenue {
    /// Number of charges.
    pub charges: i64,
    /// Taken.
    pub gross: i64,
    /// Given back.
    pub refunded: i64,
}

impl Revenue {
    /// Taken less given back.
    #[must_use]
    pub fn net(&self) -> i64 {
        self.gross.saturating_sub(self.refunded)
    }
}

/// Sums the charges that succeeded, each currency by itself: two currencies are never added.
#[must_use]
pub fn revenue(charges: &[Charge]) -> BTreeMap<String, Revenue> {
    let mut sums: BTreeMap<String, Revenue> = BTreeMap::new();
    for charge in charges.iter().filter(|charge| charge.status == "succeeded") {
        let sum = sums.entry(charge.currency.to_ascii_lowercase()).or_default();
        sum.charges += 1;
        sum.gross = sum.gross.saturating_add(charge.amount);
        sum.refunded = sum.refunded.saturating_add(charge.amount_refunded);
    }
    sums
}

/// Reports revenue.
pub struct RevenueQuery {
    spec: ToolSpec,
    stripe: Stripe,
    currency: String,
}

tool_debug!(RevenueQuery);

impl RevenueQuery {
    /// The tool over a client; `currency` is the one that is reported first.
    #[must_use]
    pub fn new(stripe: Stripe, currency: &str) -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {
            "days": {"type": "integer", "minimum": 1, "maximum": 365, "default": 7, "description": "How many days back."}}});
        let text = "Sums the succeeded charges of the last days, less refunds, in minor units.";
        let spec = read_spec("stripe_revenue_query", "Query revenue", text, "stripe", schema);
        Self { spec, stripe, currency: currency.to_ascii_lowercase() }
    }
}

#[async_trait::async_trait]
impl Tool for RevenueQuery {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn read(&self, _context: &CallContext, params: &Value) -> Result<Value, ToolError> {
        let days = params::integer(params, "days", 7, 1, 365)?;
        let now = self.stripe.now();
        let mut sums = revenue(&self.stripe.charges(now - TimeDelta::days(days), now).await?);
        let own = sums.remove(&self.currency).unwrap_or_default();
        let mut result = json!({
            "period_days": days,
            "total_charges": own.charges,
            "total_revenue_cents": own.gross,
            "total_refunded_cents": own.refunded,
            "net_revenue_cents": own.net(),
            "currency": self.currency,
        });
        if !sums.is_empty() {
            let others = sums.iter().map(|(currency, sum)| {
                json!({"currency": currency, "total_charges": sum.charges,
                "total_revenue_minor": sum.gross, "total_refunded_minor": sum.refunded, "net_revenue_minor": sum.net()})
            });
            result["other_currencies"] = others.collect();
        }
        Ok(result)
    }
}
