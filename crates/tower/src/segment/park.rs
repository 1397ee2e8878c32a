//! Ending a segment before the run has ended: parked for a person, or back in the queue.

use domain::checkpoint::{Checkpoint, CheckpointMeta, Source};
use domain::event::NewEvent;
use domain::time::Timestamp;
use store::parks::{Park, ParkOutcome};
use store::writer::Head;

use super::session::Session;
use super::{End, SegmentError};
use crate::messages::Messages;
use crate::node::ParkRequest;

/// Parks the run: effect, ticket, checkpoint and status in one commit.
pub(super) async fn park(session: &Session, request: ParkRequest) -> Result<End, SegmentError> {
    let before = session.checkpoint().await;
    let services = session.services();
    let checkpoint_id = services.ids.checkpoint();
    let interrupt_id = services.ids.interrupt();
    let mut pending = before.pending.clone();
    match pending.iter_mut().find(|other| other.node == request.pending.node) {
        Some(mine) => *mine = request.pending.clone(),
        None => pending.push(request.pending.clone()),
    }
    let checkpoint = Checkpoint {
        thread_id: before.thread_id.clone(),
        checkpoint_id: checkpoint_id.clone(),
        parent_id: Some(before.checkpoint_id.clone()),
        channel_values: before.channel_values.clone(),
        metadata: CheckpointMeta {
            node_name: Some(request.pending.node.to_string()),
            step: before.metadata.step + 1,
            source: Source::Interrupt,
            next: before.metadata.next.clone(),
        },
        pending,
        created_at: session.now(),
    };
    let mut ticket = request.ticket.ticket;
    ticket.checkpoint_id = checkpoint_id;
    ticket.interrupt_id = interrupt_id;
    let messages = Messages(&services.ids);
    let tldr = ticket.context_pack.get("tldr").and_then(|text| text.as_str()).unwrap_or_default().to_owned();
    let (kind, risk) = (ticket.ticket_type.as_str(), ticket.risk_level.as_str());
    let proposed = ticket.proposed_action.clone();
    let preview =
        ticket.context_pack.get("proposed_action_preview").and_then(|p| p.as_str()).unwrap_or_default().to_owned();
    let agent = ticket.context_pack.get("agent_id").and_then(|p| p.as_str()).unwrap_or_default().to_owned();
    let tool = proposed.get("tool").and_then(|p| p.as_str()).unwrap_or_default().to_owned();
    let run_id = session.run_id().clone();
    let wait = session.waiting_span(request.pending.node.as_str(), &tldr);
    let ticket_risk = ticket.risk_level;
    let checkpoint_text = checkpoint.checkpoint_id.to_string();

    let mut tx = services.db.begin().await?;
    let parked = store::parks::park(
        &mut tx,
        Park {
            run_id: run_id.clone(),
            fence: session.fence().clone(),
            checkpoint,
            ticket,
            effect: request.effect,
            effect_changes: Vec::new(),
            events_before: request.events,
            spans: session.trace().take(),
            wait: Some(wait),
            now: session.now(),
        },
        |ticket_id| {
            vec![
                messages.ticket_created(&run_id, ticket_id, kind, risk, &tldr, &proposed),
                messages.waiting(&run_id, ticket_id, kind, risk, &checkpoint_text),
                messages.approval_requested(&tool, risk, &agent, &preview),
            ]
        },
    )
    .await?;
    match parked {
        ParkOutcome::Parked { ticket_id } => {
            tx.commit().await?;
            tracing::info!(run.id = %run_id, ticket.id = %ticket_id, risk, "run waits for a person");
            services.tell_ticket(ticket_id, run_id.as_str(), "pending", ticket_risk);
            services.tell_run(run_id.as_str(), "waiting_approval");
            Ok(End::Parked)
        }
        ParkOutcome::LeaseLost => {
            tx.rollback().await?;
            Err(session.why_refused().await?)
        }
        // Another run prepared the same thing between our look and this commit: look again at once.
        ParkOutcome::BusinessKeyTaken => {
            tx.rollback().await?;
            back_to_queue(session, session.now(), "another run is doing the same").await
        }
    }
}

/// Puts the run back into the queue until `available_at`.
pub(super) async fn back_to_queue(
    session: &Session,
    available_at: Timestamp,
    reason: &str,
) -> Result<End, SegmentError> {
    session.close_spans(reason);
    session
        .commit(|commit| {
            commit.events.push(NewEvent::run_yielded(reason));
            commit.head = Head::Requeue { available_at: Some(available_at) };
        })
        .await?;
    session.services().tell_run(session.run_id().as_str(), "queued");
    Ok(End::Yielded)
}
