//! Events of a run as sentences.

use domain::time::Timestamp;
use serde_json::Value;

use super::style::{Style, Tone};
use super::words::{plain, span_ms, usd};
use crate::client::views::Event;

/// Longest error or summary in a sentence, characters.
const MAX_TEXT: usize = 300;

/// Events one below the other. The day is told when it is not the one before; `day` is the moment before the first.
pub(crate) fn timeline(events: &[Event], day: Timestamp, style: Style) -> String {
    let mut before = day;
    let mut lines = Vec::new();
    for event in events {
        lines.push(event_line(event, before, style));
        before = event.created_at;
    }
    lines.join("\n")
}

/// One event: time of day (UTC), then the sentence; above it the day, when `before` was on another.
pub(crate) fn event_line(event: &Event, before: Timestamp, style: Style) -> String {
    let at = event.created_at;
    let day =
        if at.date_naive() == before.date_naive() { String::new() } else { format!("{}\n", at.format("%Y-%m-%d")) };
    let time = at.format("%H:%M:%SZ").to_string();
    let tone = event_tone(&event.event_type, &event.payload);
    let words = style.paint(tone, &sentence(&event.event_type, &event.payload));
    format!("{}{}  {words}", style.paint(Tone::Dim, &day), style.paint(Tone::Dim, &time))
}

/// What an event means to the reader.
fn event_tone(event_type: &str, payload: &Value) -> Tone {
    match event_type {
        "run.completed" => Tone::Good,
        "run.failed" | "ticket.expired" => Tone::Bad,
        "ticket.created"
        | "run.waiting_approval"
        | "effect.blocked"
        | "effect.unknown"
        | "guardrail.blocked"
        | "budget.exhausted"
        | "run.recovered"
        | "run.cancelled"
        | "run.paused" => Tone::Warn,
        "tool.called" if payload["ok"] == false => Tone::Warn,
        "node.finished" if payload["error"].is_string() => Tone::Warn,
        "node.started" => Tone::Dim,
        _ => Tone::Plain,
    }
}

/// The event in words.
fn sentence(event_type: &str, payload: &Value) -> String {
    let p = Payload(payload);
    match event_type {
        "run.queued" => {
            format!("queued for workflow {}{}", p.word("workflow_id"), p.with(" version ", "workflow_version"))
        }
        "run.started" => format!("started{}", p.with(" by ", "worker")),
        "run.resumed" if p.has("ticket_id") => format!("goes on after the decision on ticket {}", p.word("ticket_id")),
        "run.resumed" => format!("goes on{}", p.attempt()),
        "run.waiting_approval" => format!("waits for a person to decide ticket {}", p.word("ticket_id")),
        "run.resume_queued" => format!("queued again after the decision on ticket {}", p.word("ticket_id")),
        "run.completed" => completed(&p),
        "run.failed" => format!("failed{}{}", p.in_brackets("reason"), p.with(": ", "error")),
        "run.recovered" => format!("taken back after its worker was lost{}{}", p.with(": ", "reason"), p.attempt()),
        "run.yielded" => format!("went back to the queue{}", p.with(": ", "reason")),
        "run.cancelled" => format!("cancelled{}{}", p.with(" by ", "by"), p.with(": ", "reason")),
        "run.paused" => format!("paused{}{}", p.with(" by ", "by"), p.with(": ", "reason")),
        "run.unpaused" => format!("let go on{}", p.with(" by ", "by")),
        "run.forked" => format!("forked into {}", p.word("new_run_id")),
        "ticket.created" => format!("asks a person: ticket {}, {} risk", p.word("ticket_id"), p.word("risk_level")),
        "ticket.decided" => {
            format!("ticket {} {}{}", p.word("ticket_id"), p.word("decision"), p.with(" by ", "decided_by"))
        }
        "ticket.expired" => format!("ticket {} expired undecided", p.word("ticket_id")),
        "effect.blocked" => format!("effect {} was held back by {}", p.short("effect_id"), blocker(&p.word("reason"))),
        "effect.unknown" => format!("the outcome of {} is unclear; it is being read back", p.word("tool")),
        "effect.reconciled" => format!("effect {} was read back: {}", p.short("effect_id"), p.word("outcome")),
        "node.started" => format!("{} begins", p.word("node")),
        "node.finished" => node_finished(&p),
        "tool.called" => tool_called(&p),
        "guardrail.blocked" => format!("a guardrail caught {}", p.list("flags")),
        "budget.exhausted" => format!("a budget is used up: {}", plain(&payload.to_string())),
        other if payload.as_object().is_none_or(serde_json::Map::is_empty) => plain(other),
        other => plain(&format!("{other} {payload}")),
    }
}

