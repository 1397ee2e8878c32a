//! `/api/tower/tickets/bulk-decide`: one answer to many tickets, each judged by itself.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use domain::codes::Code;
use domain::ids::TicketId;
use domain::ticket::{Answer, Decider, TicketStatus, Verdict};
use domain::tool::Risk;
use futures_util::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{By, Json as Body};
use crate::openapi::{Operation, schema};
use crate::ports::{AppError, FieldError};

const MAX_ITEMS: usize = 100;
const MAX_REASON_CHARS: usize = 500;
/// Tickets decided at once.
const AT_ONCE: usize = 4;
const ONLY_LOW: &str = "Only low-risk tickets can be approved in bulk";

/// One ticket that is meant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    ticket_id: i64,
    expected_checkpoint_id: Option<String>,
}

/// One answer to many tickets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkBody {
    decision: Option<String>,
    items: Option<Vec<Item>>,
    reason: Option<String>,
}

/// What became of one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemResult {
    ticket_id: i64,
    ok: bool,
    status: Option<TicketStatus>,
    error: Option<String>,
}

/// POST `/api/tower/tickets/bulk-decide`
pub async fn decide(
    State(app): State<App>,
    By(by): By,
    Body { value: body, .. }: Body<BulkBody>,
) -> Result<Json<Value>, ApiError> {
    let (verdict, items, reason) = check(body)?;
    let mut payload = Map::new();
    if let Some(reason) = reason {
        payload.insert("reason".to_owned(), json!(reason));
    }
    let ids: Vec<i64> = items.iter().map(|item| item.ticket_id).collect();
    let decided: Vec<Result<ItemResult, AppError>> = stream::iter(items)
        .map(|item| decide_one(&app, &by, verdict, payload.clone(), item))
        .buffered(AT_ONCE)
        .collect()
        .await;
    // A store that is down is an outage, not a hundred failures.
    if decided.iter().all(Result::is_err) {
        return match decided.into_iter().next() {
            Some(Err(error)) => Err(error.into()),
            _ => Err(ApiError::new(Code::InvalidBody)),
        };
    }
    let lost = |ticket_id, error: AppError| ItemResult {
        ticket_id,
        ok: false,
        status: None,
        error: Some(error.code.message().to_owned()),
    };
    let results: Vec<ItemResult> =
        ids.into_iter().zip(decided).map(|(id, result)| result.unwrap_or_else(|error| lost(id, error))).collect();
    let ok = results.iter().filter(|result| result.ok).count();
    Ok(Json(json!({"decided": ok, "failed": results.len() - ok, "results": results})))
}

fn check(body: BulkBody) -> Result<(Verdict, Vec<Item>, Option<String>), ApiError> {
    let missing: Vec<FieldError> = [("decision", body.decision.is_none()), ("items", body.items.is_none())]
        .into_iter()
        .filter(|(_, missing)| *missing)
        .map(|(name, _)| FieldError::new(name, "is required"))
        .collect();
    let (Some(decision), Some(items)) = (body.decision, body.items) else {
        return Err(ApiError::fields(Code::InvalidBody, missing));
    };
    let verdict = match decision.as_str() {
        "approve" => Verdict::Approve,
        "reject" => Verdict::Reject,
        _ => {
            let detail = FieldError::new("decision", "expected `approve` or `reject`");
            let error = AppError::because(Code::InvalidBody, "decision must be 'approve' or 'reject'");
            return Err(error.with_details(vec![detail]).into());
        }
    };
    let reason = body.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let distinct: BTreeSet<i64> = items.iter().map(|item| item.ticket_id).collect();
    let broken: Vec<String> = [
        (items.is_empty() || items.len() > MAX_ITEMS, format!("items has 1 to {MAX_ITEMS} entries")),
        (distinct.len() != items.len(), "items names no ticket twice".to_owned()),
        (distinct.iter().any(|id| *id < 1), "items[].ticket_id is 1 or more".to_owned()),
        (verdict == Verdict::Reject && reason.is_none(), "a rejection needs a reason".to_owned()),
        (
            reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON_CHARS),
            format!("reason has at most {MAX_REASON_CHARS} characters"),
        ),
    ]
    .into_iter()
    .filter(|(broken, _)| *broken)
    .map(|(_, rule)| rule)
    .collect();
    if broken.is_empty() { Ok((verdict, items, reason)) } else { Err(AppError::rules(broken).into()) }
}

