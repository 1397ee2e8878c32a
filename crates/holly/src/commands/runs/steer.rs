//! `holly runs cancel`, `pause` and `continue`.

use clap::Args;
use serde_json::json;

use crate::failure::Exit;
use crate::session::Session;

/// Arguments of the three.
#[derive(Debug, Args)]
pub(crate) struct SteerArgs {
    /// Id of the run
    run: String,
    /// Why; kept in the timeline
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Does `action`, which is the last part of the path.
pub(crate) async fn run(session: &Session, args: SteerArgs, action: &'static str) -> anyhow::Result<Exit> {
    let path = super::path(&args.run, &format!("/{action}"));
    let body = args.reason.map_or_else(|| json!({}), |reason| json!({"reason": reason}));
    let answer = session.client()?.post(&path, &body).await?;
    session.out.either(&answer, |_| format!("{} {}", args.run, outcome(action)))?;
    Ok(Exit::Done)
}

fn outcome(action: &str) -> &'static str {
    match action {
        "cancel" => "is cancelled",
        "pause" => "stops at its next checkpoint",
        _ => "goes on",
    }
}
