//! `holly runs start`

use clap::Args;
use net::{HeaderName, Idempotency, Request};
use serde_json::{Map, Value, json};

use super::watch;
use crate::cli::values;
use crate::failure::Exit;
use crate::session::Session;

/// Arguments of `runs start`.
#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// What is to be done, in words
    #[arg(required_unless_present = "input")]
    text: Option<String>,
    /// Workflow; otherwise the active one
    #[arg(long, value_name = "ID")]
    workflow: Option<String>,
    /// Name of the run
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// 0 to 10
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=10))]
    priority: Option<u8>,
    /// Runs of one key go one at a time, such as order:5830137741322
    #[arg(long, value_name = "KEY")]
    serial_key: Option<String>,
    /// Initial state, a JSON object
    #[arg(long, value_name = "JSON", value_parser = values::object)]
    input: Option<Map<String, Value>>,
    /// Limits and the like, a JSON object
    #[arg(long, value_name = "JSON", value_parser = values::object)]
    metadata: Option<Map<String, Value>>,
    /// The same key within 24 hours brings back the first run
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Follow the run until it ends
    #[arg(long, short)]
    watch: bool,
}

pub(crate) async fn run(session: &Session, args: StartArgs) -> anyhow::Result<Exit> {
    let client = session.client()?;
    let (follow, key) = (args.watch, args.idempotency_key.clone());
    let idempotency = if key.is_some() { Idempotency::Keyed } else { Idempotency::Unsafe };
    let mut request = Request::post("/tower/runs/start", idempotency).json(&body(args));
    if let Some(key) = key {
        request = request.header(HeaderName::from_static("idempotency-key"), &key);
    }
    let answer = client.ask(request).await?;
    let run = answer["run_id"].as_str().unwrap_or_default();
    let words = |_: &_| match follow {
        true => format!("{run} is {}", answer["status"].as_str().unwrap_or("started")),
        false => format!("{run} is queued; follow it with: holly runs watch {run}"),
    };
    if follow && session.out.is_json() {
        session.out.json_line(&answer)?;
    } else {
        session.out.either(&answer, words)?;
    }
    if follow { watch::run(session, client, run).await } else { Ok(Exit::Done) }
}

fn body(args: StartArgs) -> Value {
    let mut state = args.input.unwrap_or_default();
    if let Some(text) = args.text {
        state.insert("messages".to_owned(), json!([{"type": "human", "content": text}]));
    }
    let mut body = Map::from_iter([
        ("input_state".to_owned(), Value::Object(state)),
        ("created_by".to_owned(), Value::from("cli")),
    ]);
    let text = |value: Option<String>| value.map(Value::from);
    for (name, value) in [
        ("workflow_id", text(args.workflow)),
        ("run_name", text(args.name)),
        ("serial_key", text(args.serial_key)),
        ("priority", args.priority.map(Value::from)),
        ("metadata", args.metadata.map(Value::Object)),
    ] {
        body.extend(value.map(|value| (name.to_owned(), value)));
    }
    Value::Object(body)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::commands::runs::RunsCommand;

    fn sent(args: &[&str]) -> Value {
        let cli = Cli::try_parse_from(["holly", "runs", "start"].iter().chain(args)).unwrap();
        match cli.command {
            Some(Command::Runs(RunsCommand::Start(args))) => body(args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_become_a_message_and_only_what_was_said_is_sent() {
        assert_eq!(
            sent(&["Is #1042 printed?"]),
            json!({
                "input_state": {"messages": [{"type": "human", "content": "Is #1042 printed?"}]},
                "created_by": "cli",
            })
        );
        let body = sent(&["--input", r#"{"trigger_payload":{"task":"x"}}"#, "--priority", "7", "--name", "Look"]);
        assert_eq!(
            body,
            json!({"input_state": {"trigger_payload": {"task": "x"}}, "created_by": "cli", "priority": 7, "run_name": "Look"})
        );
    }
}
