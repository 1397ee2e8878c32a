//! `holly runs retry`

use clap::Args;
use clock::Ids;
use serde_json::{Map, Value};

use crate::failure::Exit;
use crate::session::Session;

/// Arguments of `runs retry`.
#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    /// Id of the run; it has ended
    run: String,
    /// Begin at this checkpoint instead of the start
    #[arg(long, value_name = "CHECKPOINT")]
    checkpoint: Option<String>,
    /// The same key answers with the first retry; made up when left out
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

pub(crate) async fn retry(session: &Session, args: RetryArgs) -> anyhow::Result<Exit> {
    let key = args.key.unwrap_or_else(|| Ids::random().hex(16));
    let mut body = Map::from_iter([("key".to_owned(), Value::from(key))]);
    body.extend(args.checkpoint.map(|id| ("checkpoint_id".to_owned(), Value::from(id))));
    begun(session, &super::path(&args.run, "/retry"), Value::Object(body)).await
}

async fn begun(session: &Session, path: &str, body: Value) -> anyhow::Result<Exit> {
    let answer = session.client()?.post(path, &body).await?;
    session.out.either(&answer, |_| {
        format!(
            "{} is {}",
            answer["run_id"].as_str().unwrap_or_default(),
            answer["status"].as_str().unwrap_or_default()
        )
    })?;
    Ok(Exit::Done)
}
