//! `holly jobs list`

use domain::time::Timestamp;
use serde::Deserialize;

use crate::client::view;
use crate::failure::Exit;
use crate::output::{Cell, Output, Table, Tone, age, span_ms};
use crate::session::Session;

/// A job.
#[derive(Debug, Deserialize)]
struct Job {
    id: String,
    next_run: Option<Timestamp>,
    trigger: String,
    last_run: Option<Timestamp>,
    last_status: Option<String>,
    last_error: Option<String>,
    skip_reason: Option<String>,
    running: bool,
    paused: bool,
    unavailable: Option<String>,
}

pub(crate) async fn run(session: &Session) -> anyhow::Result<Exit> {
    let answer = session.client()?.get("/scheduler/jobs", &[]).await?;
    let jobs: Vec<Job> = view(&answer["jobs"])?;
    session.out.either(&answer, |out| table(&jobs, out))?;
    Ok(Exit::Done)
}

fn table(jobs: &[Job], out: &Output) -> String {
    let mut table = Table::new(&["JOB", "NEXT", "LAST", "STATE", "TRIGGER", "NOTE"]);
    for job in jobs {
        let next = match job.next_run {
            Some(_) if job.paused => "held back".to_owned(),
            Some(next) => format!("in {}", span_ms((next - out.now).num_milliseconds().max(0))),
            None => "held back".to_owned(),
        };
        let (state, tone) = state(job);
        table.row(vec![
            Cell::new(&job.id),
            Cell::new(next),
            Cell::maybe(job.last_run.map(|last| age(last, out.now))),
            Cell::new(state).tone(tone),
            Cell::new(&job.trigger),
            Cell::maybe(job.last_error.as_deref().or(job.skip_reason.as_deref()).or(job.unavailable.as_deref())),
        ]);
    }
    table.render(out.style, "no jobs")
}

fn state(job: &Job) -> (&'static str, Tone) {
    match job.last_status.as_deref() {
        _ if job.running => ("running", Tone::Plain),
        _ if job.paused => ("paused", Tone::Warn),
        _ if job.unavailable.is_some() => ("not available", Tone::Dim),
        Some("ok") => ("ok", Tone::Good),
        Some("failed") => ("failed", Tone::Bad),
        Some("skipped") => ("skipped", Tone::Dim),
        _ => ("waiting", Tone::Plain),
    }
}
