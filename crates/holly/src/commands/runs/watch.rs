//! `holly runs watch`: the timeline as it grows, each event once.

use std::time::Duration;

use domain::time::Timestamp;
use serde_json::Value;

use super::show::{PAGE, page_after};
use crate::client::views::{Event, Run};
use crate::client::{Client, view};
use crate::failure::{Exit, Failure};
use crate::output::{Output, Tone, event_line};
use crate::session::Session;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// Looks without news after which the run itself is read: its events may have been cleared away.
const QUIET: u32 = 10;
/// Looks that may fail in a row; a restart of the server takes less than so many pauses.
const PATIENCE: u32 = 60;

/// Follows `run` until it ends.
pub(crate) async fn run(session: &Session, mut client: Client, run: &str) -> anyhow::Result<Exit> {
    // A run that does not exist is told at once.
    client.get(&super::path(run, ""), &[]).await?;
    let mut last_seq = 0;
    let mut before = session.out.now;
    let mut quiet = 0;
    let mut silent = 0;
    loop {
        let events = match page_after(&client, run, last_seq).await {
            Ok(events) => events,
            Err(Failure::Unreachable { .. }) if silent < PATIENCE => {
                if silent == 0 {
                    session.out.aside("the server does not answer; waiting for it");
                }
                silent += 1;
                session.clock.sleep(PAUSE).await;
                // A restarted server may be elsewhere, and the old client's breaker would cut it off for a while.
                client = session.client().unwrap_or(client);
                continue;
            }
            Err(failure) => return Err(failure.into()),
        };
        silent = 0;
        for value in &events {
            let event: Event = view(value)?;
            last_seq = last_seq.max(event.seq);
            print(&session.out, value, &event, before)?;
            before = event.created_at;
            if let Some(exit) = ending(&event.event_type) {
                return Ok(exit);
            }
        }
        if events.len() >= PAGE {
            continue;
        }
        quiet = if events.is_empty() { quiet + 1 } else { 0 };
        if quiet > 0 && quiet % QUIET == 0 {
            let row: Run = view(&client.get(&super::path(run, ""), &[]).await?)?;
            if row.has_ended() && page_after(&client, run, last_seq).await?.is_empty() {
                return Ok(if row.status == "completed" { Exit::Done } else { Exit::Failed });
            }
        }
        session.clock.sleep(PAUSE).await;
    }
}

fn print(out: &Output, value: &Value, event: &Event, before: Timestamp) -> anyhow::Result<()> {
    if out.is_json() {
        return out.json_line(value);
    }
    out.text(&event_line(event, before, out.style))?;
    match hint(event) {
        Some(hint) => out.text(&out.style.paint(Tone::Dim, &hint)),
        None => Ok(()),
    }
}

/// How to help a run that waits.
fn hint(event: &Event) -> Option<String> {
    let ticket = event.payload["ticket_id"].as_i64().filter(|_| event.event_type == "run.waiting_approval")?;
    Some(format!("           see it with: holly tickets show {ticket}"))
}

/// The exit code of an event after which none follows.
fn ending(event_type: &str) -> Option<Exit> {
    match event_type {
        "run.completed" => Some(Exit::Done),
        "run.failed" | "run.cancelled" => Some(Exit::Failed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_ends_badly_ends_the_command_badly() {
        assert_eq!(ending("run.completed"), Some(Exit::Done));
        assert_eq!(ending("run.failed"), Some(Exit::Failed));
        assert_eq!(ending("run.cancelled"), Some(Exit::Failed));
        assert_eq!(ending("run.waiting_approval"), None);
    }
}
