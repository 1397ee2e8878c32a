//! Orders that no event told of: merged into their rows, and a run for each that waits to be printed.

use chrono::TimeDelta;
use domain::order::{Order, OrderFacts, POLL_SOURCE, polled_input, wants_print, wants_run};
use domain::run::NewRun;
use domain::state::RunState;
use domain::time::Timestamp;
use serde::Serialize;

use crate::error::Result;
use crate::intake::merge_order;
use crate::messages::Messages;
use crate::runs::pinned;
use crate::services::Services;

/// Most runs that one look starts; the next look goes on.
const MAX_RUNS: usize = 20;
/// Priority of these runs: below the events of the shop.
const PRIORITY: i64 = 4;

/// Orders of one look, newest change first.
const RECENT: i64 = 500;
/// Runs of one order that a look reads; an order has a handful.
const RUNS_OF_ORDER: i64 = 50;
/// How long an order whose run failed is looked at again by itself.
const LOOK_BACK: TimeDelta = TimeDelta::days(3);

/// What a look came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Polled {
    /// Orders that the shop told of.
    pub orders: usize,
    /// Of these, orders that should be printed.
    pub waiting: usize,
    /// Runs started for them.
    pub started: usize,
    /// Orders left to the next look.
    pub left: usize,
}

/// Merges what the shop told and starts a run for each order that waits to be printed: paid, with no print prepared, on
/// its way, done or refused by a person, and without a run that is at work on it or has settled the matter. Orders whose
/// runs failed lately are looked at again, whether the shop told of them or not.
///
/// # Errors
/// When the store failed; what was merged or started so far stays, and the next look goes on.
pub async fn take_up(services: &Services, told: &[OrderFacts]) -> Result<Polled> {
    let mut polled = Polled { orders: told.len(), ..Polled::default() };
    for facts in told {
        let mut tx = services.db.begin().await?;
        let merged = merge_order(services, &mut tx, facts).await?;
        tx.commit().await?;
        services.tell_withdrawn(&merged.withdrawn);
    }
    let filter = store::orders::OrderFilter { limit: RECENT, ..store::orders::OrderFilter::default() };
    let recent = store::orders::list(&services.db, &filter).await?;
    let since = services.clock.now() - LOOK_BACK;
    let is_told = |order: &Order| told.iter().any(|facts| facts.order_key == order.order_key);
    for order in recent.iter().filter(|order| order.updated_at >= since || is_told(order)) {
        if !wants_print(order) || is_seen_to(services, order).await? {
            continue;
        }
        polled.waiting += 1;
        if polled.started == MAX_RUNS {
            polled.left += 1;
            continue;
        }
        start(services, order).await?;
        polled.started += 1;
    }
    Ok(polled)
}

async fn start(services: &Services, order: &Order) -> Result<()> {
    let (workflow_id, workflow_version) = pinned(services, None).await?;
    let (input, metadata) = polled_input(order);
    let shop_id = order.order_key.shop_id();
    let name = order.order_name.clone().unwrap_or_else(|| shop_id.to_owned());
    let run = NewRun {
        run_id: services.ids.run(),
        workflow_id,
        workflow_version,
        priority: PRIORITY,
        run_name: Some(format!("Order {name} found by the order check")),
        input_state: RunState::new(input),
        metadata,
        created_by: "scheduler".to_owned(),
        serial_key: Some(serial_key(shop_id)),
        idempotency_key: None,
        parent: None,
        created_at: services.clock.now(),
    };
    let message = Messages(&services.ids).queued(&run);
    let mut tx = services.db.begin().await?;
    store::runs::insert(&mut tx, &run, &[message]).await?;
    tx.commit().await?;
    services.tell_run(run.run_id.as_str(), "queued");
    services.db.wake();
    tracing::info!(run.id = %run.run_id, order = name, source = POLL_SOURCE, "an order without a run is taken up");
    Ok(())
}

/// Whether somebody sees to the print of an order already, or a person said no to it.
async fn is_seen_to(services: &Services, order: &Order) -> Result<bool> {
    let shop_id = order.order_key.shop_id();
    let key = format!("print:{shop_id}");
    if store::effects::holder_of(&services.db, &key).await?.is_some()
        || store::effects::rejected_since(&services.db, &key, Timestamp::UNIX_EPOCH).await?.is_some()
    {
        return Ok(true);
    }
    let filter = store::runs::RunFilter {
        serial_key: Some(serial_key(shop_id)),
        limit: RUNS_OF_ORDER,
        ..store::runs::RunFilter::default()
    };
    let runs = store::runs::list(&services.db, &filter).await?;
    if runs.iter().any(|run| !run.status.is_terminal()) {
        return Ok(true);
    }
    let newest = runs.iter().max_by_key(|run| run.created_at).map(|run| (run.status, run.created_at));
    Ok(!wants_run(order, newest))
}

fn serial_key(shop_id: &str) -> String {
    format!("order:{shop_id}")
}
