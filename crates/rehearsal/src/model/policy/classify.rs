//! Sorting a task into type, complexity and route.

use serde_json::json;

use super::Answer;
use crate::model::reading::Reading;

/// Task type, its complexity, its route, and the words that name it. The first row with a word in the text wins.
const TYPES: [(&str, &str, &str, &[&str]); 7] = [
    ("content_post", "simple", "sales_marketing", &["instagram", "post", "content", "social"]),
    ("full_campaign", "complex", "sales_marketing", &["campaign", "marketing", "weekly"]),
    ("product_launch", "moderate", "sales_marketing", &["launch", "new product", "listing"]),
    ("order_check", "simple", "operations", &["order", "fulfillment", "pending"]),
    ("inventory_sync", "simple", "operations", &["inventory", "sync", "stock"]),
    ("revenue_report", "moderate", "revenue_analytics", &["revenue", "report", "sales analysis"]),
    ("pricing_review", "moderate", "revenue_analytics", &["pricing", "price", "margin"]),
];

/// Guesses for texts without one of those words.
const GUESSES: [(&str, &str, &[&str]); 4] = [
    ("order_check", "operations", &["fulfil", "ship", "print", "deliver", "parcel", "tracking"]),
    (
        "revenue_report",
        "revenue_analytics",
        &["stripe", "refund", "earn", "profit", "income", "charge", "payment", "dispute", "sales"],
    ),
    ("inventory_sync", "operations", &["product", "catalog", "variant", "shirt", "mug", "poster"]),
    ("content_post", "sales_marketing", &["caption", "hashtag", "story", "reel", "advert", "promot", "follower"]),
];

/// A classifier is told the task types and given no tools.
pub(super) fn is_asked(reading: &Reading) -> bool {
    reading.tools.is_empty()
        && reading.calls.is_empty()
        && ["content_post", "full_campaign", "order_check", "route_to"].iter().all(|word| reading.system.contains(word))
}

/// The classification.
pub(super) fn decide(reading: &Reading) -> Answer {
    let (task_type, complexity, route) = classify(reading);
    Answer::json(&json!({"task_type": task_type, "task_complexity": complexity, "route_to": route}))
}

fn classify(reading: &Reading) -> (&'static str, &'static str, &'static str) {
    if let Some(task) = reading.task() {
        if task == "sage_chat" {
            return ("sage_chat", "simple", "sage");
        }
        if let Some((name, complexity, route, _)) = TYPES.iter().find(|(name, ..)| *name == task) {
            return (name, complexity, route);
        }
    }
    let payload = reading.payload.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = format!("{} {payload}", reading.asked).to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if let Some((name, complexity, route, _)) = TYPES.iter().find(|(.., words)| has(words)) {
        return (name, complexity, route);
    }
    match GUESSES.iter().find(|(.., words)| has(words)) {
        Some((name, route, _)) => (name, "simple", route),
        // Nothing of the shop is in it: somebody talks.
        None => ("sage_chat", "simple", "sage"),
    }
}
