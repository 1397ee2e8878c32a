//! Parking, and the four ways a ticket ends.

use chrono::TimeDelta;
use domain::checkpoint::CallState;
use domain::effect::EffectStatus;
use domain::ids::TicketId;
use domain::lease::Fence;
use domain::run::RunStatus;
use domain::ticket::{TicketStatus, Verdict};
use domain::tool::Risk;
use serde_json::json;
use store::parks::{ParkOutcome, park};
use store::tickets::{self, Decide, DecideOutcome, EditedCall, decide};
use store::{checkpoints, effects, runs};

use crate::common::{Fixture, each};

fn answer(f: &Fixture, ticket_id: TicketId, verdict: Verdict) -> Decide {
    Decide {
        ticket_id,
        verdict,
        payload: json!({"note": "ok"}),
        decided_by: "me@example.com".to_owned(),
        expected_checkpoint: None,
        edited: None,
        now: f.now(),
        outbox: vec![f.message("ticket.decided")],
    }
}

async fn decided(f: &Fixture, d: &Decide) -> DecideOutcome {
    let mut tx = f.db.begin().await.unwrap();
    let outcome = decide(&mut tx, d).await.unwrap();
    if matches!(outcome, DecideOutcome::Done { .. }) {
        tx.commit().await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
    outcome
}

#[tokio::test]
async fn a_park_is_one_commit_of_ticket_effect_checkpoint_and_run() {
    each(|f| async move {
        let (id, ticket_id, effect_id) = f.parked("print:1").await;
        let run = runs::get(&f.db, &id).await.unwrap().unwrap();
        assert_eq!(
            (run.status, run.lease_owner, run.last_ticket_id),
            (RunStatus::WaitingApproval, None, Some(ticket_id))
        );
        let checkpoint = checkpoints::latest(&f.db, &id).await.unwrap().unwrap();
        assert_eq!(run.last_checkpoint_id, Some(checkpoint.checkpoint_id.clone()));
        let call = &checkpoint.pending[0].calls[0];
        assert_eq!((call.state, call.ticket_id), (CallState::Waiting, Some(ticket_id)));
        let ticket = tickets::get(&f.db, ticket_id).await.unwrap().unwrap();
        assert_eq!(
            (ticket.status, ticket.checkpoint_id.as_ref()),
            (TicketStatus::Pending, Some(&checkpoint.checkpoint_id))
        );
        let effect = effects::get(&f.db, &effect_id).await.unwrap().unwrap();
        assert_eq!((effect.status, effect.ticket_id), (EffectStatus::Prepared, Some(ticket_id)));
        assert_eq!(ticket.payload_hash.as_deref(), Some(effect.payload_hash.as_str()));
        let timeline = f.timeline(&id).await;
        assert_eq!(timeline, ["run.queued", "run.started", "node.started", "ticket.created", "run.waiting_approval"]);
        assert_eq!(tickets::list(&f.db, Some(TicketStatus::Pending), Some(Risk::Medium), 5).await.unwrap(), [ticket]);
        assert_eq!(tickets::list(&f.db, None, Some(Risk::High), 5).await.unwrap(), []);
        assert_eq!(tickets::count_pending(&f.db).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_park_without_lease_or_with_a_taken_business_key_writes_nothing() {
    each(|f| async move {
        f.parked("print:1").await;
        let claimed = f.running().await;
        let mut stale = f.park_of(&claimed, f.effect(&claimed, "print:2"));
        stale.fence = Fence { owner: "x".to_owned(), epoch: 9 };
        let taken = f.park_of(&claimed, f.effect(&claimed, "print:1"));
        for (one, expected) in [(stale, ParkOutcome::LeaseLost), (taken, ParkOutcome::BusinessKeyTaken)] {
            let mut tx = f.db.begin().await.unwrap();
            assert_eq!(park(&mut tx, one, |_| vec![]).await.unwrap(), expected);
        }
        assert_eq!(runs::get(&f.db, &claimed.run.run_id).await.unwrap(), Some(claimed.run));
        assert_eq!(tickets::count_pending(&f.db).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_approval_queues_the_run_and_binds_the_edited_call() {
    each(|f| async move {
        let (id, ticket_id, effect_id) = f.parked("print:1").await;
        let prepared = json!({"tool": "t", "params": {"edited": true}, "call": {}});
        let hash = domain::effect::payload_hash(&prepared);
        let mut d = answer(&f, ticket_id, Verdict::Approve);
        d.edited = Some(EditedCall {
            business_key: None,
            margin_minor: None,
            prepared_payload: prepared.clone(),
            payload_hash: hash.clone(),
            params_hash: "ab".to_owned(),
        });
        assert_eq!(decided(&f, &d).await, DecideOutcome::Done { run_id: id.to_string() });
        let run = runs::get(&f.db, &id).await.unwrap().unwrap();
        assert_eq!((run.status, run.available_at), (RunStatus::Queued, None));
        let ticket = tickets::get(&f.db, ticket_id).await.unwrap().unwrap();
        assert_eq!((ticket.status, ticket.payload_hash.as_ref()), (TicketStatus::Approved, Some(&hash)));
        let effect = effects::get(&f.db, &effect_id).await.unwrap().unwrap();
        assert_eq!((effect.prepared_payload, effect.payload_hash), (prepared, hash));
        let timeline = f.timeline(&id).await;
        assert_eq!(timeline[timeline.len() - 2..], ["ticket.decided", "run.resume_queued"]);
        let again = decided(&f, &answer(&f, ticket_id, Verdict::Reject)).await;
        assert_eq!(again, DecideOutcome::TicketNotPending(TicketStatus::Approved));
    })
    .await;
}

#[tokio::test]
async fn a_rejection_aborts_the_effect_and_is_remembered_as_a_persons_no() {
    each(|f| async move {
        let (id, ticket_id, effect_id) = f.parked("print:1").await;
        let before = f.now();
        assert_eq!(
            decided(&f, &answer(&f, ticket_id, Verdict::Reject)).await,
            DecideOutcome::Done { run_id: id.to_string() }
        );
        assert_eq!(effects::get(&f.db, &effect_id).await.unwrap().unwrap().status, EffectStatus::Aborted);
        assert_eq!(effects::holder_of(&f.db, "print:1").await.unwrap(), None);
        let (effect, ticket) = effects::rejected_since(&f.db, "print:1", before).await.unwrap().unwrap();
        assert_eq!((effect.effect_id, ticket.id), (effect_id, ticket_id));
        let later = before + TimeDelta::seconds(1);
        assert_eq!(effects::rejected_since(&f.db, "print:1", later).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_stale_late_or_to_nobody_changes_nothing() {
    each(|f| async move {
        let (id, ticket_id, _) = f.parked("print:1").await;
        let mut stale = answer(&f, ticket_id, Verdict::Approve);
        stale.expected_checkpoint = Some("cp_000000000000".to_owned());
        assert!(matches!(decided(&f, &stale).await, DecideOutcome::Stale { .. }));
        let mut late = answer(&f, ticket_id, Verdict::Approve);
        late.now = f.now() + TimeDelta::hours(24);
        assert_eq!(decided(&f, &late).await, DecideOutcome::Expired);
        assert_eq!(decided(&f, &answer(&f, TicketId(9_999), Verdict::Approve)).await, DecideOutcome::Gone);
        assert_eq!(runs::get(&f.db, &id).await.unwrap().unwrap().status, RunStatus::WaitingApproval);
        assert_eq!(tickets::count_pending(&f.db).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_decide_at_once_one_wins() {
    each(|f| async move {
        for _ in 0..5 {
            let (id, ticket_id, _) = f.parked(&f.ids.hex(4)).await;
            let (yes, no) = (answer(&f, ticket_id, Verdict::Approve), answer(&f, ticket_id, Verdict::Reject));
            let outcomes = tokio::join!(decided(&f, &yes), decided(&f, &no));
            let won = [&outcomes.0, &outcomes.1]
                .iter()
                .filter(|outcome| matches!(outcome, DecideOutcome::Done { .. }))
                .count();
            assert_eq!(won, 1, "{outcomes:?}");
            let decisions = f.timeline(&id).await.into_iter().filter(|name| name == "ticket.decided").count();
            assert_eq!(decisions, 1);
            // Out of the way of the next round.
            assert_eq!(f.claim(1).await.len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn news_that_makes_a_ticket_void_withdraws_it_and_is_no_persons_no() {
    each(|f| async move {
        let (id, ticket_id, effect_id) = f.parked("print:1").await;
        let (other, ..) = f.parked("print:2").await;
        let keys = ["print:1".to_owned(), "draft:1".to_owned()];
        for expected in [1, 0] {
            let mut tx = f.db.begin().await.unwrap();
            let withdrawn =
                tickets::withdraw(&mut tx, &keys, "order_cancelled", f.now(), &|_| vec![f.message("ticket.decided")])
                    .await
                    .unwrap();
            tx.commit().await.unwrap();
            assert_eq!(withdrawn.len(), expected);
        }
        let ticket = tickets::get(&f.db, ticket_id).await.unwrap().unwrap();
        assert_eq!((ticket.status, ticket.decided_by.as_deref()), (TicketStatus::Rejected, Some("system")));
        assert_eq!(ticket.decision_payload, Some(json!({"reason": "order_cancelled", "withdrawn": true})));
        assert_eq!(effects::get(&f.db, &effect_id).await.unwrap().unwrap().status, EffectStatus::Aborted);
        assert_eq!(runs::get(&f.db, &id).await.unwrap().unwrap().status, RunStatus::Queued);
        assert_eq!(runs::get(&f.db, &other).await.unwrap().unwrap().status, RunStatus::WaitingApproval);
        let long_ago = f.now() - TimeDelta::days(1);
        assert_eq!(effects::rejected_since(&f.db, "print:1", long_ago).await.unwrap(), None);
        let too_late = decided(&f, &answer(&f, ticket_id, Verdict::Approve)).await;
        assert_eq!(too_late, DecideOutcome::TicketNotPending(TicketStatus::Rejected));
    })
    .await;
}

#[tokio::test]
async fn a_ticket_that_nobody_decides_expires_and_fails_its_run() {
    each(|f| async move {
        let (id, ticket_id, effect_id) = f.parked("print:1").await;
        for (wait, expected) in [(0, 0), (24 * 3600, 1), (0, 0)] {
            f.later(wait);
            let mut tx = f.db.begin().await.unwrap();
            let expired = tickets::expire(&mut tx, f.now(), 10, &|_| vec![f.message("ticket.expired")]).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(expired.len(), expected);
        }
        assert_eq!(tickets::get(&f.db, ticket_id).await.unwrap().unwrap().status, TicketStatus::Expired);
        assert_eq!(effects::get(&f.db, &effect_id).await.unwrap().unwrap().status, EffectStatus::Aborted);
        let run = runs::get(&f.db, &id).await.unwrap().unwrap();
        assert_eq!((run.status, run.finished_at), (RunStatus::Failed, Some(f.now())));
        let timeline = f.timeline(&id).await;
        assert_eq!(timeline[timeline.len() - 2..], ["ticket.expired", "run.failed"]);
    })
    .await;
}
