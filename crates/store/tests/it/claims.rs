//! Which runs are claimed, in which order, and by how many.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::checkpoint::{CallState, Source};
use domain::ids::WorkflowId;
use domain::run::RunStatus;
use domain::ticket::Verdict;
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use store::tickets::{Decide, DecideOutcome, decide};
use store::writer::{Head, Writer};
use store::{Target, runs, switches};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::common::{Fixture, OWNER, done, each};

async fn switch(f: &Fixture, name: &str, on: bool) {
    let mut tx = f.db.begin().await.unwrap();
    switches::set(&mut tx, name, on, "test", "admin", f.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_first_claim_writes_the_input_checkpoint_and_takes_the_lease() {
    each(|f| async move {
        let claimed = f.running().await;
        assert!(claimed.first);
        assert_eq!(claimed.checkpoint.metadata.source, Source::Input);
        assert_eq!(claimed.checkpoint.metadata.next, ["input_guardrail"]);
        assert_eq!(claimed.checkpoint.channel_values, claimed.run.input_state);
        assert_eq!((claimed.fence.owner.as_str(), claimed.fence.epoch), (OWNER, 1));
        let run = runs::get(&f.db, &claimed.run.run_id).await.unwrap().unwrap();
        assert_eq!(run, claimed.run);
        assert_eq!((run.status, run.started_at), (RunStatus::Running, Some(f.now())));
        let stored = store::checkpoints::latest(&f.db, &run.run_id).await.unwrap();
        assert_eq!(stored, Some(claimed.checkpoint));
        assert_eq!(run.last_checkpoint_id, stored.map(|checkpoint| checkpoint.checkpoint_id));
        assert!(f.claim(5).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn higher_priority_goes_first_and_waiting_raises_it() {
    each(|f| async move {
        let mut old = f.new_run();
        old.priority = 2;
        let old = f.start(old).await;
        f.later(240);
        let mut new = f.new_run();
        new.priority = 5;
        let new = f.start(new).await;
        // 2 + 4 minutes beats 5.
        assert_eq!(f.claim(1).await[0].run.run_id, old);
        assert_eq!(f.claim(1).await[0].run.run_id, new);

        let mut low = f.new_run();
        low.priority = 2;
        let low = f.start(low).await;
        f.later(120);
        let mut high = f.new_run();
        high.priority = 5;
        let high = f.start(high).await;
        assert_eq!(f.claim(1).await[0].run.run_id, high);
        assert_eq!(f.claim(1).await[0].run.run_id, low);
    })
    .await;
}

#[tokio::test]
async fn of_one_serial_key_one_run_goes_at_a_time() {
    each(|f| async move {
        let keyed = |priority| {
            let mut run = f.new_run();
            (run.priority, run.serial_key) = (priority, Some("order:1".to_owned()));
            run
        };
        let first = f.start(keyed(5)).await;
        let urgent = f.start(keyed(8)).await;
        let free = f.start(f.new_run()).await;
        let claimed = f.claim(10).await;
        let ids: BTreeSet<_> = claimed.iter().map(|one| one.run.run_id.clone()).collect();
        assert_eq!(ids, BTreeSet::from([urgent.clone(), free]));
        assert!(f.claim(10).await.is_empty());
        let holder = claimed.into_iter().find(|one| one.run.run_id == urgent).unwrap();

        // Back in the queue it keeps its key, and may be claimed itself.
        let mut commit = f.commit(&holder);
        commit.head = Head::Requeue { available_at: Some(f.now() + TimeDelta::seconds(30)) };
        done(f.writer.step(commit).await.unwrap());
        assert!(f.claim(10).await.is_empty());
        f.later(31);
        let again = f.claim(10).await;
        assert_eq!(again.iter().map(|one| &one.run.run_id).collect::<Vec<_>>(), [&urgent]);
        assert!(!again[0].first);
        let mut commit = f.commit(&again[0]);
        commit.head = Head::Complete;
        done(f.writer.step(commit).await.unwrap());
        assert_eq!(f.claim(10).await[0].run.run_id, first);
    })
    .await;
}

#[tokio::test]
async fn paused_runs_workflows_maintenance_and_later_moments_hold_back() {
    each(|f| async move {
        let id = f.start(f.new_run()).await;
        for paused in [true, false] {
            let mut tx = f.db.begin().await.unwrap();
            assert_eq!(
                runs::set_paused(&mut tx, &id, paused, "me", "why", f.now()).await.unwrap(),
                store::Outcome::Done
            );
            assert_eq!(
                runs::set_paused(&mut tx, &id, paused, "me", "why", f.now()).await.unwrap(),
                store::Outcome::Lost
            );
            tx.commit().await.unwrap();
            if paused {
                assert!(f.claim(1).await.is_empty());
            }
        }
        for name in [switches::MAINTENANCE.to_owned(), switches::workflow_switch("default")] {
            switch(&f, &name, true).await;
            assert!(f.claim(1).await.is_empty(), "{name}");
            assert!(switches::get(&f.db, &name).await.unwrap().unwrap().on);
            switch(&f, &name, false).await;
        }
        switch(&f, &switches::workflow_switch("other"), true).await;
        let mut other = f.new_run();
        other.workflow_id = WorkflowId::from_stored("other".to_owned());
        f.start(other).await;
        let claimed = f.claim(5).await;
        assert_eq!(claimed.len(), 1);
        let mut commit = f.commit(&claimed[0]);
        commit.head = Head::Requeue { available_at: Some(f.now() + TimeDelta::seconds(10)) };
        done(f.writer.step(commit).await.unwrap());
        assert!(f.claim(1).await.is_empty());
        f.later(10);
        assert_eq!(f.claim(1).await.len(), 1);
        assert_eq!(f.timeline(&id).await, ["run.queued", "run.paused", "run.unpaused", "run.started", "run.resumed"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_claimers_never_get_the_same_run_nor_two_of_one_key() {
    each(|f| async move {
        let (tracker, cancel) = (TaskTracker::new(), CancellationToken::new());
        let other = Writer::start(f.db.clone(), f.ids.clone(), f.clock.clone(), &tracker, cancel.clone());
        for index in 0..60 {
            let mut run = f.new_run();
            run.serial_key = (index % 2 == 0).then(|| format!("order:{}", index / 4));
            f.start(run).await;
        }
        let (mut ids, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for _ in 0..20 {
            let (a, b) = tokio::join!(f.writer.claim(f.wish("a", 3)), other.claim(f.wish("b", 3)));
            for claimed in a.unwrap().into_iter().chain(b.unwrap()) {
                assert!(ids.insert(claimed.run.run_id.clone()), "claimed twice");
                if let Some(key) = claimed.run.serial_key {
                    assert!(keys.insert(key), "two of one key");
                }
            }
        }
        assert_eq!((ids.len(), keys.len()), (45, 15));
        cancel.cancel();
        tracker.close();
        tracker.wait().await;
    })
    .await;
}

#[tokio::test]
async fn the_claim_after_a_decision_reopens_the_call_that_waited() {
    each(|f| async move {
        let (id, ticket_id, _) = f.parked("print:1").await;
        let mut tx = f.db.begin().await.unwrap();
        let outcome = decide(&mut tx, &answer(&f, ticket_id)).await.unwrap();
        assert_eq!(outcome, DecideOutcome::Done { run_id: id.to_string() });
        tx.commit().await.unwrap();
        let claimed = f.claim(1).await.remove(0);
        assert_eq!(claimed.checkpoint.metadata.source, Source::Resume);
        assert_eq!(claimed.checkpoint.metadata.step, 2);
        let call = &claimed.checkpoint.pending[0].calls[0];
        assert_eq!((call.state, call.ticket_id), (CallState::Open, Some(ticket_id)));
        assert_eq!(runs::get(&f.db, &id).await.unwrap(), Some(claimed.run.clone()));
        let events = store::events::list(&f.db, id.as_str(), 0, 100).await.unwrap();
        let resumed = events.last().unwrap();
        assert_eq!((resumed.event_type.as_str(), &resumed.payload["ticket_id"]), ("run.resumed", &json!(ticket_id)));
    })
    .await;
}

fn answer(f: &Fixture, ticket_id: domain::ids::TicketId) -> Decide {
    Decide {
        ticket_id,
        verdict: Verdict::Approve,
        payload: json!({}),
        decided_by: "me".to_owned(),
        expected_checkpoint: None,
        edited: None,
        now: f.now(),
        outbox: vec![],
    }
}

async fn damage(target: &Target, lite: &'static str, pg: &'static str) {
    match target {
        Target::Sqlite { path } => {
            let mut raw = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
            raw.execute("PRAGMA ignore_check_constraints = 1").await.map(drop).unwrap();
            raw.execute(lite).await.map(drop).unwrap();
        }
        Target::Postgres { url, .. } => {
            PgConnection::connect(url).await.unwrap().execute(pg).await.map(drop).unwrap();
        }
    }
}

#[tokio::test]
async fn a_damaged_checkpoint_is_reported_and_its_run_fails_without_holding_up_others() {
    each(|f| async move {
        let claimed = f.running().await;
        let id = claimed.run.run_id.clone();
        let mut commit = f.commit(&claimed);
        commit.head = Head::Requeue { available_at: None };
        done(f.writer.step(commit).await.unwrap());
        damage(
            &f.target,
            "UPDATE graph_checkpoints SET metadata = '{\"step\":'",
            "UPDATE graph_checkpoints SET metadata = '{\"step\": \"one\"}'",
        )
        .await;
        let unread = store::checkpoints::latest(&f.db, &id).await.unwrap_err();
        assert!(matches!(unread, store::StoreError::Corrupt { .. }), "{unread:?}");
        let other = f.start(f.new_run()).await;
        let claimed = f.claim(10).await;
        assert_eq!(claimed.iter().map(|one| &one.run.run_id).collect::<Vec<_>>(), [&other]);
        assert_eq!(runs::get(&f.db, &id).await.unwrap().unwrap().status, RunStatus::Failed);
        assert_eq!(f.timeline(&id).await, ["run.queued", "run.started", "run.failed"]);
    })
    .await;
}
