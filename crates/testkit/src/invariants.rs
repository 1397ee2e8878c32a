//! What must hold of the rows at every moment, whatever happened to the processes.

use std::collections::BTreeMap;

use domain::effect::{Effect, EffectStatus};
use domain::run::{Run, RunStatus};
use domain::ticket::{Ticket, TicketStatus};
use store::runs::RunFilter;
use store::{Db, StoreError};

use crate::scripted_tools::Upstream;

/// Most rows that are looked at.
const ALL: i64 = 10_000;

/// Looks at the rows again and again, and remembers what may not change any more.
#[derive(Debug, Default)]
pub struct Invariants {
    ended: BTreeMap<String, RunStatus>,
    committed: BTreeMap<String, Effect>,
}

impl Invariants {
    /// Everything that does not hold, a sentence each. To be asked between two steps of the processes: a commit that
    /// comes between two of the reads would look like a fault.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn broken(&mut self, db: &Db, upstream: &Upstream) -> Result<Vec<String>, StoreError> {
        let mut broken: Vec<String> =
            upstream.doubled().into_iter().map(|made| format!("made twice: {made}")).collect();
        let runs = store::runs::list(db, &RunFilter { limit: ALL, ..RunFilter::default() }).await?;
        let tickets = store::tickets::list(db, Some(TicketStatus::Pending), None, ALL).await?;
        let mut holders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for run in &runs {
            self.run(run, &tickets, &mut broken);
            let events = store::events::list(db, run.run_id.as_str(), 0, ALL).await?;
            let numbers: Vec<i64> = events.iter().map(|event| event.seq).collect();
            if numbers != (1..=run.event_seq).collect::<Vec<_>>() {
                broken
                    .push(format!("{}: events are numbered {numbers:?}, the head says {}", run.run_id, run.event_seq));
            }
            for effect in store::effects::for_run(db, &run.run_id).await? {
                self.effect(&effect, run, &mut broken);
                if let (Some(key), true) = (&effect.business_key, effect.status.holds_business_key()) {
                    holders.entry(key.clone()).or_default().push(effect.effect_id.to_string());
                }
            }
        }
        broken.extend(
            holders.into_iter().filter(|(_, ids)| ids.len() > 1).map(|(key, ids)| format!("{key} is held by {ids:?}")),
        );
        Ok(broken)
    }

    fn run(&mut self, run: &Run, tickets: &[Ticket], broken: &mut Vec<String>) {
        let id = &run.run_id;
        let mine: Vec<&Ticket> = tickets.iter().filter(|ticket| ticket.run_id == id.as_str()).collect();
        let expected = usize::from(run.status == RunStatus::WaitingApproval);
        if mine.len() != expected {
            broken.push(format!("{id} is {} and has {} pending tickets", run.status.as_str(), mine.len()));
        }
        if let Some(ticket) = mine.first().filter(|ticket| run.last_ticket_id != Some(ticket.id)) {
            broken.push(format!("{id} waits for ticket {:?}, and {} is pending", run.last_ticket_id, ticket.id));
        }
        let leased = run.lease_owner.is_some() && run.lease_until.is_some();
        if leased != (run.status == RunStatus::Running) || run.lease_owner.is_some() != run.lease_until.is_some() {
            broken.push(format!(
                "{id} is {} with lease {:?} {:?}",
                run.status.as_str(),
                run.lease_owner,
                run.lease_until
            ));
        }
        if run.finished_at.is_some() != run.status.is_terminal() {
            broken.push(format!("{id} is {} and finished_at is {:?}", run.status.as_str(), run.finished_at));
        }
        match self.ended.get(id.as_str()) {
            Some(before) if *before != run.status => {
                broken.push(format!("{id} had ended {} and is {}", before.as_str(), run.status.as_str()));
            }
            _ if run.status.is_terminal() => drop(self.ended.insert(id.to_string(), run.status)),
            _ => {}
        }
    }

    fn effect(&mut self, effect: &Effect, run: &Run, broken: &mut Vec<String>) {
        let id = &effect.effect_id;
        match self.committed.get(id.as_str()) {
            Some(before) if before != effect => broken.push(format!("committed effect {id} changed: {effect:?}")),
            None if effect.status == EffectStatus::Committed => {
                self.committed.insert(id.to_string(), effect.clone());
            }
            _ => {}
        }
        // What a run had under way when its last worker was lost stays `executing` until it is read back.
        if effect.status == EffectStatus::Executing
            && matches!(run.status, RunStatus::Completed | RunStatus::WaitingApproval)
        {
            broken.push(format!("{id} is executing and its run {} is {}", run.run_id, run.status.as_str()));
        }
        if effect.status == EffectStatus::Prepared && run.status.is_terminal() {
            broken.push(format!("{id} is prepared and its run {} is {}", run.run_id, run.status.as_str()));
        }
    }
}
