//! `holly tickets show`

use serde_json::Value;

use super::list::what;
use crate::client::view;
use crate::client::views::Ticket;
use crate::failure::Exit;
use crate::output::{Facts, Output, age, money, plain, risk_tone, ticket_tone};
use crate::session::Session;

pub(crate) async fn run(session: &Session, ticket: u32) -> anyhow::Result<Exit> {
    let answer = session.client()?.get(&super::path(ticket), &[]).await?;
    let ticket: Ticket = view(&answer)?;
    session.out.either(&answer, |out| page(&ticket, out))?;
    Ok(Exit::Done)
}

/// Everything that helps to decide.
pub(super) fn page(ticket: &Ticket, out: &Output) -> String {
    let pack = &ticket.context_pack;
    let text = |name: &str| pack[name].as_str();
    let flags: Vec<&str> = pack["risk_flags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let decision = |name: &str| ticket.decision_payload.as_ref().and_then(|payload| payload[name].as_str());
    let facts = Facts::default()
        .fact("ticket", ticket.id.to_string())
        .toned("risk", &ticket.risk_level, risk_tone(&ticket.risk_level))
        .toned("status", &ticket.status, ticket_tone(&ticket.status))
        .fact("what", what(ticket))
        .maybe("order", pack["subject"]["order_name"].as_str().or(pack["subject"]["order_key"].as_str()))
        .maybe("why it stopped", text("why_stopped"))
        .maybe("what it changes", text("impact"))
        .maybe("money", amounts(&pack["money"]))
        .maybe("agent", text("agent_id"))
        .maybe("flags", Some(flags.join(", ")))
        .fact("run", &ticket.run_id)
        .fact("raised", age(ticket.created_at, out.now))
        .maybe("expires", ticket.expires_at.filter(|_| ticket.status == "pending").map(|at| age(at, out.now)))
        .maybe("decided", ticket.decided_at.map(|at| age(at, out.now)))
        .maybe("by", ticket.decided_by.as_deref())
        .maybe("reason", decision("reason"))
        .maybe("note", decision("note"))
        .maybe("tool", ticket.proposed_action["tool"].as_str());
    let mut page = facts.render(out.style);
    if let Some(params) = ticket.proposed_action.get("params") {
        page.push_str("\nparameters\n");
        page.push_str(&indented(params));
    }
    if ticket.status == "pending" {
        let id = ticket.id;
        page.push_str(&format!(
            "\n\ndecide it with: holly tickets approve {id}, or: holly tickets reject {id} --reason TEXT"
        ));
    }
    page
}

fn indented(value: &Value) -> String {
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    // Only the signs inside texts can be odd, and there JSON has escaped them; what changes direction it has not.
    let lines = pretty.lines().map(|line| {
        let bare = line.trim_start();
        format!("  {}{}", &line[..line.len() - bare.len()], plain(bare))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn amounts(of: &Value) -> Option<String> {
    let currency = of["currency"].as_str();
    let part = |name: &str, member: &str| of[member].as_i64().map(|minor| format!("{name} {}", money(minor, currency)));
    let parts: Vec<String> =
        [part("revenue", "revenue_minor"), part("cost", "cost_minor"), part("margin", "margin_minor")]
            .into_iter()
            .flatten()
            .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use serde_json::json;

    use super::*;
    use crate::output::{Form, Style};

    fn shown(ticket: Value) -> String {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let out = Output { form: Form::Words, style: Style::None, now };
        page(&view(&ticket).unwrap(), &out)
    }

    fn ticket() -> Value {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        json!({
            "id": 12, "run_id": "run_1", "ticket_type": "tool_call", "risk_level": "high", "status": "pending",
            "created_at": now - TimeDelta::seconds(30), "expires_at": now + TimeDelta::hours(24),
            "proposed_action": {"tool": "stripe_refund", "params": {"charge": "ch_1", "note": "a\u{202e}b"}},
            "context_pack": {
                "tldr": "Refund #1042", "why_stopped": "Refunds need a person", "risk_flags": ["risk:high"],
                "money": {"currency": "USD", "cost_minor": null, "revenue_minor": 3900, "margin_minor": -40},
                "subject": {"order_name": "#1042"},
            },
        })
    }

    #[test]
    fn a_page_shows_what_a_person_needs_to_decide() {
        let page = shown(ticket());
        for part in [
            "risk            high",
            "order           #1042",
            "why it stopped  Refunds need a person",
            "money           revenue 39.00 USD, margin -0.40 USD",
            "expires         in 1 day",
            "    \"charge\": \"ch_1\"",
            "holly tickets approve 12",
        ] {
            assert!(page.contains(part), "{part} in\n{page}");
        }
        assert!(!page.contains('\u{202e}'));
    }

    #[test]
    fn a_decided_ticket_tells_who_and_why_and_offers_nothing() {
        let mut ticket = ticket();
        ticket["status"] = json!("rejected");
        ticket["decided_by"] = json!("cli:ada");
        ticket["decision_payload"] = json!({"reason": "wrong size"});
        let page = shown(ticket);
        assert!(page.contains("by              cli:ada") && page.contains("reason          wrong size"), "{page}");
        assert!(!page.contains("approve 12"));
    }
}
