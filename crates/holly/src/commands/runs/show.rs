//! `holly runs show`

use serde_json::{Value, json};

use crate::client::views::{Effect, Event, Run};
use crate::client::{Client, view};
use crate::failure::{Exit, Failure};
use crate::output::{
    Cell, Facts, Output, Table, Tone, age, effect_tone, run_tone, span_ms, status_words, timeline, usd,
};
use crate::session::Session;

/// Events in one answer; the server gives no more.
pub(super) const PAGE: usize = 1000;

pub(crate) async fn run(session: &Session, run: &str) -> anyhow::Result<Exit> {
    let client = session.client()?;
    let row = client.get(&super::path(run, ""), &[]).await?;
    let events = all_events(&client, run).await?;
    let effects = client.get(&super::path(run, "/effects"), &[]).await?;
    let whole = json!({"run": row, "events": events, "effects": effects["effects"]});
    let run: Run = view(&whole["run"])?;
    let events: Vec<Event> = view(&whole["events"])?;
    let effects: Vec<Effect> = view(&whole["effects"])?;
    session.out.either(&whole, |out| page(&run, &events, &effects, out))?;
    Ok(Exit::Done)
}

/// All events of a run, page by page.
async fn all_events(client: &Client, run: &str) -> Result<Vec<Value>, Failure> {
    let mut events: Vec<Value> = Vec::new();
    loop {
        let after = events.last().map_or(0, |event| event["seq"].as_i64().unwrap_or(0));
        let page = page_after(client, run, after).await?;
        let full = page.len() >= PAGE;
        events.extend(page);
        if !full {
            return Ok(events);
        }
    }
}

/// The events after `seq`, at most a page of them.
pub(super) async fn page_after(client: &Client, run: &str, seq: i64) -> Result<Vec<Value>, Failure> {
    let query = [("after_seq", Some(seq.to_string())), ("limit", Some(PAGE.to_string()))];
    let answer = client.get(&super::path(run, "/events"), &query).await?;
    view(&answer["events"])
}

fn page(run: &Run, events: &[Event], effects: &[Effect], out: &Output) -> String {
    let heading = |text: &str| format!("\n\n{}\n", out.style.paint(Tone::Strong, text));
    let mut page = facts(run, out).render(out.style);
    page.push_str(&heading("TIMELINE"));
    page.push_str(&timeline(events, out.now, out.style));
    page.push_str(&heading("EFFECTS"));
    page.push_str(&effects_table(effects, out));
    page
}

fn facts(run: &Run, out: &Output) -> Facts {
    let took = run.started_at.zip(run.finished_at).map(|(from, to)| span_ms((to - from).num_milliseconds()));
    let paused = if run.paused && !run.has_ended() { ", held by a person" } else { "" };
    let ticket = run.last_ticket_id.filter(|_| run.status == "waiting_approval");
    Facts::default()
        .fact("run", &run.run_id)
        .maybe("name", run.run_name.as_deref())
        .toned("status", format!("{}{paused}", status_words(&run.status)), run_tone(&run.status))
        .maybe("error", run.last_error.as_deref())
        .maybe("waits for", ticket.map(|id| format!("ticket {id}; see it with: holly tickets show {id}")))
        .fact("workflow", &run.workflow_id)
        .fact("priority", run.priority.to_string())
        .maybe("serial key", run.serial_key.as_deref())
        .maybe("started by", run.created_by.as_deref())
        .fact("created", age(run.created_at, out.now))
        .maybe("finished", run.finished_at.map(|at| age(at, out.now)))
        .maybe("took", took)
        .fact("cost", format!("{}, {} tokens", usd(run.cost_usd), run.tokens))
}

/// The effects as a table.
pub(crate) fn effects_table(effects: &[Effect], out: &Output) -> String {
    let mut table = Table::new(&["TOOL", "STATUS", "WHAT", "AT THE UPSTREAM", "TICKET", "PREPARED", "ERROR"]);
    for effect in effects {
        table.row(vec![
            Cell::new(&effect.tool_name),
            Cell::new(status_words(&effect.status)).tone(effect_tone(&effect.status)),
            Cell::maybe(effect.business_key.as_deref()),
            Cell::maybe(effect.provider_ref.as_deref()),
            Cell::maybe(effect.ticket_id.map(|id| id.to_string())),
            Cell::new(age(effect.created_at, out.now)),
            Cell::maybe(effect.error.as_deref()),
        ]);
    }
    table.render(out.style, "nothing was changed in the world outside")
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::output::{Form, Style};

    #[test]
    fn a_page_holds_status_timeline_effects_and_cost() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let out = Output { form: Form::Words, style: Style::None, now };
        let run: Run = view(&json!({
            "run_id": "run_1", "workflow_id": "default", "status": "waiting_approval", "priority": 5,
            "run_name": "Order #1042 paid", "created_by": "webhook", "created_at": now - TimeDelta::minutes(3),
            "updated_at": now, "started_at": now - TimeDelta::minutes(2), "finished_at": null, "last_ticket_id": 12,
            "last_error": null, "paused": false, "serial_key": "order:1", "cost_usd": 0.0123, "tokens": 3400,
        }))
        .unwrap();
        let events: Vec<Event> = view(&json!([
            {"event_type": "run.queued", "payload": {"workflow_id": "default"}, "created_at": now, "seq": 1},
        ]))
        .unwrap();
        let effects: Vec<Effect> = view(&json!([{
            "tool_name": "printful_submit_order", "status": "prepared", "business_key": "print:1", "provider_ref": null,
            "ticket_id": 12, "created_at": now, "error": null,
        }]))
        .unwrap();
        let page = page(&run, &events, &effects, &out);
        for part in [
            "status      waiting approval",
            "waits for   ticket 12; see it with: holly tickets show 12",
            "created     3 min ago",
            "cost        0.0123 USD, 3400 tokens",
            "TIMELINE\n20:26:40Z  queued for workflow default",
            "printful_submit_order  prepared  print:1",
        ] {
            assert!(page.contains(part), "{part} in\n{page}");
        }
    }

    #[test]
    fn a_run_without_effects_says_so() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let out = Output { form: Form::Words, style: Style::None, now };
        assert_eq!(effects_table(&[], &out), "nothing was changed in the world outside");
    }
}
