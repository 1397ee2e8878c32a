//! Products and stock.

use serde_json::{Value, json};

use super::Answer;
use super::outcome::{self, Outcome, plain};
use crate::model::reading::Reading;

const PRODUCTS: &str = "shopify_query_products";
const WORDS: [&str; 5] = ["inventory", "stock", "product", "catalog", "sync"];

pub(super) fn is_asked(reading: &Reading) -> bool {
    if let Some(event) = reading.event() {
        return event.starts_with("products/") || event.starts_with("product_") || event == "inventory_sync";
    }
    let asked = reading.asked.to_lowercase();
    reading.task() == Some("inventory_sync") || WORDS.iter().any(|word| asked.contains(word))
}

/// Read the products, then report on them.
pub(super) fn decide(reading: &Reading) -> Answer {
    let Some(read) = reading.result(PRODUCTS) else {
        return Answer::call(PRODUCTS, json!({"limit": 250}));
    };
    let facts = match outcome::read(read) {
        Outcome::Facts(facts) => facts,
        Outcome::Failed { code, message, .. } => {
            return report("error", format!("Products could not be read: {message} ({code})."), json!({"error": code}));
        }
        _ => return report("error", "Products could not be read.".to_owned(), json!({})),
    };
    let products: Vec<&Value> = facts.get("products").and_then(Value::as_array).into_iter().flatten().collect();
    let sold_out: Vec<String> = products
        .iter()
        .filter(|product| product.get("total_inventory").and_then(Value::as_i64).is_some_and(|left| left <= 0))
        .filter_map(|product| product.get("title").and_then(Value::as_str).map(plain))
        .collect();
    let mut summary = format!("{} products checked", products.len());
    if let Some(id) = reading.fact("product_id").or_else(|| reading.fact("id")) {
        let tail = id.rsplit('/').next().unwrap_or_default().to_owned();
        let known = products.iter().any(|product| {
            let listed = match product.get("id") {
                Some(Value::String(text)) => text.rsplit('/').next().unwrap_or_default().to_owned(),
                Some(other) => other.to_string(),
                None => String::new(),
            };
            listed == tail
        });
        summary.push_str(&format!("; product {} is {}", plain(&tail), if known { "listed" } else { "not listed" }));
    }
    match sold_out.len() {
        0 => {}
        count => summary.push_str(&format!("; {count} without stock")),
    }
    report("completed", summary, json!({"count": products.len(), "without_stock": sold_out}))
}

fn report(status: &str, summary: String, details: Value) -> Answer {
    Answer::json(&json!({"action": "inventory_sync", "details": details, "status": status, "summary": summary}))
}
