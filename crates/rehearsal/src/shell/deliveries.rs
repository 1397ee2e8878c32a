//! The loop that lets time pass and webhooks leave.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use super::Shared;
use crate::deliver::delivery;
use crate::fault::FaultKind;
use crate::world::Outgoing;

/// Deliveries under way at one time.
const AT_ONCE: usize = 16;
/// The longest nap: a hint may be lost, never more than this.
const LONGEST_NAP: Duration = Duration::from_secs(1);

pub(super) async fn run(shared: Arc<Shared>) {
    let mut under_way: JoinSet<(String, bool)> = JoinSet::new();
    let mut ids: BTreeSet<String> = BTreeSet::new();
    loop {
        let looked =
            shared.act(|state, now| (state.ready(now), state.next_moment(), now, state.meta().time.speed)).await;
        let (ready, next, now, speed) = match looked {
            Ok(looked) => looked,
            Err(error) => {
                tracing::error!(%error, "rehearsal world cannot write its file");
                tokio::select! { () = shared.config.clock.sleep(LONGEST_NAP) => continue, () = shared.stop.cancelled() => return }
            }
        };
        let target = shared.target.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(base) = &target {
            for (id, outgoing) in ready {
                if ids.len() >= AT_ONCE {
                    break;
                }
                if ids.insert(id.clone()) {
                    under_way.spawn(attempt(Arc::clone(&shared), id, outgoing, base.clone()));
                }
            }
        }
        let nap = next
            .and_then(|next| (next - now).to_std().ok())
            .filter(|nap| !nap.is_zero())
            .map_or(LONGEST_NAP, |nap| nap.div_f64(speed.max(f64::MIN_POSITIVE)).min(LONGEST_NAP));
        tokio::select! {
            () = shared.stop.cancelled() => {
                under_way.shutdown().await;
                return;
            }
            () = shared.config.clock.sleep(nap) => {}
            () = shared.wake.notified() => {}
            Some(done) = under_way.join_next() => {
                if let Ok((id, acknowledged)) = done {
                    let noted = shared.act(|state, now| state.attempted(&id, acknowledged, now)).await;
                    if let Err(error) = noted {
                        tracing::error!(%error, "rehearsal world cannot write its file");
                    }
                    ids.remove(&id);
                }
            }
        }
    }
}

async fn attempt(shared: Arc<Shared>, id: String, outgoing: Outgoing, base: String) -> (String, bool) {
    let fault = shared.with_faults(|book| book.take_for_webhook(outgoing.provider.name()));
    if let Some(fault) = fault.filter(|fault| fault.kind == FaultKind::Delay) {
        shared.config.clock.sleep(Duration::from_secs(fault.seconds.into())).await;
    }
    let shop = &shared.config.shop_domain;
    let delivery = delivery(&outgoing, &base, &shared.config.secrets, shop, shared.real_now());
    if fault.is_some_and(|fault| fault.kind == FaultKind::Duplicate) {
        // What the first of the two was answered does not matter.
        let _ = shared.config.deliver.post(delivery.clone()).await;
    }
    let answer = shared.config.deliver.post(delivery).await;
    let heard = fault.is_none_or(|fault| fault.kind != FaultKind::DropReply);
    match answer {
        Ok(status) if (200..300).contains(&status) => (id, heard),
        Ok(status) => {
            tracing::debug!(webhook.topic = %outgoing.topic, status, "webhook refused, it comes again");
            (id, false)
        }
        Err(error) => {
            tracing::debug!(webhook.topic = %outgoing.topic, %error, "webhook not delivered, it comes again");
            (id, false)
        }
    }
}
