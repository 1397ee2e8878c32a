//! `/tower/inbox`, `/tower/tickets` and the resuming of runs: what people are asked, and what they answer.

use axum::Json;
use axum::extract::State;
use domain::codes::Code;
use domain::ids::TicketId;
use domain::run::RunStatus;
use domain::ticket::{Answer, Ticket, TicketStatus, Verdict};
use domain::tool::Risk;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{By, Json as Body, Query, RunPath, TicketPath};
use crate::openapi::{Operation, schema};
use crate::ports::{AppError, FieldError, TicketFilter};

const MAX_PAYLOAD_BYTES: usize = 64 * 1024;
const MAX_REASON_CHARS: usize = 500;
const MAX_NOTE_CHARS: usize = 2_000;

/// GET `/tower/inbox`
pub async fn inbox(State(app): State<App>, mut query: Query) -> Result<Json<Value>, ApiError> {
    let status = query.parsed("status", "a ticket status or `all`", |text| match text {
        "all" => Some(None),
        text => TicketStatus::parse(text).map(Some),
    });
    let filter = TicketFilter {
        status: status.unwrap_or(Some(TicketStatus::Pending)),
        risk: query.parsed("risk_level", "`low`, `medium` or `high`", Risk::parse),
    };
    let limit = query.limit(50, 200);
    query.finish()?;
    let tickets = app.tower.list_tickets(filter, limit).await?;
    Ok(Json(json!({"count": tickets.len(), "tickets": tickets})))
}

pub(crate) fn inbox_doc() -> Operation {
    Operation::new("list_tickets", "Tower", "Tickets, newest first; by default those that wait for a decision")
        .query("status", "Only these, or `all`", schema::one_of(&["pending", "approved", "rejected", "expired", "all"]))
        .query("risk_level", "Only of this risk", schema::risk())
        .query("limit", "How many", schema::limit(50, 200))
        .answer(
            200,
            "The tickets",
            schema::object(&[("tickets", schema::list(schema::named("Ticket"))), ("count", schema::whole())]),
        )
}

/// GET `/tower/tickets/{ticket_id}`
pub async fn show(State(app): State<App>, TicketPath(ticket_id): TicketPath) -> Result<Json<Ticket>, ApiError> {
    Ok(Json(app.tower.get_ticket(ticket_id).await?))
}

pub(crate) fn show_doc() -> Operation {
    Operation::new("show_ticket", "Tower", "One ticket")
        .path("ticket_id", "Ticket number", schema::whole_in(1, i64::MAX), Code::TicketNotFound)
        .answer(200, "The ticket", schema::named("Ticket"))
}

/// An answer to a ticket as it is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    decision: Option<String>,
    decision_payload: Option<Map<String, Value>>,
    expected_checkpoint_id: Option<String>,
    /// Accepted because older clients send it; who decides is the token.
    #[serde(rename = "decided_by")]
    _decided_by: Option<Value>,
}

/// The same with the ticket that is meant. Written out: a flattened body could not refuse unknown members.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResumeBody {
    ticket_id: Option<i64>,
    decision: Option<String>,
    decision_payload: Option<Map<String, Value>>,
    expected_checkpoint_id: Option<String>,
    #[serde(rename = "decided_by")]
    _decided_by: Option<Value>,
}

fn missing(sentence: &str, fields: &[&str]) -> ApiError {
    let details = fields.iter().map(|field| FieldError::new(*field, "is required")).collect();
    AppError::because(Code::InvalidBody, sentence).with_details(details).into()
}

fn answer(
    decision: &str,
    payload: Option<Map<String, Value>>,
    expected_checkpoint: Option<String>,
) -> Result<Answer, ApiError> {
    let verdict = match decision {
        "approve" => Verdict::Approve,
        "reject" => Verdict::Reject,
        _ => {
            let detail = FieldError::new("decision", "expected `approve` or `reject`");
            let error = AppError::because(Code::InvalidBody, "decision must be 'approve' or 'reject'");
            return Err(error.with_details(vec![detail]).into());
        }
    };
    let payload = payload.unwrap_or_default();
    check_payload(&payload)?;
    Ok(Answer { verdict, payload, expected_checkpoint })
}

