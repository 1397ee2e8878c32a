//! What the rehearsal model does: a pure function from a [`Reading`] to an [`Answer`].

mod classify;
mod content;
mod fallback;
mod orders;
mod outcome;
mod revenue;
mod stock;

use serde_json::Value;

use super::reading::Reading;

/// What the model says next.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is finished; the text is a JSON object for an agent with a contract.
    Text(String),
    /// It asks for these calls.
    Calls(Vec<Call>),
}

/// A call it asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The tool.
    pub name: &'static str,
    /// The arguments.
    pub args: Value,
}

impl Answer {
    fn json(value: &Value) -> Self {
        Self::Text(value.to_string())
    }

    fn call(name: &'static str, args: Value) -> Self {
        Self::Calls(vec![Call { name, args }])
    }
}

/// What a request asks of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Classify,
    Orders,
    Stock,
    Revenue,
    Content(content::Author),
    Unknown,
}

/// The next answer.
#[must_use]
pub fn decide(reading: &Reading) -> Answer {
    let answer = match work(reading) {
        Work::Classify => classify::decide(reading),
        Work::Orders => orders::decide(reading),
        Work::Stock => stock::decide(reading),
        Work::Revenue => revenue::decide(reading),
        Work::Content(author) => content::decide(reading, author),
        Work::Unknown => fallback::decide(reading),
    };
    match answer {
        Answer::Calls(calls) if calls.iter().any(|call| !reading.tools.contains(call.name)) => {
            outcome::cannot_call(reading, &calls)
        }
        answer => answer,
    }
}

/// Tells the tasks apart by the contract in the system text, the tools and the event.
fn work(reading: &Reading) -> Work {
    if classify::is_asked(reading) {
        return Work::Classify;
    }
    if let Some(author) = content::author(reading) {
        return Work::Content(author);
    }
    let states = |words: &[&str]| words.iter().all(|word| reading.system.contains(word));
    let operations = reading.knows_any("printful_") || states(&["fulfill_order", "inventory_sync"]);
    let revenue = reading.knows("stripe_revenue_query") || states(&["daily_revenue", "chargeback_alert"]);
    if operations && orders::is_asked(reading) {
        return Work::Orders;
    }
    if (operations || reading.knows("shopify_query_products")) && stock::is_asked(reading) {
        return Work::Stock;
    }
    if revenue && revenue::is_asked(reading) {
        return Work::Revenue;
    }
    Work::Unknown
}
