//! `holly runs retry` and `holly runs fork`.

use clap::Args;
use clock::Ids;
use serde_json::{Map, Value, json};

use crate::cli::values;
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

/// Arguments of `runs fork`.
#[derive(Debug, Args)]
pub(crate) struct ForkArgs {
    /// Id of the run; it has ended
    run: String,
    /// Begin at this checkpoint
    #[arg(long, value_name = "CHECKPOINT")]
    checkpoint: String,
    /// Members of the state that replace those of the same name
    #[arg(long, value_name = "JSON", value_parser = values::object)]
    state: Map<String, Value>,
}

pub(crate) async fn fork(session: &Session, args: ForkArgs) -> anyhow::Result<Exit> {
    let body = json!({"checkpoint_id": args.checkpoint, "state": args.state});
    begun(session, &super::path(&args.run, "/fork"), body).await
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
