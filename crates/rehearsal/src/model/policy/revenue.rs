//! Money: the figures of the payment provider, and none besides.

use serde_json::{Map, Value, json};

use super::Answer;
use super::outcome::{self, Outcome};
use crate::model::reading::Reading;

const QUERY: &str = "stripe_revenue_query";
const FIGURES: [&str; 6] =
    ["period_days", "total_charges", "total_revenue_cents", "total_refunded_cents", "net_revenue_cents", "currency"];
const WORDS: [&str; 12] = [
    "revenue", "report", "sales", "earn", "profit", "income", "margin", "pricing", "price", "charge", "dispute",
    "stripe",
];

pub(super) fn is_asked(reading: &Reading) -> bool {
    if matches!(reading.task(), Some("revenue_report" | "pricing_review")) {
        return true;
    }
    let asked = reading.asked.to_lowercase();
    // Money is given back by a person; reporting figures instead would look like an answer.
    !asked.contains("refund ") && WORDS.iter().any(|word| asked.contains(word))
}

/// Ask for the figures, then report them.
pub(super) fn decide(reading: &Reading) -> Answer {
    let Some(read) = reading.result(QUERY) else {
        return Answer::call(QUERY, json!({"days": days(&reading.asked.to_lowercase())}));
    };
    let dispute = reading.event() == Some("charge.dispute.created");
    let asked = reading.asked.to_lowercase();
    let pricing =
        reading.task() == Some("pricing_review") || ["pricing", "price"].iter().any(|word| asked.contains(word));
    let kind = match (dispute, pricing) {
        (true, _) => "chargeback_alert",
        (false, true) => "pricing_recommendation",
        (false, false) => "daily_revenue",
    };
    let (metrics, mut summary, failed) = match outcome::read(read) {
        Outcome::Facts(facts) => {
            let metrics: Map<String, Value> =
                FIGURES.iter().filter_map(|name| Some(((*name).to_owned(), facts.get(*name)?.clone()))).collect();
            let summary = sentence(&metrics);
            (metrics, summary, false)
        }
        Outcome::Failed { code, .. } => (Map::new(), format!("The figures could not be read ({code})."), true),
        _ => (Map::new(), "The figures could not be read.".to_owned(), true),
    };
    if dispute {
        let id = reading.fact("id").or_else(|| reading.fact("object_id")).map(|id| format!(" {}", outcome::plain(&id)));
        summary = format!(
            "Dispute{} was opened; answer it at Stripe with order and shipment. {summary}",
            id.unwrap_or_default()
        );
    }
    let status = match (failed, dispute) {
        (_, true) => "needs_action",
        (true, false) => "error",
        (false, false) => "completed",
    };
    Answer::json(&json!({
        "report_type": kind,
        "status": status,
        "summary": summary,
        "recommendations": recommendations(&metrics, dispute),
        "confidence": confidence(&metrics),
        "lesson_for_memory": "",
        "metrics": metrics,
    }))
}

/// The period asked for, in days; a week when none is named.
fn days(asked: &str) -> u64 {
    let words: Vec<&str> = asked.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let numbered = words.windows(2).find_map(|pair| {
        let count: u64 = pair[0].parse().ok()?;
        let unit = match pair[1] {
            "day" | "days" => 1,
            "week" | "weeks" => 7,
            "month" | "months" => 30,
            _ => return None,
        };
        Some(count.saturating_mul(unit))
    });
    let named = || {
        words.iter().find_map(|word| match *word {
            "today" | "daily" | "yesterday" => Some(1),
            "month" | "monthly" => Some(30),
            "quarter" | "quarterly" => Some(90),
            "year" | "yearly" => Some(365),
            _ => None,
        })
    };
    numbered.or_else(named).unwrap_or(7).clamp(1, 365)
}

fn figure(metrics: &Map<String, Value>, name: &str) -> Option<i64> {
    metrics.get(name).and_then(Value::as_i64)
}

fn sentence(metrics: &Map<String, Value>) -> String {
    let currency = metrics.get("currency").and_then(Value::as_str).unwrap_or_default().to_uppercase();
    match (figure(metrics, "net_revenue_cents"), figure(metrics, "total_charges"), figure(metrics, "period_days")) {
        (Some(net), Some(charges), Some(days)) => {
            format!("Net revenue of {net} minor units {currency} from {charges} charges in {days} days.")
        }
        _ => "The figures returned are incomplete.".to_owned(),
    }
}

/// How far the figures carry: few charges say little.
fn confidence(metrics: &Map<String, Value>) -> &'static str {
    match figure(metrics, "total_charges") {
        Some(charges) if charges >= 30 => "high",
        Some(charges) if charges >= 5 => "medium",
        _ => "low",
    }
}

fn recommendations(metrics: &Map<String, Value>, dispute: bool) -> Vec<&'static str> {
    let mut list = Vec::new();
    if dispute {
        list.push("Answer the dispute before its deadline.");
    }
    if figure(metrics, "total_refunded_cents").is_some_and(|refunded| refunded > 0) {
        list.push("Look at what was refunded and why.");
    }
    list
}
