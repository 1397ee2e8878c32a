//! Fires and dead letters, on both engines.

use chrono::TimeDelta;
use domain::schedule::{AfterFailure, FIRST_RETRY};
use serde_json::json;
use store::scheduler::{self, TickEnd};
use store::{Outcome, dead_letters};

use crate::common::each;

#[tokio::test]
async fn a_fire_is_claimed_once_and_ends_once() {
    each(|f| async move {
        let now = f.now();
        let mut tx = f.db.begin().await.unwrap();
        scheduler::ensure(&mut tx, "order_check", "run_once", now).await.unwrap();
        scheduler::ensure(&mut tx, "order_check", "run_once", now).await.unwrap();
        scheduler::plan(&mut tx, "order_check", now + TimeDelta::minutes(30), now).await.unwrap();
        let tick = scheduler::claim(&mut tx, "order_check", now, "a", now).await.unwrap().unwrap();
        assert_eq!(scheduler::claim(&mut tx, "order_check", now, "b", now).await.unwrap(), None);
        let later =
            scheduler::claim(&mut tx, "order_check", now + TimeDelta::seconds(1), "a", now).await.unwrap().unwrap();
        assert!(scheduler::other_open(&mut tx, "order_check", later).await.unwrap());
        let end =
            scheduler::finish(&mut tx, "order_check", later, TickEnd::Skipped("still_running"), now).await.unwrap();
        assert_eq!(end, Outcome::Done);
        assert_eq!(scheduler::started(&mut tx, "order_check", tick, None, now).await.unwrap(), Outcome::Done);
        tx.commit().await.unwrap();

        let state = scheduler::states(&f.db).await.unwrap().remove(0);
        assert!(state.running);
        assert_eq!(state.next_run_at, Some(now + TimeDelta::minutes(30)));
        assert_eq!(scheduler::abandoned(&f.db, "a", now, 10).await.unwrap(), [(tick, "order_check".to_owned())]);
        assert!(scheduler::abandoned(&f.db, "b", now, 10).await.unwrap().is_empty());

        let mut tx = f.db.begin().await.unwrap();
        let end = scheduler::finish(&mut tx, "order_check", tick, TickEnd::Failed("no"), now).await.unwrap();
        assert_eq!(end, Outcome::Done);
        let again = scheduler::finish(&mut tx, "order_check", tick, TickEnd::Ok, now).await.unwrap();
        assert_eq!(again, Outcome::Lost);
        tx.commit().await.unwrap();
        let state = scheduler::states(&f.db).await.unwrap().remove(0);
        assert_eq!((state.running, state.last_status.as_deref()), (false, Some("failed")));
        let ticks = scheduler::recent(&f.db, now, 10).await.unwrap();
        assert_eq!(ticks.iter().map(|tick| tick.state.as_str()).collect::<Vec<_>>(), ["skipped", "failed"]);
    })
    .await;
}

#[tokio::test]
async fn a_fire_learns_how_its_run_ended() {
    each(|f| async move {
        let run = f.start(f.new_run()).await;
        let now = f.now();
        let mut tx = f.db.begin().await.unwrap();
        scheduler::ensure(&mut tx, "order_check", "run_once", now).await.unwrap();
        let tick = scheduler::claim(&mut tx, "order_check", now, "a", now).await.unwrap().unwrap();
        let started = scheduler::started(&mut tx, "order_check", tick, Some(run.as_str()), now).await.unwrap();
        assert_eq!(started, Outcome::Done);
        let twice = scheduler::started(&mut tx, "order_check", tick, Some(run.as_str()), now).await.unwrap();
        assert_eq!(twice, Outcome::Lost);
        tx.commit().await.unwrap();
        assert!(scheduler::ended(&f.db, 10).await.unwrap().is_empty());
        let mut tx = f.db.begin().await.unwrap();
        let _ = store::runs::cancel(&mut tx, &run, "owner", "", &[], now).await.unwrap();
        tx.commit().await.unwrap();
        let ended = scheduler::ended(&f.db, 10).await.unwrap();
        assert_eq!((ended.len(), ended[0].id, ended[0].status.as_str()), (1, tick, "cancelled"));
    })
    .await;
}

#[tokio::test]
async fn a_dead_letter_has_one_retry_at_a_time() {
    each(|f| async move {
        let now = f.now();
        let run = f.start(f.new_run()).await;
        let mut tx = f.db.begin().await.unwrap();
        let id =
            dead_letters::insert(&mut tx, "order_check", &json!({"a": 1}), "no", now + FIRST_RETRY, now).await.unwrap();
        tx.commit().await.unwrap();
        assert!(dead_letters::due(&f.db, now, 10).await.unwrap().is_empty());
        assert_eq!(dead_letters::due(&f.db, now + FIRST_RETRY, 10).await.unwrap()[0].id, id);
        let mut tx = f.db.begin().await.unwrap();
        assert!(dead_letters::claim(&mut tx, id, run.as_str()).await.unwrap());
        assert!(!dead_letters::claim(&mut tx, id, "run_0000000000000000").await.unwrap());
        let _ = store::runs::cancel(&mut tx, &run, "owner", "", &[], now).await.unwrap();
        tx.commit().await.unwrap();
        let ended = dead_letters::ended(&f.db, 10).await.unwrap();
        assert_eq!((ended[0].id, ended[0].status.as_str()), (id, "cancelled"));
        let mut tx = f.db.begin().await.unwrap();
        let after = AfterFailure { attempts: 2, next_retry_at: None };
        assert!(dead_letters::fail(&mut tx, id, run.as_str(), after, "again").await.unwrap());
        assert!(!dead_letters::resolve(&mut tx, id, run.as_str(), now).await.unwrap(), "another retry's end");
        assert!(dead_letters::claim(&mut tx, id, run.as_str()).await.unwrap());
        assert!(dead_letters::resolve(&mut tx, id, run.as_str(), now).await.unwrap());
        tx.commit().await.unwrap();
        let letter = dead_letters::get(&f.db, id).await.unwrap().unwrap();
        assert_eq!((letter.attempts, letter.error.as_str(), letter.resolved_at), (2, "again", Some(now)));
        assert!(dead_letters::list(&f.db, true, 10).await.unwrap().is_empty());
        assert_eq!(dead_letters::unresolved(&f.db).await.unwrap(), 0);
    })
    .await;
}