fn completed(p: &Payload<'_>) -> String {
    let mut figures = Vec::new();
    if let Some(cost) = p.0["cost_usd"].as_f64() {
        figures.push(usd(cost));
    }
    if let Some(tokens) = p.0["tokens"].as_i64() {
        figures.push(format!("{tokens} tokens"));
    }
    if let Some(ms) = p.0["duration_ms"].as_i64() {
        figures.push(span_ms(ms));
    }
    let figures = if figures.is_empty() { String::new() } else { format!(" ({})", figures.join(", ")) };
    let action = if p.0["needs_action"] == true { "; a person has to act" } else { "" };
    format!("completed{}{figures}{action}", p.with(": ", "summary"))
}

fn node_finished(p: &Payload<'_>) -> String {
    let took = p.0["duration_ms"].as_i64().map_or_else(String::new, |ms| format!(" after {}", span_ms(ms)));
    match p.has("error") {
        true => format!("{} failed{took}{}", p.word("node"), p.with(": ", "error")),
        false => format!("{} ends{took}", p.word("node")),
    }
}

fn tool_called(p: &Payload<'_>) -> String {
    let outcome = if p.0["ok"] == false { "brought no result" } else { "answered" };
    let effect = if p.has("effect_id") { format!(" (effect {})", p.short("effect_id")) } else { String::new() };
    format!("{} {outcome}{effect}", p.word("tool"))
}

fn blocker(reason: &str) -> String {
    match reason {
        "gate" => "the goal gate".to_owned(),
        "budget" => "a budget".to_owned(),
        "hash" => "the approval: the call is no longer the one that was approved".to_owned(),
        "order" => "the state of the order".to_owned(),
        "policy" => "changed rules".to_owned(),
        "breaker" => "an open circuit breaker".to_owned(),
        other => other.to_owned(),
    }
}

/// Reads members in words.
struct Payload<'a>(&'a Value);

