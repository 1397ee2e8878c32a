//! `holly smoke`: tries out a running server from outside, after a deployment. Changes nothing.

use clap::Args;
use net::Request;
use serde_json::{Value, json};

use crate::client::{Address, Client};
use crate::failure::{Exit, Failure};
use crate::output::{Cell, Output, Table, Tone};
use crate::session::Session;

/// Arguments of `smoke`.
#[derive(Debug, Args)]
pub(crate) struct SmokeArgs {
    /// Address of the server; the same as --url
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// Whether a request carries a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    Nobody,
    Caller,
}

/// What is asked, as whom, and what must come back: the status and a member of the body.
const PROBES: [(&str, As, u16, &str); 8] = [
    ("/health/live", As::Nobody, 200, "status"),
    ("/health", As::Nobody, 200, "checks"),
    ("/", As::Nobody, 200, "version"),
    ("/tower/inbox", As::Nobody, 401, "error"),
    ("/tower/inbox", As::Caller, 200, "tickets"),
    ("/tower/runs", As::Caller, 200, "runs"),
    ("/orders", As::Caller, 200, "orders"),
    ("/no-such-route", As::Caller, 404, "trace_id"),
];

/// How one probe ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    path: &'static str,
    caller: As,
    wanted: u16,
    got: u16,
    has_member: bool,
}

impl Outcome {
    fn is_right(&self) -> bool {
        self.got == self.wanted && self.has_member
    }
}

pub(crate) async fn run(session: &Session, args: SmokeArgs) -> anyhow::Result<Exit> {
    let mut session = session.clone();
    session.globals.url = args.base_url.or(session.globals.url);
    let signed = session.client()?;
    let unsigned = Client::new(&Address::named(signed.url()), None, session.clock.clone())?;
    let mut outcomes = Vec::new();
    for (path, caller, wanted, member) in PROBES {
        let client = if caller == As::Caller { &signed } else { &unsigned };
        let reply = client.exchange(Request::get(path)).await?;
        let body: Value = reply.json().unwrap_or_default();
        let has_member = body.get(member).is_some();
        outcomes.push(Outcome { path, caller, wanted, got: reply.status.as_u16(), has_member });
    }
    session.out.either(&as_json(&outcomes), |out| table(&outcomes, out))?;
    match outcomes.iter().filter(|outcome| !outcome.is_right()).count() {
        0 => Ok(Exit::Done),
        wrong => Err(Failure::Bad(format!("{wrong} of {} answers are wrong", outcomes.len())).into()),
    }
}

fn as_json(outcomes: &[Outcome]) -> Value {
    let rows = outcomes.iter().map(|outcome| {
        json!({
            "path": outcome.path, "with_token": outcome.caller == As::Caller, "wanted": outcome.wanted,
            "got": outcome.got, "ok": outcome.is_right(),
        })
    });
    json!({"ok": outcomes.iter().all(Outcome::is_right), "answers": rows.collect::<Vec<_>>()})
}

fn table(outcomes: &[Outcome], out: &Output) -> String {
    let mut table = Table::new(&["PATH", "TOKEN", "STATUS", "VERDICT"]);
    for outcome in outcomes {
        let verdict = match (outcome.is_right(), outcome.got == outcome.wanted) {
            (true, _) => Cell::new("right").tone(Tone::Good),
            (false, true) => Cell::new("wrong body").tone(Tone::Bad),
            (false, false) => Cell::new(format!("wrong, should be {}", outcome.wanted)).tone(Tone::Bad),
        };
        let token = if outcome.caller == As::Caller { "yes" } else { "no" };
        table.row(vec![Cell::new(outcome.path), Cell::new(token), Cell::number(outcome.got), verdict]);
    }
    table.render(out.style, "nothing was asked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_right_only_with_its_status_and_its_body() {
        let right = Outcome { path: "/", caller: As::Nobody, wanted: 200, got: 200, has_member: true };
        assert!(right.is_right());
        assert!(!Outcome { has_member: false, ..right.clone() }.is_right());
        assert_eq!(as_json(std::slice::from_ref(&right))["ok"], true);
        assert_eq!(as_json(&[right.clone(), Outcome { got: 500, ..right }])["ok"], false);
    }

    #[test]
    fn every_probe_is_a_read_of_a_declared_route_or_of_none_at_all() {
        let declared = api::routes::agents();
        for (path, _, wanted, _) in PROBES {
            let found = declared.iter().any(|route| route.facts.path == path && route.method == net::Method::GET);
            assert_eq!(found, wanted != 404, "{path}");
        }
    }
}
