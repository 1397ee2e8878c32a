//! `holly runs list`

use clap::Args;

use crate::cli::values;
use crate::client::view;
use crate::client::views::Run;
use crate::failure::Exit;
use crate::output::{Cell, Output, Table, age, run_tone, status_words, usd};
use crate::session::Session;

/// Arguments of `runs list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// queued, running, waiting_approval, completed, failed or cancelled
    #[arg(long, value_parser = values::run_status)]
    status: Option<&'static str>,
    /// Only of this workflow
    #[arg(long, value_name = "ID")]
    workflow: Option<String>,
    /// Only with this serial key, such as order:5830137741322
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Only with this text in name or id
    #[arg(long, short = 'q', value_name = "TEXT")]
    search: Option<String>,
    /// How many, at most 200
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
}

pub(crate) async fn run(session: &Session, args: ListArgs) -> anyhow::Result<Exit> {
    let query = [
        ("status", args.status.map(str::to_owned)),
        ("workflow_id", args.workflow),
        ("serial_key", args.key),
        ("q", args.search),
        ("limit", Some(args.limit.to_string())),
    ];
    let answer = session.client()?.get("/tower/runs", &query).await?;
    let runs: Vec<Run> = view(&answer["runs"])?;
    session.out.either(&answer, |out| table(&runs, out, "no such runs"))?;
    Ok(Exit::Done)
}

/// The runs as a table.
pub(crate) fn table(runs: &[Run], out: &Output, nothing: &str) -> String {
    let mut table = Table::new(&["RUN", "STATUS", "CHANGED", "COST", "WORKFLOW", "NAME"]);
    for run in runs {
        let paused = if run.paused && !run.has_ended() { " (paused)" } else { "" };
        table.row(vec![
            Cell::new(&run.run_id),
            Cell::new(format!("{}{paused}", status_words(&run.status))).tone(run_tone(&run.status)),
            Cell::new(age(run.updated_at, out.now)),
            Cell::number(usd(run.cost_usd)),
            Cell::new(&run.workflow_id),
            Cell::maybe(run.run_name.as_deref()),
        ]);
    }
    table.render(out.style, nothing)
}
