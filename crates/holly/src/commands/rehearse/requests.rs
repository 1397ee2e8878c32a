//! `holly rehearse requests`: what reached the world.

use clap::Args;
use net::Request;
use rehearsal::Seen;
use rehearsal::fault::UPSTREAMS;
use serde_json::Value;

use crate::client::view;
use crate::failure::Exit;
use crate::output::{Cell, Output, Table, Tone};
use crate::session::Session;

/// Newest requests that are shown; the rest is in `--json`.
const SHOWN: usize = 50;

/// Arguments of `rehearse requests`.
#[derive(Debug, Args)]
pub(crate) struct RequestsArgs {
    /// Only those to this upstream
    #[arg(long, value_parser = upstreams())]
    upstream: Option<String>,
    /// Only those after this number, or from this moment of world time on (RFC 3339)
    #[arg(long)]
    since: Option<String>,
}

/// Those that can be asked; webhooks go the other way.
fn upstreams() -> Vec<&'static str> {
    UPSTREAMS.into_iter().filter(|name| *name != "webhooks").collect()
}

pub(crate) async fn run(session: &Session, args: RequestsArgs) -> anyhow::Result<Exit> {
    let mut request = Request::get("/control/requests");
    for (name, value) in [("upstream", args.upstream), ("since", args.since)] {
        if let Some(value) = value {
            request = request.query(name, value);
        }
    }
    let answer = session.world()?.ask(request).await?;
    let seen: Vec<Seen> = view(&answer["requests"])?;
    session.out.either(&answer, |out| table(&seen, &answer, out))?;
    Ok(Exit::Done)
}

fn table(seen: &[Seen], answer: &Value, out: &Output) -> String {
    let mut table = Table::new(&["NO", "AT", "UPSTREAM", "REQUEST", "STATUS", "MARKS"]);
    let skipped = seen.len().saturating_sub(SHOWN);
    for request in &seen[skipped..] {
        let name = request.operation.as_deref().unwrap_or(&request.path);
        let fault = request.fault.and_then(|kind| serde_json::to_value(kind).ok());
        let fault = fault.as_ref().and_then(Value::as_str);
        let marks: Vec<&str> = request.throttled.then_some("throttled").into_iter().chain(fault).collect();
        table.row(vec![
            Cell::number(request.number),
            Cell::new(request.at.format("%H:%M:%S%.3f").to_string()).tone(Tone::Dim),
            Cell::new(&request.upstream),
            Cell::new(format!("{} {name}", request.method)),
            Cell::maybe(request.status.map(|status| status.to_string())),
            Cell::maybe(Some(marks.join(", "))).tone(Tone::Warn),
        ]);
    }
    let table = table.render(out.style, "no request has arrived");
    let hidden = answer["forgotten"].as_u64().unwrap_or_default() + u64::try_from(skipped).unwrap_or_default();
    if hidden > 0 { format!("{table}\n({hidden} older requests are not shown)") } else { table }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::output::{Form, Style};

    #[test]
    fn a_throttled_request_says_so() {
        let at = "2026-11-25T08:00:00Z";
        let answer = json!({"forgotten": 2, "last": 3, "requests": [{
            "number": 3, "upstream": "shopify", "method": "POST", "path": "/admin/api/2026-10/graphql.json",
            "operation": "Products", "at": at, "real_at": at, "status": 200, "throttled": true, "fault": "rate_limit",
        }]});
        let now = chrono::DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let out = Output { form: Form::Words, style: Style::None, now };
        let page = table(&view::<Vec<Seen>>(&answer["requests"]).unwrap(), &answer, &out);
        for part in ["POST Products", "throttled, rate_limit", "(2 older requests are not shown)"] {
            assert!(page.contains(part), "{part} in\n{page}");
        }
    }
}
