//! Heartbeats, shutdown, and leases that ran out.

use chrono::TimeDelta;
use domain::lease::Fence;
use domain::run::RunStatus;
use store::{Outcome, runs};

use crate::common::{Fixture, OWNER, done, each};

async fn recover(f: &Fixture, own: Option<&str>) -> Vec<runs::Recovered> {
    let mut tx = f.db.begin().await.unwrap();
    let recovered = runs::recover_expired(&mut tx, f.now(), own, 100, &|_, failed| {
        Some(f.message(if failed { "run.failed" } else { "run.queued" }))
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    recovered
}

#[tokio::test]
async fn a_heartbeat_keeps_what_is_held_and_tells_what_is_lost() {
    each(|f| async move {
        let (a, b) = (f.running().await, f.running().await);
        let mut tx = f.db.begin().await.unwrap();
        let asked = runs::cancel(&mut tx, &a.run.run_id, "me", "why", &[], f.now()).await.unwrap();
        assert_eq!(asked, runs::CancelOutcome::Requested);
        tx.commit().await.unwrap();
        let held = [(a.run.run_id.clone(), a.fence.epoch), (b.run.run_id.clone(), b.fence.epoch + 1)];
        let until = f.now() + TimeDelta::seconds(500);
        let kept = runs::heartbeat(&f.db, OWNER, &held, until).await.unwrap();
        assert_eq!(kept, [runs::Heartbeat { run_id: a.run.run_id.clone(), cancel_requested: true, paused: false }]);
        assert_eq!(runs::get(&f.db, &a.run.run_id).await.unwrap().unwrap().lease_until, Some(until));
        assert!(runs::heartbeat(&f.db, OWNER, &[], until).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_run_is_given_back_at_shutdown_only_by_its_holder() {
    each(|f| async move {
        let claimed = f.running().await;
        let id = &claimed.run.run_id;
        let stranger = Fence { owner: "x".to_owned(), epoch: 1 };
        for (fence, expected) in
            [(&stranger, Outcome::Lost), (&claimed.fence, Outcome::Done), (&claimed.fence, Outcome::Lost)]
        {
            let mut tx = f.db.begin().await.unwrap();
            assert_eq!(runs::release(&mut tx, id, fence, f.now()).await.unwrap(), expected);
            tx.commit().await.unwrap();
        }
        let run = runs::get(&f.db, id).await.unwrap().unwrap();
        assert_eq!((run.status, run.attempt, run.lease_owner), (RunStatus::Queued, 0, None));
        assert_eq!(f.timeline(id).await, ["run.queued", "run.started", "run.yielded"]);
    })
    .await;
}

#[tokio::test]
async fn the_third_lost_lease_without_progress_fails_a_run_and_progress_starts_the_count_again() {
    each(|f| async move {
        let claimed = f.running().await;
        let id = claimed.run.run_id.clone();
        assert!(recover(&f, None).await.is_empty());
        f.later(61);
        assert_eq!(recover(&f, None).await, [runs::Recovered { run_id: id.clone(), failed: false }]);
        assert!(recover(&f, None).await.is_empty());

        let again = f.claim(1).await.remove(0);
        assert_eq!(again.run.attempt, 1);
        let mut commit = f.commit(&again);
        commit.checkpoint = Some(f.next_checkpoint(&again.checkpoint, domain::checkpoint::Source::Loop));
        done(f.writer.step(commit).await.unwrap());
        for failed in [false, false, true] {
            f.later(61);
            assert_eq!(recover(&f, None).await, [runs::Recovered { run_id: id.clone(), failed }]);
            if !failed {
                assert_eq!(f.claim(1).await.len(), 1);
            }
        }
        let run = runs::get(&f.db, &id).await.unwrap().unwrap();
        assert_eq!((run.status, run.last_error.as_deref()), (RunStatus::Failed, Some("worker lost")));
        assert_eq!(f.timeline(&id).await.last().map(String::as_str), Some("run.failed"));
    })
    .await;
}

#[tokio::test]
async fn a_restarted_process_takes_its_own_leases_back_at_once() {
    each(|f| async move {
        let claimed = f.running().await;
        assert!(recover(&f, Some("somebody")).await.is_empty());
        assert_eq!(recover(&f, Some(OWNER)).await.len(), 1);
        // The old holder wakes up late and can write nothing.
        let late = f.writer.step(f.commit(&claimed)).await.unwrap();
        assert_eq!(late, store::writer::StepOutcome::LeaseLost);
    })
    .await;
}
