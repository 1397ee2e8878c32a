//! The start of a model call whose COMMIT, or the answer to it, was lost.

use domain::ledger::CallStart;
use domain::trace::{Span, SpanType};
use serde_json::json;
use store::writer::{Claimed, StepCommit, StepOutcome};
use store::{llm_ledger, spans};

use crate::common::{Fixture, over_a_lossy_line};

/// A commit with nothing but the start of a call and its span, as a round of an agent makes it.
fn asking(f: &Fixture, claimed: &Claimed) -> StepCommit {
    let run = &claimed.run;
    let parent = Some(run.run_id.to_string());
    let mut commit = f.commit(claimed);
    commit.spans = vec![Span::part(run, f.ids.ordered_uuid(f.now(), 1), parent, SpanType::Llm, f.now())];
    commit.call_start = Some(CallStart {
        ts: f.now(),
        run_id: run.run_id.clone(),
        lease_epoch: claimed.fence.epoch,
        step: 1,
        node: "operations".to_owned(),
        agent_id: "operations".to_owned(),
        workflow_id: "default".to_owned(),
        task_type: None,
        purpose: "agent",
        provider: "openai".to_owned(),
        model_requested: "m".to_owned(),
        model_used: "m".to_owned(),
        reserve_micros: Some(900),
        reserve_tokens: 1_000,
    });
    commit
}

#[tokio::test]
async fn a_call_whose_commit_happened_unheard_is_reserved_once() {
    over_a_lossy_line(|f, line| async move {
        let claimed = f.running().await;
        line.lose_answer();
        let outcome = f.writer.step(asking(&f, &claimed)).await.unwrap();
        assert!(line.has_lost());
        let calls = llm_ledger::for_run(&f.db, &claimed.run.run_id).await.unwrap();
        let [call] = calls.as_slice() else { panic!("{calls:?}") };
        assert_eq!(outcome, StepOutcome::Done { call_id: Some(call.id) });
        let usage = llm_ledger::run_usage(&f.db, &claimed.run.run_id).await.unwrap();
        assert_eq!((usage.cost_micros, usage.tokens), (900, 1_000));
    })
    .await;
}

#[tokio::test]
async fn a_call_written_again_is_the_one_that_its_span_names() {
    over_a_lossy_line(|f, line| async move {
        let claimed = f.running().await;
        let run = &claimed.run.run_id;
        line.lose_commit();
        let outcome = f.writer.step(asking(&f, &claimed)).await.unwrap();
        assert!(line.has_lost());
        let StepOutcome::Done { call_id: Some(id) } = outcome else { panic!("{outcome:?}") };
        assert_eq!(llm_ledger::for_run(&f.db, run).await.unwrap().len(), 1);
        let stored = spans::steps(&f.db, run.as_str(), 10).await.unwrap();
        assert_eq!((stored.len(), &stored[0].span.attributes["call_id"]), (1, &json!(id)));
    })
    .await;
}