impl Payload<'_> {
    fn has(&self, name: &str) -> bool {
        !self.0[name].is_null()
    }

    fn word(&self, name: &str) -> String {
        let text = match &self.0[name] {
            Value::Null => "?".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let text = plain(&text);
        if text.chars().count() > MAX_TEXT { text.chars().take(MAX_TEXT).chain(['…']).collect() } else { text }
    }

    /// The member after `before`; nothing when it is missing or empty.
    fn with(&self, before: &str, name: &str) -> String {
        let given = self.has(name) && self.0[name] != "";
        if given { format!("{before}{}", self.word(name)) } else { String::new() }
    }

    fn in_brackets(&self, name: &str) -> String {
        if self.has(name) { format!(" ({})", self.word(name)) } else { String::new() }
    }

    fn attempt(&self) -> String {
        match self.0["attempt"].as_i64() {
            Some(attempt) if attempt > 0 => format!(" (lost worker {attempt} in a row)"),
            _ => String::new(),
        }
    }

    /// The first digits of a long id.
    fn short(&self, name: &str) -> String {
        self.word(name).chars().take(8).collect()
    }

    fn list(&self, name: &str) -> String {
        let words = self.0[name].as_array().into_iter().flatten().map(|word| plain(word.as_str().unwrap_or("?")));
        words.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use domain::event::NewEvent;
    use domain::ids::{EffectId, TicketId};
    use domain::run::FailReason;
    use serde_json::json;

    use super::*;

    fn told(event: &NewEvent) -> String {
        sentence(event.event_type, &event.payload)
    }

    #[test]
    fn every_event_of_a_paid_order_is_a_sentence() {
        let effect: EffectId = "0123456789abcdef0123456789abcdef".parse().unwrap();
        for (event, words) in [
            (NewEvent::run_queued("default", Some(3)), "queued for workflow default version 3"),
            (NewEvent::run_started("holly-1", 0), "started by holly-1"),
            (NewEvent::node_started("operations"), "operations begins"),
            (NewEvent::tool_called("shopify_query_orders", None, true), "shopify_query_orders answered"),
            (NewEvent::ticket_created(TicketId(12), "tool_call", "medium"), "asks a person: ticket 12, medium risk"),
            (NewEvent::run_waiting_approval(TicketId(12), "cp_1", "int_1"), "waits for a person to decide ticket 12"),
            (NewEvent::ticket_decided(TicketId(12), "approved", "cli:ada"), "ticket 12 approved by cli:ada"),
            (NewEvent::run_resume_queued(TicketId(12), "approve"), "queued again after the decision on ticket 12"),
            (NewEvent::run_resumed(Some(TicketId(12)), 0), "goes on after the decision on ticket 12"),
            (
                NewEvent::tool_called("printful_submit_order", Some(&effect), true),
                "printful_submit_order answered (effect 01234567)",
            ),
            (NewEvent::node_finished("operations", 1_250, None), "operations ends after 1.2 s"),
            (
                NewEvent::run_completed("Printed #1042", false, 0.0123, 3400, 12_000),
                "completed: Printed #1042 (0.0123 USD, 3400 tokens, 12.0 s)",
            ),
        ] {
            assert_eq!(told(&event), words);
        }
    }

    #[test]
    fn what_goes_wrong_is_a_sentence_too() {
        let effect: EffectId = "0123456789abcdef0123456789abcdef".parse().unwrap();
        for (event, words) in [
            (NewEvent::run_failed("too slow", FailReason::Timeout), "failed (timeout): too slow"),
            (
                NewEvent::run_recovered(1, "lease lost"),
                "taken back after its worker was lost: lease lost (lost worker 1 in a row)",
            ),
            (NewEvent::run_resumed(None, 0), "goes on"),
            (NewEvent::run_cancelled("ada", ""), "cancelled by ada"),
            (NewEvent::ticket_expired(TicketId(3)), "ticket 3 expired undecided"),
            (
                NewEvent::effect_blocked(&effect, "order", json!({})),
                "effect 01234567 was held back by the state of the order",
            ),
            (
                NewEvent::effect_unknown(&effect, "stripe_refund"),
                "the outcome of stripe_refund is unclear; it is being read back",
            ),
            (NewEvent::effect_reconciled(&effect, "committed"), "effect 01234567 was read back: committed"),
            (NewEvent::node_finished("a", 5, Some("no")), "a failed after 5 ms: no"),
            (NewEvent::tool_called("t", None, false), "t brought no result"),
            (NewEvent::guardrail_blocked(&["pii".into(), "injection".into()]), "a guardrail caught pii, injection"),
        ] {
            assert_eq!(told(&event), words);
        }
    }

    #[test]
    fn an_event_of_a_later_version_is_shown_as_it_is() {
        assert_eq!(sentence("run.renamed", &json!({"to": "x"})), r#"run.renamed {"to":"x"}"#);
        assert_eq!(sentence("run.renamed", &json!({})), "run.renamed");
        assert_eq!(sentence("run.failed", &Value::Null), "failed");
    }

    #[test]
    fn a_timeline_tells_times_of_day_and_the_day_when_it_changes() {
        let at = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let event = |created_at, node: &str| Event {
            event_type: "node.started".into(),
            payload: json!({"node": node}),
            created_at,
            seq: 1,
        };
        let events = [event(at, "end\u{1b}[2J"), event(at + TimeDelta::hours(4), "b")];
        assert_eq!(timeline(&events, at, Style::None), "20:26:40Z  end [2J begins\n2026-05-29\n00:26:40Z  b begins");
    }
}
