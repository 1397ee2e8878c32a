//! The guarded statement before a call leaves, and what becomes of effects.

use domain::effect::EffectStatus;
use domain::ids::OrderKey;
use domain::lease::Fence;
use domain::order::{OrderFacts, Origin, Payment};
use domain::ticket::Verdict;
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use store::effects::{self, BeginEffect, Blocked, EffectChange, begin};
use store::tickets::{Decide, decide};
use store::{Target, gate, orders};

use crate::common::{Fixture, done, each};

async fn raw(f: &Fixture, sql: &'static str) {
    match &f.target {
        Target::Sqlite { path } => {
            let mut raw = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
            raw.execute(sql).await.map(drop).unwrap();
        }
        Target::Postgres { url, .. } => PgConnection::connect(url).await.unwrap().execute(sql).await.map(drop).unwrap(),
    }
}

/// A claimed run whose print was approved, and what begins it.
async fn approved(f: &Fixture) -> (store::writer::Claimed, BeginEffect) {
    let (_, ticket_id, effect_id) = f.parked("print:5830").await;
    let mut tx = f.db.begin().await.unwrap();
    let d = Decide {
        ticket_id,
        verdict: Verdict::Approve,
        payload: json!({}),
        decided_by: "me".to_owned(),
        expected_checkpoint: None,
        edited: None,
        now: f.now(),
        outbox: vec![],
    };
    let _ = decide(&mut tx, &d).await.unwrap();
    let key = OrderKey::shopify("5830").unwrap();
    let mut facts = OrderFacts::new(Origin::Shopify, key.clone());
    (facts.payment, facts.total_minor) = (Some(Payment::Paid), Some(3_900));
    let order = orders::merge_in(&mut tx, &facts, f.now()).await.unwrap().order;
    tx.commit().await.unwrap();
    let claimed = f.claim(1).await.remove(0);
    let effect = effects::get(&f.db, &effect_id).await.unwrap().unwrap();
    let b = BeginEffect {
        effect_id,
        run_id: claimed.run.run_id.clone(),
        fence: claimed.fence.clone(),
        payload_hash: effect.payload_hash,
        policy_version: effect.policy_version,
        goal_level: Some(3),
        order: Some((key, order.version)),
        ticket_id: Some(ticket_id),
        now: f.now(),
    };
    (claimed, b)
}

