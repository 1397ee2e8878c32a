//! The call itself: look once more, make what is missing, confirm at the approved price.

use std::time::Duration;

use domain::money::Money;
use gateway::{Executed, Permit, Resolved, SendError, ToolError};
use net::Certainty;
use serde_json::json;

use super::{cancelled, cost_unknown, dearer, draft_matches, executed, reveal};
use crate::error::ConnectError;
use crate::printful::{Draft, PrintOrder, Printful, Standing};

/// Seconds before each further look at a cost that is still being calculated.
const COST_WAITS: [u64; 4] = [1, 2, 4, 8];

pub(super) async fn execute(printful: &Printful, permit: Permit, call: &Resolved) -> Result<Executed, SendError> {
    let incomplete = || SendError::Refused(ToolError::new("invalid_call", "the resolved call is incomplete"));
    let id = call.call["external_id"].as_str().ok_or_else(incomplete)?;
    let confirm = call.params["confirm"].as_bool().unwrap_or(false);
    let (draft, not_printed) = reveal(&call.private, id).ok_or_else(incomplete)?;
    let approved = Money::new(
        call.call["cost"]["currency"].as_str().ok_or_else(incomplete)?,
        call.call["cost"]["total_minor"].as_i64().ok_or_else(incomplete)?,
    );

    let print = match printful.order(&format!("@{id}")).await.map_err(not_read)? {
        Some(print) => print,
        None => create(printful, &permit, &draft).await?,
    };
    match print.standing() {
        Standing::Pending | Standing::Later => {
            let mut done = executed(&print, id, &not_printed, true);
            done.result["already_submitted"] = json!(true);
            return Ok(done);
        }
        Standing::Cancelled => return Err(SendError::Refused(cancelled())),
        Standing::Draft => draft_matches(&print, &draft.items).map_err(SendError::Refused)?,
    }
    if !confirm {
        return Ok(executed(&print, id, &not_printed, false));
    }
    let cost = settled_cost(printful, &print).await?;
    if dearer(&approved, &cost) {
        let error = ToolError::new(
            "cost_changed",
            "the print became dearer than what was approved; the draft stays unconfirmed",
        )
        .with("approved", approved.to_string())
        .with("cost", cost.to_string());
        return Err(SendError::Refused(error));
    }
    let mut confirmed = printful.confirm(permit, &print.id).await?;
    confirmed.cost = confirmed.cost.or(Some(cost));
    let mut done = executed(&confirmed, id, &not_printed, true);
    if let Some(facts) = &mut done.order_facts {
        // The answer may still bear the status from before the confirmation.
        facts.fulfilment = facts.fulfilment.or(Some(domain::order::Fulfilment::Submitted));
    }
    Ok(done)
}

/// Makes the draft. A refusal may mean that one came into being since the look (an import): then that one is taken.
async fn create(printful: &Printful, permit: &Permit, draft: &Draft) -> Result<PrintOrder, SendError> {
    match printful.create(permit, draft).await {
        Ok(print) => Ok(print),
        Err(error) if error.certainty() == Certainty::Refused => {
            let there = printful.order(&format!("@{}", draft.external_id)).await.map_err(not_read)?;
            there.ok_or_else(|| error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The cost of the draft as version 2 states it, once calculated.
async fn settled_cost(printful: &Printful, print: &PrintOrder) -> Result<Money, SendError> {
    for wait in [0].into_iter().chain(COST_WAITS) {
        if wait > 0 {
            printful.pause(Duration::from_secs(wait)).await;
        }
        if let Some(cost) = printful.order(&print.id).await.map_err(not_read)?.and_then(|print| print.cost) {
            return Ok(cost);
        }
    }
    Err(SendError::Refused(cost_unknown()))
}

/// A read within the call failed: whatever was made by then is a mere draft, so the effect may be executed again.
fn not_read(error: ConnectError) -> SendError {
    match SendError::from(error) {
        SendError::Unclear { reason } => SendError::NotSent { reason, retry_after_s: None },
        other => other,
    }
}
