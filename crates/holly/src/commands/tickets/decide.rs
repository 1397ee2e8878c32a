//! `holly tickets approve` and `reject`.

use clap::Args;
use serde_json::{Map, Value, json};

use super::show::page;
use crate::cli::values;
use crate::client::views::Ticket;
use crate::client::{Client, view};
use crate::failure::{Exit, Failure};
use crate::output::{Answer, confirm};
use crate::session::Session;

/// Arguments of `tickets approve`.
#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// Number of the ticket
    ticket: u32,
    /// Run the call with these parameters instead of the proposed ones (a JSON object, replacing all)
    #[arg(long, value_name = "JSON", value_parser = values::object)]
    params: Option<Map<String, Value>>,
    /// A note that is kept with the decision
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Do not ask, not even at high risk
    #[arg(long, short)]
    yes: bool,
}

/// Arguments of `tickets reject`.
#[derive(Debug, Args)]
pub(crate) struct RejectArgs {
    /// Number of the ticket
    ticket: u32,
    /// Why; the agent is told
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Mark that the call would have done harm
    #[arg(long)]
    harm: bool,
}

pub(crate) async fn approve(session: &Session, args: ApproveArgs) -> anyhow::Result<Exit> {
    let client = session.client()?;
    let ticket: Ticket = view(&client.get(&super::path(args.ticket), &[]).await?)?;
    if ticket.status == "pending" && ticket.risk_level == "high" && !args.yes {
        session.out.aside(&format!("{}\n", page(&ticket, &session.out)));
        match confirm("This is a high-risk action. Approve it?")? {
            Answer::Yes => {}
            Answer::No => return Err(Failure::Bad("nothing was decided".into()).into()),
            Answer::Nobody => {
                let text = "a ticket of high risk needs --yes when there is no terminal to ask on";
                return Err(Failure::Usage(text.into()).into());
            }
        }
    }
    decide(session, &client, &ticket, approval(args.params, args.note)).await
}

pub(crate) async fn reject(session: &Session, args: RejectArgs) -> anyhow::Result<Exit> {
    let client = session.client()?;
    let ticket: Ticket = view(&client.get(&super::path(args.ticket), &[]).await?)?;
    decide(session, &client, &ticket, rejection(args.reason, args.harm)).await
}

/// Sends the answer together with the checkpoint of the ticket that was just read, so that it counts for nothing else.
async fn decide(session: &Session, client: &Client, ticket: &Ticket, mut body: Value) -> anyhow::Result<Exit> {
    body["expected_checkpoint_id"] = json!(ticket.checkpoint_id);
    let answer = client.post(&format!("/tower/tickets/{}/decide", ticket.id), &body).await?;
    session.out.either(&answer, |_| {
        let status = answer["status"].as_str().unwrap_or("decided");
        format!("ticket {} is {status}; follow its run with: holly runs watch {}", ticket.id, ticket.run_id)
    })?;
    Ok(Exit::Done)
}

fn approval(params: Option<Map<String, Value>>, note: Option<String>) -> Value {
    let mut payload = Map::new();
    payload.extend(params.map(|params| ("params".to_owned(), Value::Object(params))));
    payload.extend(note.map(|note| ("note".to_owned(), Value::String(note))));
    json!({"decision": "approve", "decision_payload": payload})
}

fn rejection(reason: Option<String>, harm: bool) -> Value {
    let mut payload = Map::new();
    payload.extend(reason.map(|reason| ("reason".to_owned(), Value::String(reason))));
    if harm {
        payload.insert("harm".to_owned(), Value::Bool(true));
    }
    json!({"decision": "reject", "decision_payload": payload})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_said_is_sent() {
        assert_eq!(approval(None, None), json!({"decision": "approve", "decision_payload": {}}));
        let params = values::object(r#"{"size": "M"}"#).unwrap();
        assert_eq!(
            approval(Some(params), Some("ok".into())),
            json!({"decision": "approve", "decision_payload": {"params": {"size": "M"}, "note": "ok"}})
        );
        assert_eq!(
            rejection(Some("wrong size".into()), true),
            json!({"decision": "reject", "decision_payload": {"reason": "wrong size", "harm": true}})
        );
        assert_eq!(rejection(None, false)["decision_payload"], json!({}));
    }
}
