//! Commits of steps: fences, batches, poison, durability.

use domain::checkpoint::{CallState, Source};
use domain::event::NewEvent;
use domain::ids::OrderKey;
use domain::lease::Fence;
use domain::ledger::{CallEnd, CallStart, CallStatus, GuardrailCheck};
use domain::order::{Fulfilment, OrderFacts, Origin};
use domain::run::RunStatus;
use serde_json::json;
use store::writer::{ExecutionBudget, Head, StartRun, StepOutcome};
use store::{StoreError, checkpoints, llm_ledger, orders, runs};

use crate::common::{Fixture, done, each, pending, state};

fn started(f: &Fixture, claimed: &store::writer::Claimed) -> CallStart {
    CallStart {
        ts: f.now(),
        run_id: claimed.run.run_id.clone(),
        lease_epoch: claimed.fence.epoch,
        step: 1,
        node: "operations".to_owned(),
        agent_id: "operations".to_owned(),
        workflow_id: "default".to_owned(),
        task_type: Some("order_check".to_owned()),
        purpose: "agent",
        provider: "openai".to_owned(),
        model_requested: "m".to_owned(),
        model_used: "m".to_owned(),
        reserve_micros: Some(900),
        reserve_tokens: 1_000,
    }
}

#[tokio::test]
async fn a_step_writes_checkpoint_events_and_messages_and_the_last_one_ends_the_run() {
    each(|f| async move {
        let claimed = f.running().await;
        let id = &claimed.run.run_id;
        let first = f.next_checkpoint(&claimed.checkpoint, Source::Loop);
        let mut commit = f.commit(&claimed);
        commit.checkpoint = Some(first.clone());
        commit.events = vec![NewEvent::node_started("a"), NewEvent::node_finished("a", 3, None)];
        commit.checks = vec![GuardrailCheck {
            ts: f.now(),
            point: "input",
            source: "api".into(),
            flags: vec!["pii:email".into()],
            tripped: false,
        }];
        done(f.writer.step(commit).await.unwrap());

        let mut commit = f.commit(&claimed);
        commit.pending = Some((first.checkpoint_id.clone(), vec![pending(CallState::Todo, None)]));
        done(f.writer.step(commit).await.unwrap());
        assert_eq!(checkpoints::latest(&f.db, id).await.unwrap().unwrap().pending.len(), 1);

        let last = f.next_checkpoint(&first, Source::Loop);
        let mut commit = f.commit(&claimed);
        commit.checkpoint = Some(last.clone());
        commit.head = Head::Complete;
        commit.outbox = vec![f.message("run.completed")];
        commit.events = vec![NewEvent::run_completed("ok", false, 0.0, 0, 1)];
        commit.budget = Some(ExecutionBudget {
            iterations: 2,
            cost_micros: 10,
            tokens: 5,
            started_at: f.now(),
            terminated_at: Some(f.now()),
            reason: None,
        });
        done(f.writer.step(commit).await.unwrap());

        let run = runs::get(&f.db, id).await.unwrap().unwrap();
        assert_eq!(run.status, RunStatus::Completed);
        assert_eq!((run.lease_owner, run.lease_until, run.finished_at), (None, None, Some(f.now())));
        assert_eq!(run.last_checkpoint_id, Some(last.checkpoint_id.clone()));
        let stored = checkpoints::list(&f.db, id).await.unwrap();
        assert_eq!(stored.iter().map(|c| c.metadata.step).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(stored[2], last);
        assert_eq!(
            f.timeline(id).await,
            ["run.queued", "run.started", "node.started", "node.finished", "run.completed"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_lost_fence_writes_nothing() {
    each(|f| async move {
        let claimed = f.running().await;
        let before = f.timeline(&claimed.run.run_id).await;
        for fence in [
            Fence { owner: "somebody".to_owned(), epoch: claimed.fence.epoch },
            Fence { owner: claimed.fence.owner.clone(), epoch: claimed.fence.epoch + 1 },
        ] {
            let mut commit = f.commit(&claimed);
            commit.fence = fence;
            commit.checkpoint = Some(f.next_checkpoint(&claimed.checkpoint, Source::Loop));
            commit.events = vec![NewEvent::node_started("a")];
            commit.call_start = Some(started(&f, &claimed));
            commit.prepare = Some(f.effect(&claimed, "print:1"));
            commit.head = Head::Complete;
            assert_eq!(f.writer.step(commit).await.unwrap(), StepOutcome::LeaseLost);
        }
        assert_eq!(f.timeline(&claimed.run.run_id).await, before);
        assert_eq!(checkpoints::list(&f.db, &claimed.run.run_id).await.unwrap().len(), 1);
        assert!(llm_ledger::for_run(&f.db, &claimed.run.run_id).await.unwrap().is_empty());
        assert_eq!(store::effects::for_run(&f.db, &claimed.run.run_id).await.unwrap().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn three_hundred_steps_at_once_are_all_written_with_numbers_that_have_no_gap() {
    each(|f| async move {
        let starts: Vec<_> = (0..300).map(|_| f.start(f.new_run())).collect();
        let ids = futures_util::future::join_all(starts).await;
        let mut claimed = Vec::new();
        while claimed.len() < 300 {
            let more = f.claim(100).await;
            assert!(!more.is_empty());
            claimed.extend(more);
        }
        let commits = claimed.iter().map(|one| {
            let mut commit = f.commit(one);
            commit.checkpoint = Some(f.next_checkpoint(&one.checkpoint, Source::Loop));
            commit.events = vec![NewEvent::node_started("a"), NewEvent::node_finished("a", 1, None)];
            f.writer.step(commit)
        });
        for outcome in futures_util::future::join_all(commits).await {
            done(outcome.unwrap());
        }
        for id in &ids {
            assert_eq!(f.timeline(id).await.len(), 4);
            assert_eq!(checkpoints::list(&f.db, id).await.unwrap().len(), 2);
        }
        assert!(f.claim(10).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_poisoned_item_fails_alone() {
    each(|f| async move {
        let good: Vec<_> = (0..20).map(|_| f.new_run()).collect();
        let first = f.new_run();
        f.start(first.clone()).await;
        // The same id again breaks the primary key for the whole statement.
        let poisoned = f.writer.start_run(StartRun { run: first, outbox: vec![] });
        let others = futures_util::future::join_all(
            good.iter().map(|run| f.writer.start_run(StartRun { run: run.clone(), outbox: vec![] })),
        );
        let (poisoned, others) = tokio::join!(poisoned, others);
        assert!(matches!(poisoned, Err(StoreError::Conflict { .. })), "{poisoned:?}");
        for (run, outcome) in good.iter().zip(others) {
            outcome.unwrap();
            assert!(runs::get(&f.db, &run.run_id).await.unwrap().is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn a_nul_character_is_refused_by_name() {
    each(|f| async move {
        let mut run = f.new_run();
        run.input_state = state(json!({"text": "a\u{0}b"}));
        let refused = f.writer.start_run(StartRun { run, outbox: vec![] }).await;
        assert!(matches!(refused, Err(StoreError::NulByte)), "{refused:?}");
        let mut run = f.new_run();
        run.run_name = Some("a\u{0}".to_owned());
        let refused = f.writer.start_run(StartRun { run, outbox: vec![] }).await;
        assert!(matches!(refused, Err(StoreError::NulByte)), "{refused:?}");
        let filter = runs::RunFilter { q: Some("\u{0}".to_owned()), limit: 1, ..Default::default() };
        assert!(matches!(runs::list(&f.db, &filter).await, Err(StoreError::NulByte)));
    })
    .await;
}

#[tokio::test]
async fn a_conflict_of_effects_writes_nothing_and_the_run_goes_on() {
    each(|f| async move {
        let (a, b) = (f.running().await, f.running().await);
        let mut commit = f.commit(&a);
        commit.prepare = Some(f.effect(&a, "print:1"));
        done(f.writer.step(commit.clone()).await.unwrap());
        // The same call again joins the row that is there.
        done(f.writer.step(commit).await.unwrap());
        let mut commit = f.commit(&b);
        commit.prepare = Some(f.effect(&b, "print:1"));
        commit.events = vec![NewEvent::node_started("a")];
        assert_eq!(f.writer.step(commit).await.unwrap(), StepOutcome::EffectConflict);
        assert_eq!(f.timeline(&b.run.run_id).await, ["run.queued", "run.started"]);
        let mut commit = f.commit(&b);
        commit.head = Head::Fail { error: "x".repeat(3_000) };
        done(f.writer.step(commit).await.unwrap());
        let run = runs::get(&f.db, &b.run.run_id).await.unwrap().unwrap();
        assert_eq!(run.last_error.map(|error| error.len()), Some(2_000));
    })
    .await;
}

#[tokio::test]
async fn a_model_call_is_reserved_settled_and_charged_once() {
    each(|f| async move {
        let claimed = f.running().await;
        let id = &claimed.run.run_id;
        let mut commit = f.commit(&claimed);
        commit.call_start = Some(started(&f, &claimed));
        let StepOutcome::Done { call_id: Some(call_id) } = f.writer.step(commit).await.unwrap() else { panic!() };
        let usage = llm_ledger::run_usage(&f.db, id).await.unwrap();
        assert_eq!((usage.cost_micros, usage.tokens, usage.calls), (900, 1_000, 1));

        let end = CallEnd {
            call_id,
            run_id: id.clone(),
            ts: f.now(),
            status: CallStatus::Ok,
            model_used: "m-2".to_owned(),
            input_tokens: 100,
            output_tokens: 20,
            cache_read_tokens: 0,
            cache_write_tokens: 0,
            reasoning_tokens: 5,
            estimated: false,
            cost_micros: Some(321),
            latency_ms: 12,
            ttft_ms: Some(3),
            error_class: None,
            request_id: Some("rehearsal-1".to_owned()),
        };
        for _ in 0..2 {
            let mut commit = f.commit(&claimed);
            commit.call_end = Some(end.clone());
            done(f.writer.step(commit).await.unwrap());
        }
        let usage = llm_ledger::run_usage(&f.db, id).await.unwrap();
        assert_eq!((usage.cost_micros, usage.tokens, usage.calls), (321, 120, 1));
        let run = runs::get(&f.db, id).await.unwrap().unwrap();
        assert_eq!((run.cost_micros, run.tokens), (321, 120));
        let calls = llm_ledger::for_run(&f.db, id).await.unwrap();
        assert_eq!((calls[0].status.as_str(), calls[0].model_used.as_str()), ("ok", "m-2"));
    })
    .await;
}

#[tokio::test]
async fn a_call_that_an_older_holder_never_ended_is_charged_at_its_reserve() {
    each(|f| async move {
        let claimed = f.running().await;
        let id = &claimed.run.run_id;
        let mut commit = f.commit(&claimed);
        commit.call_start = Some(started(&f, &claimed));
        done(f.writer.step(commit).await.unwrap());
        for (epoch, expected) in [(claimed.fence.epoch, 0), (claimed.fence.epoch + 1, 1), (claimed.fence.epoch + 1, 0)]
        {
            let mut tx = f.db.begin().await.unwrap();
            assert_eq!(llm_ledger::lose_stale(&mut tx, id, epoch, f.now()).await.unwrap().len(), expected);
            tx.commit().await.unwrap();
        }
        let run = runs::get(&f.db, id).await.unwrap().unwrap();
        assert_eq!((run.cost_micros, run.tokens), (900, 1_000));
        assert_eq!(llm_ledger::for_run(&f.db, id).await.unwrap()[0].status, "lost");
    })
    .await;
}

#[tokio::test]
async fn the_result_of_an_effect_and_its_order_are_one_commit() {
    each(|f| async move {
        let claimed = f.running().await;
        let effect = f.effect(&claimed, "print:1");
        let mut commit = f.commit(&claimed);
        commit.prepare = Some(effect.clone());
        done(f.writer.step(commit).await.unwrap());
        let key = OrderKey::shopify("5830").unwrap();
        let mut facts = OrderFacts::new(Origin::Holly, key.clone());
        facts.fulfilment = Some(Fulfilment::Submitted);
        let change = store::effects::EffectChange {
            effect_id: effect.effect_id.clone(),
            from: &[domain::effect::EffectStatus::Executing],
            to: domain::effect::EffectStatus::Committed,
            result: Some(json!({"ok": true})),
            provider_ref: Some("77".to_owned()),
            error: None,
            undo: None,
            reconciled: false,
        };
        // It is prepared, not executing: nothing of the commit happens, the order included.
        let mut commit = f.commit(&claimed);
        commit.effects = vec![change.clone()];
        commit.order = Some(facts.clone());
        assert_eq!(f.writer.step(commit).await.unwrap(), StepOutcome::EffectConflict);
        assert_eq!(orders::get(&f.db, &key).await.unwrap(), None);

        let mut commit = f.commit(&claimed);
        commit.effects = vec![store::effects::EffectChange {
            from: &[domain::effect::EffectStatus::Prepared],
            to: domain::effect::EffectStatus::NotSent,
            ..change
        }];
        commit.order = Some(facts);
        commit.customer_note = Some((key.clone(), "on its way".to_owned()));
        done(f.writer.step(commit).await.unwrap());
        let order = orders::get(&f.db, &key).await.unwrap().unwrap();
        assert_eq!((order.fulfilment, order.customer_note.as_deref()), (Fulfilment::Submitted, Some("on its way")));
        let effect = store::effects::get(&f.db, &effect.effect_id).await.unwrap().unwrap();
        assert_eq!(
            (effect.status, effect.provider_ref.as_deref()),
            (domain::effect::EffectStatus::NotSent, Some("77"))
        );
    })
    .await;
}

#[tokio::test]
async fn dropping_a_transaction_undoes_it() {
    each(|f| async move {
        let run = f.new_run();
        let mut tx = f.db.begin().await.unwrap();
        runs::insert(&mut tx, &run, &[f.message("run.queued")]).await.unwrap();
        assert!(runs::get_in(&mut tx, &run.run_id).await.unwrap().is_some());
        drop(tx);
        assert_eq!(runs::get(&f.db, &run.run_id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_is_queued_wakes_a_waiting_worker() {
    each(|f| async move {
        let waiting = f.writer.queued();
        let (_, id) = tokio::join!(waiting, f.start(f.new_run()));
        assert_eq!(f.claim(1).await[0].run.run_id, id);
    })
    .await;
}
