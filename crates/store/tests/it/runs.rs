//! Inserting, listing and cancelling runs.

use chrono::TimeDelta;
use domain::checkpoint::{Source, branched};
use domain::effect::EffectStatus;
use domain::ids::RunId;
use domain::run::RunStatus;
use domain::ticket::TicketStatus;
use store::runs::{self, CancelOutcome, RunFilter};
use store::{StoreError, effects, tickets};

use crate::common::each;

#[tokio::test]
async fn a_run_is_read_back_as_it_was_inserted() {
    each(|f| async move {
        let mut new = f.new_run();
        new.serial_key = Some("order:1".to_owned());
        new.parent = Some((RunId::from_hex("00000000000000ff"), None));
        let mut tx = f.db.begin().await.unwrap();
        runs::insert(&mut tx, &new, &[f.message("run.queued")]).await.unwrap();
        tx.commit().await.unwrap();
        let run = runs::get(&f.db, &new.run_id).await.unwrap().unwrap();
        assert_eq!(run.input_state, new.input_state);
        assert_eq!(
            (run.metadata, run.serial_key, run.created_at),
            (new.metadata.clone(), new.serial_key.clone(), new.created_at)
        );
        assert_eq!(
            (run.status, run.event_seq, run.parent_run_id),
            (RunStatus::Queued, 1, new.parent.clone().map(|(id, _)| id))
        );
        assert_eq!(f.timeline(&new.run_id).await, ["run.queued"]);
        let mut tx = f.db.begin().await.unwrap();
        let twice = runs::insert(&mut tx, &new, &[]).await;
        assert!(
            matches!(&twice, Err(error @ StoreError::Conflict { .. }) if error.is_conflict_on("tower_runs")),
            "{twice:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_run_that_begins_at_a_checkpoint_is_claimed_there() {
    each(|f| async move {
        let old = f.running().await;
        let from = f.next_checkpoint(&old.checkpoint, Source::Loop);
        let mut new = f.new_run();
        new.parent = Some((old.run.run_id.clone(), Some(from.checkpoint_id.clone())));
        let id = f.ids.checkpoint();
        let first = branched(&from, new.run_id.clone(), id, serde_json::Map::new(), f.now()).unwrap();
        let mut tx = f.db.begin().await.unwrap();
        runs::insert_at(&mut tx, &new, &first, &[f.message("run.queued")]).await.unwrap();
        tx.commit().await.unwrap();
        let run = runs::get(&f.db, &new.run_id).await.unwrap().unwrap();
        assert_eq!(run.parent_checkpoint_id, first.parent_id);
        assert_eq!(run.last_checkpoint_id.as_ref(), Some(&first.checkpoint_id));
        let claimed = f.claim(5).await.remove(0);
        assert!(claimed.first);
        assert_eq!((claimed.run.run_id, claimed.checkpoint), (new.run_id.clone(), first.clone()));
        assert_eq!(store::checkpoints::list(&f.db, &new.run_id).await.unwrap(), [first]);
        assert_eq!(f.timeline(&new.run_id).await, ["run.queued", "run.started"]);
    })
    .await;
}

#[tokio::test]
async fn runs_are_listed_by_change_paged_by_key_and_filtered() {
    each(|f| async move {
        let mut ids = Vec::new();
        for index in 0..7 {
            let mut run = f.new_run();
            run.run_name = Some(format!("Order #{index} 100% paid_"));
            run.serial_key = (index == 3).then(|| "order:3".to_owned());
            ids.insert(0, f.start(run).await);
            // Two share each moment, so that the id decides between them.
            f.later(u64::from(index % 2 == 1));
        }
        let filter = |limit| RunFilter { limit, ..RunFilter::default() };
        let all = runs::list(&f.db, &filter(50)).await.unwrap();
        assert_eq!(all.iter().map(|run| &run.run_id).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
        let mut paged = Vec::new();
        let mut cursor = None;
        loop {
            let page = runs::list(&f.db, &RunFilter { cursor: cursor.clone(), ..filter(2) }).await.unwrap();
            let Some(last) = page.last() else { break };
            cursor = Some((last.updated_at, last.run_id.clone()));
            paged.extend(page.into_iter().map(|run| run.run_id));
        }
        assert_eq!(paged, ids);
        let count = async |filter: RunFilter| runs::list(&f.db, &filter).await.unwrap().len();
        assert_eq!(count(RunFilter { serial_key: Some("order:3".into()), ..filter(9) }).await, 1);
        assert_eq!(count(RunFilter { q: Some("ORDER #2".into()), ..filter(9) }).await, 1);
        assert_eq!(count(RunFilter { q: Some("100% paid_".into()), ..filter(9) }).await, 7);
        assert_eq!(count(RunFilter { q: Some("1__".into()), ..filter(9) }).await, 0);
        assert_eq!(count(RunFilter { q: Some(ids[0].to_string()), ..filter(9) }).await, 1);
        assert_eq!(count(RunFilter { status: Some(RunStatus::Running), ..filter(9) }).await, 0);
        assert_eq!(count(RunFilter { workflow_id: Some("other".into()), ..filter(9) }).await, 0);
        assert_eq!(count(RunFilter { offset: 5, ..filter(9) }).await, 2);
        assert_eq!(count(RunFilter { since: Some(f.now()), ..filter(9) }).await, 1);
        assert_eq!(count(RunFilter { until: Some(f.now()), ..filter(9) }).await, 6);
        assert_eq!(runs::count_by_status(&f.db).await.unwrap().get("queued"), Some(&7));
        assert_eq!(runs::summary_open(&f.db).await.unwrap().get("queued"), Some(&7));
        let stats = runs::queue_stats(&f.db, f.now() + TimeDelta::seconds(10)).await.unwrap();
        assert_eq!((stats.depth, stats.oldest_seconds), (7, Some(13)));
    })
    .await;
}

#[tokio::test]
async fn cancelling_ends_ticket_and_effect_and_asks_a_worker_to_stop() {
    each(|f| async move {
        let (id, ticket_id, effect_id) = f.parked("print:1").await;
        let mut tx = f.db.begin().await.unwrap();
        let outcome =
            runs::cancel(&mut tx, &id, "me", "changed my mind", &[f.message("run.cancelled")], f.now()).await.unwrap();
        assert_eq!(outcome, CancelOutcome::Cancelled);
        tx.commit().await.unwrap();
        let ticket = tickets::get(&f.db, ticket_id).await.unwrap().unwrap();
        assert_eq!((ticket.status, ticket.decided_by.as_deref()), (TicketStatus::Rejected, Some("system")));
        assert_eq!(effects::get(&f.db, &effect_id).await.unwrap().unwrap().status, EffectStatus::Aborted);
        let timeline = f.timeline(&id).await;
        assert_eq!(timeline[timeline.len() - 2..], ["ticket.decided", "run.cancelled"]);

        let claimed = f.running().await;
        for (id, expected) in [
            (&id, CancelOutcome::Terminal(RunStatus::Cancelled)),
            (&claimed.run.run_id, CancelOutcome::Requested),
            (&RunId::from_hex("ffffffffffffffff"), CancelOutcome::Gone),
        ] {
            let mut tx = f.db.begin().await.unwrap();
            assert_eq!(runs::cancel(&mut tx, id, "me", "why", &[], f.now()).await.unwrap(), expected);
            tx.commit().await.unwrap();
        }
        assert!(runs::get(&f.db, &claimed.run.run_id).await.unwrap().unwrap().cancel_requested);
    })
    .await;
}
