//! `holly tickets list`

use clap::Args;

use crate::cli::values;
use crate::client::view;
use crate::client::views::Ticket;
use crate::failure::Exit;
use crate::output::{Cell, Output, Table, Tone, age, risk_tone, ticket_tone};
use crate::session::Session;

/// Arguments of `tickets list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// pending, approved, rejected, expired or all
    #[arg(long, default_value = "pending", value_parser = values::ticket_status)]
    status: &'static str,
    /// low, medium or high
    #[arg(long, value_parser = values::risk)]
    risk: Option<&'static str>,
    /// How many, at most 200
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
}

pub(crate) async fn run(session: &Session, args: ListArgs) -> anyhow::Result<Exit> {
    let query = [
        ("status", Some(args.status.to_owned())),
        ("risk_level", args.risk.map(str::to_owned)),
        ("limit", Some(args.limit.to_string())),
    ];
    let answer = session.client()?.get("/tower/inbox", &query).await?;
    let tickets: Vec<Ticket> = view(&answer["tickets"])?;
    let nothing = if args.status == "pending" { "no ticket waits for a decision" } else { "no such tickets" };
    session.out.either(&answer, |out| table(&tickets, out, nothing))?;
    Ok(Exit::Done)
}

/// The tickets as a table.
pub(crate) fn table(tickets: &[Ticket], out: &Output, nothing: &str) -> String {
    let mut table = Table::new(&["TICKET", "RISK", "STATUS", "RAISED", "EXPIRES", "WHAT", "RUN"]);
    for ticket in tickets {
        let expires = ticket.expires_at.filter(|_| ticket.status == "pending").map(|at| age(at, out.now));
        table.row(vec![
            Cell::number(ticket.id),
            Cell::new(&ticket.risk_level).tone(risk_tone(&ticket.risk_level)),
            Cell::new(&ticket.status).tone(ticket_tone(&ticket.status)),
            Cell::new(age(ticket.created_at, out.now)),
            Cell::maybe(expires),
            Cell::new(what(ticket)),
            Cell::new(&ticket.run_id).tone(Tone::Dim),
        ]);
    }
    table.render(out.style, nothing)
}

/// One line that says what is proposed: the headline, else the call.
pub(super) fn what(ticket: &Ticket) -> String {
    let pack = &ticket.context_pack;
    let headline = pack["tldr"].as_str().filter(|text| !text.is_empty() && *text != "Approval required");
    let preview = pack["proposed_action_preview"].as_str().filter(|text| !text.is_empty());
    let tool = ticket.proposed_action["tool"].as_str();
    headline.or(preview).or(tool).unwrap_or(&ticket.ticket_type).to_owned()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use serde_json::json;

    use super::*;
    use crate::output::{Form, Style};

    #[test]
    fn a_list_tells_risk_age_and_what_is_proposed() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let out = Output { form: Form::Words, style: Style::None, now };
        let ticket: Ticket = view(&json!({
            "id": 12, "run_id": "run_0123456789abcdef", "ticket_type": "tool_call", "risk_level": "medium",
            "status": "pending", "created_at": now - TimeDelta::minutes(3), "expires_at": now + TimeDelta::hours(23),
            "proposed_action": {"tool": "printful_submit_order"},
            "context_pack": {"tldr": "Print #1042"},
        }))
        .unwrap();
        assert_eq!(
            table(&[ticket], &out, "none"),
            "TICKET  RISK    STATUS   RAISED     EXPIRES  WHAT         RUN\n    \
             12  medium  pending  3 min ago  in 23 h  Print #1042  run_0123456789abcdef"
        );
        assert_eq!(table(&[], &out, "no ticket waits"), "no ticket waits");
    }
}
