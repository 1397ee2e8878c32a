//! Ends tickets that nobody decided in time.

use store::StoreError;

use super::BATCH;
use crate::messages::Messages;
use crate::services::Services;

/// Expires tickets past their life; their runs fail. Returns how many.
///
/// # Errors
/// When the store failed.
pub async fn expire(services: &Services) -> Result<usize, StoreError> {
    let messages = Messages(&services.ids);
    let mut tx = services.db.begin().await?;
    let expired = store::tickets::expire(&mut tx, services.clock.now(), BATCH, &|ticket| {
        vec![messages.ticket_expired(&ticket.run_id, ticket.ticket_id)]
    })
    .await?;
    tx.commit().await?;
    for ticket in &expired {
        tracing::info!(ticket.id = %ticket.ticket_id, run.id = %ticket.run_id, "ticket expired");
        services.tell_ticket(ticket.ticket_id, &ticket.run_id, "expired", ticket.risk_level);
        if ticket.run_failed {
            services.tell_run(&ticket.run_id, "failed");
        }
    }
    Ok(expired.len())
}
