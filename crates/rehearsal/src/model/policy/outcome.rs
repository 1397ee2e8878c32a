//! What a tool result says, whatever the tool.

use serde_json::{Value, json};

use super::{Answer, Call};
use crate::model::reading::Reading;

/// A tool result, sorted.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome<'a> {
    /// It worked; the members are facts.
    Facts(&'a Value),
    /// A person said no.
    Rejected {
        /// What the person gave as reason.
        reason: String,
    },
    /// The world moved on before anybody decided.
    Withdrawn {
        /// Why, e.g. `order_cancelled`.
        reason: String,
    },
    /// Everything ran but nothing is sent in this mode.
    NotSent,
    /// It failed.
    Failed {
        /// Stable name of the failure.
        code: String,
        /// The sentence that came with it.
        message: String,
        /// The reason that came with it, if any.
        reason: Option<String>,
    },
}

/// Sorts a tool result.
pub(super) fn read(result: &Value) -> Outcome<'_> {
    let member = |name: &str| result.get(name).and_then(Value::as_str).map(plain).filter(|text| !text.is_empty());
    if let Some(code) = member("error") {
        return match code.as_str() {
            "rejected" => {
                Outcome::Rejected { reason: member("reason").unwrap_or_else(|| "no reason was given".to_owned()) }
            }
            "withdrawn" => {
                Outcome::Withdrawn { reason: member("reason").unwrap_or_else(|| "the order changed".to_owned()) }
            }
            // Stopped at the door between approval and sending: nothing was sent, and the message says what changed.
            "blocked" => Outcome::Withdrawn {
                reason: member("message").unwrap_or_else(|| "it was stopped before it was sent".to_owned()),
            },
            _ => Outcome::Failed { code, message: member("message").unwrap_or_default(), reason: member("reason") },
        };
    }
    if member("status").as_deref() == Some("not_sent") {
        return Outcome::NotSent;
    }
    if result.is_object() {
        return Outcome::Facts(result);
    }
    Outcome::Failed {
        code: "unreadable_result".to_owned(),
        message: "the tool's result could not be read".to_owned(),
        reason: None,
    }
}

/// Failures of an upstream or of the way to it: somebody comes back to the task without being asked.
pub(super) fn passes_by_itself(code: &str) -> bool {
    ["unavailable", "unreachable", "timeout", "circuit_open", "rate_limit", "throttled"]
        .iter()
        .any(|part| code.contains(part))
}

/// What really ran, when a person changed the call before letting it through.
pub(super) fn edit(facts: &Value) -> Option<String> {
    if facts.get("edited") != Some(&Value::Bool(true)) {
        return None;
    }
    let ran = ["ran_with"].iter().find_map(|name| {
        let members = facts.get(name)?;
        let members = members.as_object()?;
        let listed: Vec<String> = members.iter().map(|(name, value)| format!("{name} {}", short(value))).collect();
        Some(listed.join(", "))
    });
    Some(match ran {
        Some(ran) => format!("a person changed the call, it ran with {ran}"),
        None => "a person changed the call before it ran".to_owned(),
    })
}

fn short(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

/// Text from outside on one line, at most 200 characters.
pub(super) fn plain(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

/// A decimal amount and its currency, e.g. `24.40 USD`, when both are given.
pub(super) fn money(value: Option<&Value>, amount: &str) -> Option<String> {
    let value = value?;
    let figure = match value.get(amount)? {
        Value::String(text)
            if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-')) =>
        {
            text.clone()
        }
        // A number carries no trailing zero: an amount has at least two places, and no digit is taken away.
        Value::Number(number) => padded(&number.to_string()),
        _ => return None,
    };
    let currency = value.get("currency").and_then(Value::as_str).map(plain)?;
    Some(format!("{figure} {}", currency.to_uppercase()))
}

fn padded(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, places)) => format!("{whole}.{places:0<2}"),
        None => format!("{number}.00"),
    }
}

/// The answer when the next call is not on offer, because the rounds are used up or the tool is not granted.
pub(super) fn cannot_call(reading: &Reading, calls: &[Call]) -> Answer {
    let names: Vec<&str> = calls.iter().map(|call| call.name).collect();
    let names = names.join(" and ");
    let why =
        if reading.tools.is_empty() { "no further call is possible" } else { "it is not among the tools offered" };
    Answer::json(&json!({
        "action": "order_check",
        "status": "error",
        "details": {"missing_call": names},
        "summary": format!("Not finished: {names} would be next, but {why}."),
    }))
}