/// Decides one ticket. An error only when the store is down; every other refusal is the item's own result.
async fn decide_one(
    app: &App,
    by: &Decider,
    verdict: Verdict,
    payload: Map<String, Value>,
    item: Item,
) -> Result<ItemResult, AppError> {
    let id = TicketId(item.ticket_id);
    let refused = |status, error: &str| ItemResult {
        ticket_id: item.ticket_id,
        ok: false,
        status,
        error: Some(error.to_owned()),
    };
    let ticket = match app.tower.get_ticket(id).await {
        Ok(ticket) => ticket,
        Err(error) if error.code == Code::TicketNotFound => return Ok(refused(None, &error.message)),
        Err(error) => return Err(error),
    };
    match ticket.status {
        TicketStatus::Pending if ticket.expires_at <= app.clock.now() => {
            return Ok(refused(Some(TicketStatus::Pending), "Ticket expired"));
        }
        TicketStatus::Pending if verdict == Verdict::Approve && ticket.risk_level != Risk::Low => {
            return Ok(refused(Some(ticket.status), ONLY_LOW));
        }
        TicketStatus::Pending => {}
        TicketStatus::Expired => return Ok(refused(Some(ticket.status), "Ticket expired")),
        TicketStatus::Approved | TicketStatus::Rejected => return Ok(refused(Some(ticket.status), "Already decided")),
    }
    let answer = Answer { verdict, payload, expected_checkpoint: item.expected_checkpoint_id.clone() };
    match app.tower.decide(by, None, id, answer).await {
        Ok(status) => Ok(ItemResult { ticket_id: item.ticket_id, ok: true, status: Some(status), error: None }),
        Err(error) if error.code == Code::TicketDecided => Ok(refused(None, "Already decided")),
        Err(error) if matches!(error.code, Code::DatabaseUnavailable | Code::Internal) => Err(error),
        Err(error) => Ok(refused(Some(ticket.status), &error.message)),
    }
}

pub(super) fn decide_doc() -> Operation {
    let item = schema::request(
        &["ticket_id"],
        &[("ticket_id", schema::whole_in(1, i64::MAX)), ("expected_checkpoint_id", schema::or_null(schema::text()))],
    );
    let result = schema::object(&[
        ("ticket_id", schema::whole()),
        ("ok", schema::flag()),
        ("status", schema::or_null(schema::ticket_status())),
        ("error", schema::or_null(schema::text())),
    ]);
    Operation::new("bulk_decide_tickets", "Tower", "One answer to many tickets, each judged by itself")
        .describe(
            "Only low-risk tickets can be approved in bulk; a rejection needs a reason. One failure never stops the \
             rest, and asking again with the same ids is safe.",
        )
        .body(
            schema::request(
                &["decision", "items"],
                &[
                    ("decision", schema::one_of(&["approve", "reject"])),
                    ("items", json!({"type": "array", "items": item, "minItems": 1, "maxItems": MAX_ITEMS})),
                    ("reason", schema::or_null(schema::text_up_to(MAX_REASON_CHARS))),
                ],
            ),
            json!({
                "decision": "reject", "reason": "not today",
                "items": [{"ticket_id": 42, "expected_checkpoint_id": "cp_1a2b3c4d5e6f"}],
            }),
        )
        .answer(
            200,
            "What became of each, in the order given",
            schema::object(&[
                ("results", schema::list(result)),
                ("decided", schema::whole()),
                ("failed", schema::whole()),
            ]),
        )
        .refuses(&[Code::RuleBroken])
}