fn check_payload(payload: &Map<String, Value>) -> Result<(), ApiError> {
    let wrong: Vec<FieldError> = [
        ("params", "expected an object", payload.get("params").is_some_and(|value| !value.is_object())),
        ("reason", "expected a text", payload.get("reason").is_some_and(|value| !value.is_string())),
        ("note", "expected a text", payload.get("note").is_some_and(|value| !value.is_string())),
        ("harm", "expected true or false", payload.get("harm").is_some_and(|value| !value.is_boolean())),
    ]
    .into_iter()
    .filter(|(_, _, wrong)| *wrong)
    .map(|(name, message, _)| FieldError::new(format!("decision_payload.{name}"), message))
    .collect();
    if !wrong.is_empty() {
        return Err(ApiError::fields(Code::InvalidBody, wrong));
    }
    let chars = |name: &str| payload.get(name).and_then(Value::as_str).map_or(0, |text| text.chars().count());
    let bytes = serde_json::to_string(payload).map_or(usize::MAX, |text| text.len());
    let broken: Vec<String> = [
        (
            chars("reason") > MAX_REASON_CHARS,
            format!("decision_payload.reason has at most {MAX_REASON_CHARS} characters"),
        ),
        (chars("note") > MAX_NOTE_CHARS, format!("decision_payload.note has at most {MAX_NOTE_CHARS} characters")),
        (bytes > MAX_PAYLOAD_BYTES, "decision_payload has at most 64 KiB".to_owned()),
    ]
    .into_iter()
    .filter(|(broken, _)| *broken)
    .map(|(_, rule)| rule)
    .collect();
    if broken.is_empty() { Ok(()) } else { Err(AppError::rules(broken).into()) }
}

const REFUSALS: [Code; 9] = [
    Code::RuleBroken,
    Code::TicketNotFound,
    Code::TicketDecided,
    Code::TicketExpired,
    Code::TicketStale,
    Code::RunNotWaiting,
    Code::PayloadChanged,
    Code::InvalidParams,
    Code::RiskRaised,
];

fn decision_members() -> Vec<(&'static str, Value)> {
    let payload = json!({
        "type": "object",
        "properties": {
            "params": schema::any_object(),
            "reason": schema::text_up_to(MAX_REASON_CHARS),
            "note": schema::text_up_to(MAX_NOTE_CHARS),
            "harm": schema::flag(),
        },
        "description": "`params` replaces the proposed parameters as a whole; `harm` marks that the rejected call would have done harm",
    });
    vec![
        ("decision", schema::one_of(&["approve", "reject"])),
        ("decision_payload", schema::or_null(payload)),
        ("expected_checkpoint_id", schema::or_null(schema::text())),
        ("decided_by", json!({"description": "accepted and ignored"})),
    ]
}

/// POST `/tower/tickets/{ticket_id}/decide`
pub async fn decide(
    State(app): State<App>,
    By(by): By,
    TicketPath(ticket_id): TicketPath,
    Body { value: body, .. }: Body<DecisionBody>,
) -> Result<Json<Value>, ApiError> {
    let decision = body.decision.ok_or_else(|| missing("decision is required", &["decision"]))?;
    let answer = answer(&decision, body.decision_payload, body.expected_checkpoint_id)?;
    let status = app.tower.decide(&by, None, ticket_id, answer).await?;
    Ok(Json(json!({"ticket_id": ticket_id, "status": status})))
}

pub(crate) fn decide_doc() -> Operation {
    Operation::new("decide_ticket", "Tower", "Approves or rejects what a ticket proposes")
        .describe("Low and medium risk: operator. High risk: admin.")
        .path("ticket_id", "Ticket number", schema::whole_in(1, i64::MAX), Code::TicketNotFound)
        .body(
            schema::request(&["decision"], &decision_members()),
            json!({"decision": "approve", "decision_payload": {"note": "ok"}, "expected_checkpoint_id": "cp_1a2b3c4d5e6f"}),
        )
        .answer(
            200,
            "Decided",
            schema::object(&[("ticket_id", schema::whole()), ("status", schema::one_of(&["approved", "rejected"]))]),
        )
        .refuses(&REFUSALS)
}

/// POST `/tower/runs/{run_id}/resume`
pub async fn resume(
    State(app): State<App>,
    By(by): By,
    RunPath(run_id): RunPath,
    Body { value: body, .. }: Body<ResumeBody>,
) -> Result<Json<Value>, ApiError> {
    let (Some(ticket_id), Some(decision)) = (body.ticket_id, body.decision) else {
        return Err(missing("ticket_id and decision are required", &["ticket_id", "decision"]));
    };
    let answer = answer(&decision, body.decision_payload, body.expected_checkpoint_id)?;
    app.tower.decide(&by, Some(&run_id), TicketId(ticket_id), answer).await?;
    Ok(Json(json!({"run_id": run_id, "status": RunStatus::Queued})))
}

pub(crate) fn resume_doc() -> Operation {
    let mut members = decision_members();
    members.insert(0, ("ticket_id", schema::whole()));
    Operation::new("resume_run", "Tower", "Decides the ticket that a run waits for")
        .describe("Low and medium risk: operator. High risk: admin.")
        .path("run_id", "Run id", schema::run_id(), Code::RunNotFound)
        .body(
            schema::request(&["ticket_id", "decision"], &members),
            json!({"ticket_id": 42, "decision": "reject", "decision_payload": {"reason": "wrong size"}}),
        )
        .answer(200, "Queued again", schema::object(&[("run_id", schema::run_id()), ("status", schema::run_status())]))
        .refuses(&REFUSALS)
}
