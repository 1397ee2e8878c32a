//! `holly rehearse fault`: how the world misbehaves next.

use clap::Args;
use net::{Idempotency, Method, Request};
use rehearsal::fault::{Planted, UPSTREAMS};
use serde_json::{Value, json};

use crate::client::view;
use crate::failure::Exit;
use crate::output::{Cell, Output, Table};
use crate::session::Session;

const KINDS: [&str; 10] = [
    "refuse",
    "delay",
    "drop_reply",
    "duplicate",
    "rate_limit",
    "credit",
    "malformed",
    "error",
    "break_stream",
    "overloaded",
];

/// Arguments of `rehearse fault`.
#[derive(Debug, Args)]
pub(crate) struct FaultArgs {
    /// shopify, stripe, printful, anthropic, openai, ollama or webhooks; or list, or clear
    #[arg(value_parser = places())]
    upstream: String,
    /// refuse, delay, drop_reply, duplicate, rate_limit, credit, malformed, error, break_stream (models) or overloaded
    /// (anthropic)
    #[arg(value_parser = KINDS, required_if_eq_any(UPSTREAMS.map(|name| ("upstream", name))))]
    kind: Option<String>,
    /// How often it happens
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// How many requests pass unharmed before
    #[arg(long, default_value_t = 0)]
    after: u32,
    /// How long a delay, a refusal or a rate limit lasts
    #[arg(long, value_name = "S")]
    seconds: Option<u32>,
}

fn places() -> Vec<&'static str> {
    UPSTREAMS.into_iter().chain(["list", "clear"]).collect()
}

pub(crate) async fn run(session: &Session, args: FaultArgs) -> anyhow::Result<Exit> {
    const PATH: &str = "/control/faults";
    let request = match args.upstream.as_str() {
        "list" => Request::get(PATH),
        "clear" => Request::new(Method::DELETE, PATH, Idempotency::Unsafe),
        _ => Request::post(PATH, Idempotency::Unsafe).json(&body(&args)),
    };
    let answer = session.world()?.ask(request).await?;
    let planted: Vec<Planted> = view(&answer["faults"])?;
    session.out.either(&answer, |out| table(&planted, out))?;
    Ok(Exit::Done)
}

fn body(args: &FaultArgs) -> Value {
    let mut body = json!({"upstream": args.upstream, "kind": args.kind, "times": args.times, "after": args.after});
    if let Some(seconds) = args.seconds {
        body["seconds"] = seconds.into();
    }
    body
}

fn table(planted: &[Planted], out: &Output) -> String {
    let mut table = Table::new(&["UPSTREAM", "KIND", "TIMES", "AFTER", "SECONDS"]);
    for fault in planted {
        let kind = serde_json::to_value(fault.kind).unwrap_or_default();
        table.row(vec![
            Cell::new(&fault.upstream),
            Cell::maybe(kind.as_str()),
            Cell::number(fault.times),
            Cell::number(fault.after),
            Cell::maybe(fault.seconds.map(|seconds| seconds.to_string())),
        ]);
    }
    table.render(out.style, "no fault is planted")
}

#[cfg(test)]
mod tests {
    use rehearsal::fault::FaultKind;

    use super::*;

    #[test]
    fn every_kind_of_the_world_can_be_said() {
        for kind in KINDS {
            assert!(serde_json::from_value::<FaultKind>(kind.into()).is_ok(), "{kind}");
        }
    }
}
