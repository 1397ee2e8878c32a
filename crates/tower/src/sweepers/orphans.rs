//! Settles effects that were sent and whose run ended before the outcome was known: nobody else would ask any more.

use chrono::TimeDelta;
use domain::effect::{Effect, EffectStatus};
use domain::event::{NewEvent, reconciled_as};
use domain::order::OrderFacts;
use gateway::Reconciled;
use store::Outcome;
use store::effects::EffectChange;

use super::BATCH;
use crate::error::Result;
use crate::intake::merge_order;
use crate::services::Services;

/// A call younger than this may still be on its way.
const SETTLED_AFTER_S: i64 = 60;

/// Reads back effects of ended runs. What certainly never happened is recorded as failed, which frees its business key.
/// What cannot be read back stays `unknown` and is asked again. Returns how many were settled.
///
/// # Errors
/// When the store failed.
pub async fn settle(services: &Services) -> Result<usize> {
    let now = services.clock.now();
    let unclear = store::effects::unclear(&services.db, now - TimeDelta::seconds(SETTLED_AFTER_S), BATCH).await?;
    let mut settled = 0;
    for effect in unclear {
        let run = store::runs::get(&services.db, &effect.run_id).await?;
        if !run.is_some_and(|run| run.status.is_terminal()) {
            continue;
        }
        let Some(tool) = services.tools.get(&effect.tool_name) else { continue };
        let age = effect.attempted_at.map_or(0, |at| (now - at).num_seconds());
        let found = tool.reconcile(&effect.effect_id, &effect.provider_key, &effect.prepared_payload, age).await;
        let Some((mut change, facts)) = change(&effect, found) else { continue };
        if let Some(result) = &mut change.result {
            services.redactor.redact_json(result);
        }
        change.error = change.error.map(|error| services.redactor.redact(&error));
        let outcome = change.to;
        let mut tx = services.db.begin().await?;
        if store::effects::settle_orphan(&mut tx, &change, services.clock.now()).await? == Outcome::Done {
            let event = NewEvent::effect_reconciled(&effect.effect_id, reconciled_as(outcome));
            store::events::append(&mut tx, effect.run_id.as_str(), &[event], services.clock.now()).await?;
            let merged = match &facts {
                Some(facts) => Some(merge_order(services, &mut tx, facts).await?),
                None => None,
            };
            tx.commit().await?;
            if let Some(merged) = merged {
                services.tell_withdrawn(&merged.withdrawn);
            }
            settled += 1;
            tracing::info!(effect.id = %effect.effect_id, outcome = outcome.as_str(), "effect of an ended run settled");
        }
    }
    Ok(settled)
}

fn change(effect: &Effect, found: Reconciled) -> Option<(EffectChange, Option<OrderFacts>)> {
    let mut facts = None;
    let mut change = EffectChange {
        effect_id: effect.effect_id.clone(),
        from: &[EffectStatus::Executing, EffectStatus::Unknown],
        to: EffectStatus::Failed,
        result: None,
        provider_ref: None,
        error: None,
        undo: None,
        reconciled: true,
    };
    match found {
        Reconciled::NoAnswer(_) => return None,
        Reconciled::Absent => change.error = Some("it never happened, and its run has ended".to_owned()),
        Reconciled::Failed(error) => {
            change.error = Some(error.to_string());
            change.result = Some(error.to_result());
        }
        Reconciled::Committed(executed) => {
            change.to = EffectStatus::Committed;
            change.result = Some(executed.result);
            change.provider_ref = executed.provider_ref;
            change.undo = executed.undo;
            facts = executed.order_facts;
        }
    }
    Some((change, facts))
}