#[tokio::test]
async fn an_approved_effect_leaves_once() {
    each(|f| async move {
        let (_, b) = approved(&f).await;
        assert_eq!(begin(&f.db, &b).await.unwrap(), Ok(()));
        let effect = effects::get(&f.db, &b.effect_id).await.unwrap().unwrap();
        assert_eq!(
            (effect.status, effect.attempted_at, effect.lease_epoch),
            (EffectStatus::Executing, Some(f.now()), Some(2))
        );
        assert_eq!(begin(&f.db, &b).await.unwrap(), Err(Blocked::Lease));
        assert_eq!(effects::holder_of(&f.db, "print:5830").await.unwrap().unwrap().effect_id, b.effect_id);
        f.later(1);
        assert_eq!(effects::unclear(&f.db, f.now(), 5).await.unwrap().len(), 1);
        assert_eq!(effects::executing_of(&f.db, &b.run_id, 3).await.unwrap().len(), 1);
        assert_eq!(effects::executing_of(&f.db, &b.run_id, 2).await.unwrap().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn each_condition_that_fails_is_named_and_changes_nothing() {
    each(|f| async move {
        let (claimed, b) = approved(&f).await;
        let with = |change: &dyn Fn(&mut BeginEffect)| {
            let mut changed = b.clone();
            change(&mut changed);
            changed
        };
        let stranger = Fence { owner: "x".to_owned(), epoch: claimed.fence.epoch };
        let cases = [
            (with(&|b| b.fence = stranger.clone()), Blocked::Lease),
            (with(&|b| b.fence.epoch -= 1), Blocked::Lease),
            (with(&|b| b.effect_id = domain::ids::EffectId::from_hex(&"0".repeat(32))), Blocked::Lease),
            (with(&|b| b.payload_hash = "other".to_owned()), Blocked::Hash),
            (with(&|b| b.policy_version = "policy-2".to_owned()), Blocked::Policy),
            (with(&|b| b.order.as_mut().unwrap().1 += 1), Blocked::Order),
            (with(&|b| b.order = Some((OrderKey::shopify("1").unwrap(), 0))), Blocked::Order),
        ];
        for (changed, expected) in cases {
            assert_eq!(begin(&f.db, &changed).await.unwrap(), Err(expected));
        }
        for sql in [
            "UPDATE orders SET cancelled = TRUE",
            "UPDATE orders SET cancelled = FALSE, is_test = TRUE",
            "UPDATE orders SET is_test = FALSE, payment = 5",
            "UPDATE orders SET payment = 1",
        ] {
            raw(&f, sql).await;
            assert_eq!(begin(&f.db, &b).await.unwrap(), Err(Blocked::Order), "{sql}");
        }
        raw(&f, "UPDATE orders SET payment = 3").await;
        raw(&f, "UPDATE tower_tickets SET status = 'rejected'").await;
        assert_eq!(begin(&f.db, &b).await.unwrap(), Err(Blocked::Hash));
        raw(&f, "UPDATE tower_tickets SET status = 'approved'").await;
        raw(&f, "UPDATE tower_runs SET cancel_requested = TRUE").await;
        assert_eq!(begin(&f.db, &b).await.unwrap(), Err(Blocked::Lease));
        raw(&f, "UPDATE tower_runs SET cancel_requested = FALSE").await;
        assert_eq!(effects::get(&f.db, &b.effect_id).await.unwrap().unwrap().status, EffectStatus::Prepared);
        assert_eq!(begin(&f.db, &b).await.unwrap(), Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_level_that_closes_after_the_approval_stops_the_effect_unless_a_person_let_it_through() {
    each(|f| async move {
        let (_, mut b) = approved(&f).await;
        let history = match &f.target {
            Target::Sqlite { .. } => {
                "INSERT INTO hierarchy_gate_history (ts, level, is_open, failing_predicates, source) VALUES ('2026-01-01T00:00:00.000000Z', 3, 0, '[7]', 'observer')"
            }
            Target::Postgres { .. } => {
                "INSERT INTO hierarchy_gate_history (ts, level, is_open, failing_predicates, source) VALUES (now(), 3, FALSE, '{7}', 'observer')"
            }
        };
        raw(&f, history).await;
        raw(&f, match &f.target {
            Target::Sqlite { .. } => "UPDATE hierarchy_gate_status SET is_open = 0, failing_predicates = '[7]' WHERE level = 3",
            Target::Postgres { .. } => "UPDATE hierarchy_gate_status SET is_open = FALSE, failing_predicates = '{7}' WHERE level = 3",
        })
        .await;
        let epoch = gate::epoch(&f.db).await.unwrap();
        assert_eq!(epoch, 1);
        assert_eq!(begin(&f.db, &b).await.unwrap(), Err(Blocked::Gate { epoch, failing: vec![7] }));
        assert!(gate::read(&f.db, 4).await.unwrap().is_open);
        assert!(!gate::read(&f.db, 99).await.unwrap().is_open, "a missing row is closed");
        b.goal_level = None;
        assert_eq!(begin(&f.db, &b).await.unwrap(), Ok(()));
        assert_eq!(effects::get(&f.db, &b.effect_id).await.unwrap().unwrap().gate_epoch, 1);
    })
    .await;
}

#[tokio::test]
async fn an_outcome_is_recorded_only_from_the_state_it_follows() {
    each(|f| async move {
        let (claimed, b) = approved(&f).await;
        assert_eq!(begin(&f.db, &b).await.unwrap(), Ok(()));
        let change = |from, to| EffectChange {
            effect_id: b.effect_id.clone(),
            from,
            to,
            result: Some(json!({"id": 77})),
            provider_ref: Some("77".to_owned()),
            error: None,
            undo: Some(json!({"cancel": 77})),
            reconciled: to == EffectStatus::Committed,
        };
        for (from, to) in [
            (&[EffectStatus::Executing][..], EffectStatus::Unknown),
            (&[EffectStatus::Executing, EffectStatus::Unknown][..], EffectStatus::Committed),
        ] {
            let mut commit = f.commit(&claimed);
            commit.effects = vec![change(from, to)];
            done(f.writer.step(commit).await.unwrap());
        }
        let effect = effects::get(&f.db, &b.effect_id).await.unwrap().unwrap();
        assert_eq!(
            (effect.status, effect.committed_at, effect.reconciled_at),
            (EffectStatus::Committed, Some(f.now()), Some(f.now()))
        );
        assert_eq!(
            (effect.result_payload, effect.undo_payload),
            (Some(json!({"id": 77})), Some(json!({"cancel": 77})))
        );
        let mut commit = f.commit(&claimed);
        commit.effects = vec![change(&[EffectStatus::Executing], EffectStatus::Failed)];
        assert_eq!(f.writer.step(commit).await.unwrap(), store::writer::StepOutcome::EffectConflict);
        assert_eq!(effects::for_run(&f.db, &b.run_id).await.unwrap().len(), 1);
    })
    .await;
}
