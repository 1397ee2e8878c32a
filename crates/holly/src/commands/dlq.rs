//! `holly dlq`: scheduled work that failed, and another try.

use clap::Subcommand;
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::client::view;
use crate::failure::Exit;
use crate::output::{Cell, Output, Table, Tone, age, span_ms};
use crate::session::Session;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum DlqCommand {
    /// List failed scheduled work, newest first
    List {
        /// Also what came to a good end since
        #[arg(long)]
        all: bool,
    },
    /// Try an entry again and wait up to a minute for its end
    Retry {
        /// Number of the entry
        id: i64,
    },
}

/// An entry.
#[derive(Debug, Deserialize)]
struct Letter {
    id: i64,
    job_id: String,
    error: String,
    attempts: i64,
    max_attempts: i64,
    created_at: Timestamp,
    next_retry_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    retry_run_id: Option<String>,
}

pub(crate) async fn run(session: &Session, command: DlqCommand) -> anyhow::Result<Exit> {
    match command {
        DlqCommand::List { all } => {
            let query = [("unresolved", Some((!all).to_string()))];
            let answer = session.client()?.get("/scheduler/dlq", &query).await?;
            let letters: Vec<Letter> = view(&answer["entries"])?;
            session.out.either(&answer, |out| table(&letters, out))?;
        }
        DlqCommand::Retry { id } => {
            let answer = session.client()?.post(&format!("/scheduler/dlq/{id}/retry"), &json!({})).await?;
            session.out.either(&answer, |_| match answer["run_id"].as_str() {
                Some(run) => format!("still at work: holly runs watch {run}"),
                None => format!("entry {id} came to a good end"),
            })?;
        }
    }
    Ok(Exit::Done)
}

fn table(letters: &[Letter], out: &Output) -> String {
    let mut table = Table::new(&["ENTRY", "JOB", "FAILED", "TRIES", "NEXT", "ERROR"]);
    for letter in letters {
        let (next, tone) = match (letter.resolved_at, &letter.retry_run_id, letter.next_retry_at) {
            (Some(_), _, _) => ("resolved".to_owned(), Tone::Good),
            (None, Some(_), _) => ("running".to_owned(), Tone::Plain),
            (None, None, Some(next)) => {
                (format!("in {}", span_ms((next - out.now).num_milliseconds().max(0))), Tone::Plain)
            }
            (None, None, None) => ("by hand".to_owned(), Tone::Warn),
        };
        table.row(vec![
            Cell::number(letter.id),
            Cell::new(&letter.job_id),
            Cell::new(age(letter.created_at, out.now)),
            Cell::new(format!("{}/{}", letter.attempts, letter.max_attempts)),
            Cell::new(next).tone(tone),
            Cell::new(&letter.error),
        ]);
    }
    table.render(out.style, "nothing failed that waits")
}
