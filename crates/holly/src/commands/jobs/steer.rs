//! `holly jobs run`, `pause` and `resume`.

use serde_json::json;

use crate::failure::Exit;
use crate::session::Session;

/// Fires a job.
pub(crate) async fn fire(session: &Session, job: &str) -> anyhow::Result<Exit> {
    let path = format!("/scheduler/trigger/{}", net::encode_segment(job));
    let answer = session.client()?.post(&path, &json!({})).await?;
    session.out.either(&answer, |_| format!("{job} fired; see `holly jobs list` for what became of it"))?;
    Ok(Exit::Done)
}

/// Holds a job back or lets it go on.
pub(crate) async fn hold(session: &Session, job: &str, action: &'static str) -> anyhow::Result<Exit> {
    let path = format!("/scheduler/jobs/{}/{action}", net::encode_segment(job));
    let answer = session.client()?.post(&path, &json!({})).await?;
    let outcome = if action == "pause" { "is held back" } else { "fires again" };
    session.out.either(&answer, |_| format!("{job} {outcome}"))?;
    Ok(Exit::Done)
}
