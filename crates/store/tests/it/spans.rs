//! Spans beside the steps they describe, and what the trace pages read.

use chrono::TimeDelta;
use domain::checkpoint::Source;
use domain::event::NewEvent;
use domain::ids::RunId;
use domain::ledger::{CallEnd, CallStart, CallStatus};
use domain::ticket::Verdict;
use domain::trace::{Span, SpanStatus, SpanType, WAITING, WORKER_LOST, members};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use store::parks::{ParkOutcome, park};
use store::spans::{self, SpanRecord, TraceFilter};
use store::tickets::{Decide, decide};
use store::writer::{Claimed, Head, StepOutcome};
use store::{Target, checkpoints, llm_ledger, runs};

use crate::common::{Fixture, done, each};

fn part(f: &Fixture, claimed: &Claimed, number: u16, kind: SpanType, name: &str) -> Span {
    let id = f.ids.ordered_uuid(f.now(), number);
    let parent = Some(claimed.run.run_id.to_string());
    let mut span = Span::part(&claimed.run, id, parent, kind, f.now());
    name.clone_into(&mut span.name);
    span
}

fn node(f: &Fixture, claimed: &Claimed, number: u16, name: &str) -> Span {
    let mut span = part(f, claimed, number, SpanType::Chain, name);
    span.attempt = Some(1);
    span.attributes = members(json!({"kind": "node", "node": name}));
    span
}

fn call(f: &Fixture, claimed: &Claimed, model: &str) -> CallStart {
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
        model_requested: model.to_owned(),
        model_used: model.to_owned(),
        reserve_micros: Some(900),
        reserve_tokens: 1_000,
    }
}

fn answered(f: &Fixture, claimed: &Claimed, call_id: domain::ids::CallId, cost: Option<i64>) -> CallEnd {
    CallEnd {
        call_id,
        run_id: claimed.run.run_id.clone(),
        ts: f.now(),
        status: CallStatus::Ok,
        model_used: "gpt-x".to_owned(),
        input_tokens: 100,
        output_tokens: 20,
        cache_read_tokens: 10,
        cache_write_tokens: 0,
        reasoning_tokens: 5,
        estimated: false,
        cost_micros: cost,
        latency_ms: 40,
        ttft_ms: Some(12),
        error_class: None,
        request_id: None,
    }
}

/// Makes one model call of a run and gives its row.
async fn called(f: &Fixture, claimed: &Claimed, cost: Option<i64>) -> domain::ids::CallId {
    let mut commit = f.commit(claimed);
    commit.call_start = Some(call(f, claimed, "gpt-x"));
    let StepOutcome::Done { call_id: Some(id) } = f.writer.step(commit).await.unwrap() else { panic!("no row") };
    let mut commit = f.commit(claimed);
    commit.call_end = Some(answered(f, claimed, id, cost));
    done(f.writer.step(commit).await.unwrap());
    id
}

async fn steps(f: &Fixture, run: &RunId) -> Vec<Span> {
    let found = spans::steps(&f.db, run.as_str(), 100).await.unwrap();
    found.into_iter().map(|record| record.span).collect()
}

async fn root(f: &Fixture, run: &RunId) -> SpanRecord {
    spans::root(&f.db, run.as_str()).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_first_claim_opens_the_root_and_the_last_commit_ends_it() {
    each(|f| async move {
        let run = f.start(f.new_run()).await;
        f.later(3);
        let claimed = f.claim(1).await.remove(0);
        let open = root(&f, &run).await.span;
        assert_eq!((open.status, open.name.as_str()), (SpanStatus::Pending, "Order #1042 paid"));
        assert_eq!(open.attributes["queued_ms"], 3_000);
        let mut commit = f.commit(&claimed);
        commit.head = Head::Complete;
        let mut ended = Span::root(&claimed.run);
        ended.end(f.now(), None);
        commit.spans = vec![ended.clone()];
        done(f.writer.step(commit).await.unwrap());
        assert_eq!(root(&f, &run).await.span, Span { cost_micros: Some(0), ..ended });
    })
    .await;
}

#[tokio::test]
async fn a_span_written_open_gets_its_end_and_nothing_is_doubled() {
    each(|f| async move {
        let claimed = f.running().await;
        let mut span = node(&f, &claimed, 1, "operations");
        span.inputs = Some(json!({"a": "\u{e9}\u{1f600}"}));
        let mut commit = f.commit(&claimed);
        commit.spans = vec![span.clone()];
        done(f.writer.step(commit).await.unwrap());
        f.later(2);
        span.end(f.now(), Some("no paper"));
        span.outputs = Some(json!([1]));
        span.attributes.insert("outcome".to_owned(), json!("failed"));
        for _ in 0..2 {
            let mut commit = f.commit(&claimed);
            commit.spans = vec![span.clone()];
            done(f.writer.step(commit).await.unwrap());
        }
        let stored = steps(&f, &claimed.run.run_id).await;
        assert_eq!(stored, [Span { inputs: None, outputs: None, ..span.clone() }]);
        let content = spans::content(&f.db, claimed.run.run_id.as_str(), &span.span_id).await.unwrap().unwrap();
        assert_eq!((content.inputs, content.outputs), (span.inputs, span.outputs));
    })
    .await;
}

#[tokio::test]
async fn a_span_that_cannot_be_written_fails_no_step() {
    each(|f| async move {
        let claimed = f.running().await;
        let mut wrong = node(&f, &claimed, 1, "operations");
        // Wider than the column of PostgreSQL; SQLite takes it.
        wrong.attempt = Some(i64::MAX);
        let mut nul = node(&f, &claimed, 2, "operations");
        nul.inputs_preview = "a\0b".to_owned();
        let next = f.next_checkpoint(&claimed.checkpoint, Source::Loop);
        let mut commit = f.commit(&claimed);
        commit.checkpoint = Some(next.clone());
        commit.events = vec![NewEvent::node_started("operations")];
        commit.spans = vec![wrong, nul];
        done(f.writer.step(commit).await.unwrap());
        assert_eq!(checkpoints::latest(&f.db, &claimed.run.run_id).await.unwrap(), Some(next));
        assert_eq!(f.timeline(&claimed.run.run_id).await, ["run.queued", "run.started", "node.started"]);
    })
    .await;
}

/// From now on writing a span fails as it does when its table is locked (`55P03`), or the transaction always loses
/// against another one (`40P01`).
async fn break_spans(f: &Fixture, code: &str) {
    match &f.target {
        Target::Sqlite { path } => {
            let mut raw = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
            let trigger = "CREATE TRIGGER broken BEFORE INSERT ON spans BEGIN SELECT RAISE(ABORT, 'broken'); END";
            raw.execute(trigger).await.map(drop).unwrap();
        }
        Target::Postgres { url, .. } => {
            let mut raw = PgConnection::connect(url).await.unwrap();
            let function = format!(
                "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = '{code}'; END $$"
            );
            raw.execute(AssertSqlSafe(function)).await.map(drop).unwrap();
            let trigger = "CREATE TRIGGER broken BEFORE INSERT ON spans EXECUTE FUNCTION broken()";
            raw.execute(trigger).await.map(drop).unwrap();
        }
    }
}

async fn is_written_without_its_spans(f: &Fixture, code: &str) {
    let claimed = f.running().await;
    break_spans(f, code).await;
    let next = f.next_checkpoint(&claimed.checkpoint, Source::Loop);
    let mut commit = f.commit(&claimed);
    commit.checkpoint = Some(next.clone());
    commit.spans = vec![node(f, &claimed, 1, "operations")];
    done(f.writer.step(commit).await.unwrap());
    assert_eq!(checkpoints::latest(&f.db, &claimed.run.run_id).await.unwrap(), Some(next));
    assert!(steps(f, &claimed.run.run_id).await.is_empty());
}

#[tokio::test]
async fn a_locked_trace_table_holds_up_no_step() {
    each(|f| async move { is_written_without_its_spans(&f, "55P03").await }).await;
}

#[tokio::test]
async fn spans_that_lose_against_others_for_ever_hold_up_no_step() {
    each(|f| async move { is_written_without_its_spans(&f, "40P01").await }).await;
}

#[tokio::test]
async fn a_lost_fence_writes_no_span() {
    each(|f| async move {
        let claimed = f.running().await;
        let mut commit = f.commit(&claimed);
        commit.fence.epoch += 1;
        commit.spans = vec![node(&f, &claimed, 1, "operations")];
        assert_eq!(f.writer.step(commit).await.unwrap(), StepOutcome::LeaseLost);
        assert!(steps(&f, &claimed.run.run_id).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_span_of_a_model_call_names_its_row_and_a_lost_one_costs_its_reserve() {
    each(|f| async move {
        let claimed = f.running().await;
        let run = &claimed.run.run_id;
        let mut commit = f.commit(&claimed);
        commit.call_start = Some(call(&f, &claimed, "gpt-x"));
        commit.spans = vec![node(&f, &claimed, 1, "operations"), part(&f, &claimed, 2, SpanType::Llm, "gpt-x")];
        let StepOutcome::Done { call_id: Some(id) } = f.writer.step(commit).await.unwrap() else { panic!("no row") };
        assert_eq!(steps(&f, run).await[1].attributes["call_id"], json!(id));

        let mut tx = f.db.begin().await.unwrap();
        assert_eq!(llm_ledger::lose_stale(&mut tx, run, 2, f.now()).await.unwrap(), [id]);
        let tries = spans::take_over(&mut tx, run, f.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(tries, [("operations".to_owned(), 1)]);
        let stored = steps(&f, run).await;
        assert!(stored.iter().all(|span| span.error.as_deref() == Some(WORKER_LOST)), "{stored:#?}");
        assert_eq!(stored[1].cost_micros, Some(900));
        assert_eq!(root(&f, run).await.span.status, SpanStatus::Pending);
    })
    .await;
}

#[tokio::test]
async fn a_wait_gets_the_number_of_its_ticket_and_ends_with_the_decision() {
    each(|f| async move {
        let claimed = f.running().await;
        let effect = f.effect(&claimed, "print:1");
        let mut asked = f.park_of(&claimed, effect);
        let mut tool = part(&f, &claimed, 1, SpanType::Tool, "printful_submit_order");
        tool.end(f.now(), None);
        tool.attributes.insert("outcome".to_owned(), json!("waiting"));
        asked.spans = vec![tool];
        asked.wait = Some(part(&f, &claimed, 2, SpanType::Chain, WAITING));
        let mut tx = f.db.begin().await.unwrap();
        let ParkOutcome::Parked { ticket_id } = park(&mut tx, asked, |_| vec![]).await.unwrap() else { panic!() };
        tx.commit().await.unwrap();
        let stored = steps(&f, &claimed.run.run_id).await;
        assert!(stored.iter().all(|span| span.ticket_id == Some(ticket_id)), "{stored:#?}");
        assert_eq!(stored[1].status, SpanStatus::Pending);
        f.later(60);
        let mut tx = f.db.begin().await.unwrap();
        let answer = Decide {
            ticket_id,
            verdict: Verdict::Reject,
            payload: json!({}),
            decided_by: "owner".to_owned(),
            expected_checkpoint: None,
            edited: None,
            now: f.now(),
            outbox: vec![],
        };
        let _ = decide(&mut tx, &answer).await.unwrap();
        tx.commit().await.unwrap();
        let wait = steps(&f, &claimed.run.run_id).await.remove(1);
        assert_eq!((wait.status, wait.outputs_preview.as_str()), (SpanStatus::Success, "rejected"));
        assert_eq!(wait.duration_ms(f.now()), 60_000);
    })
    .await;
}

#[tokio::test]
async fn a_run_that_ends_outside_a_segment_leaves_no_span_open() {
    each(|f| async move {
        let (run, _, _) = f.parked("print:1").await;
        let mut tx = f.db.begin().await.unwrap();
        let _ = runs::cancel(&mut tx, &run, "owner", "no", &[], f.now()).await.unwrap();
        tx.commit().await.unwrap();
        let ended = root(&f, &run).await.span;
        assert_eq!((ended.status, ended.error.as_deref()), (SpanStatus::Error, Some("cancelled")));
    })
    .await;
}

fn all(f: &Fixture) -> TraceFilter {
    TraceFilter {
        since: f.now() - TimeDelta::days(1),
        status: None,
        workflow_id: None,
        agent_id: None,
        model: None,
        q: None,
        min_cost_micros: None,
        min_ms: None,
        now: f.now(),
        cursor: None,
        limit: 50,
        offset: 0,
    }
}

async fn ids(f: &Fixture, filter: &TraceFilter) -> Vec<String> {
    let (found, _) = spans::list(&f.db, filter).await.unwrap();
    found.into_iter().map(|record| record.span.span_id).collect()
}

#[tokio::test]
async fn every_filter_narrows_the_list_to_what_it_names() {
    each(|f| async move {
        let cheap = f.running().await;
        f.later(10);
        let dear = f.running().await;
        called(&f, &dear, Some(70_000)).await;
        let mut asked = part(&f, &dear, 1, SpanType::Llm, "gpt-x");
        asked.model = Some("gpt-x".to_owned());
        asked.agent_id = Some("sage".to_owned());
        asked.end(f.now(), None);
        let mut commit = f.commit(&dear);
        commit.spans = vec![asked];
        commit.head = Head::Fail { error: "100% broken".to_owned() };
        let mut ended = Span::root(&dear.run);
        ended.end(f.now(), Some("100% broken"));
        commit.spans.push(ended);
        done(f.writer.step(commit).await.unwrap());
        let (first, second) = (cheap.run.run_id.to_string(), dear.run.run_id.to_string());
        assert_eq!(ids(&f, &all(&f)).await, [second.clone(), first.clone()], "newest first");
        let page = TraceFilter { limit: 1, ..all(&f) };
        assert_eq!(spans::list(&f.db, &page).await.unwrap().1, 2, "the total is that of all pages");
        let only_dear = [
            TraceFilter { status: Some(SpanStatus::Error), ..all(&f) },
            TraceFilter { model: Some("gpt-x".into()), ..all(&f) },
            TraceFilter { agent_id: Some("sage".into()), ..all(&f) },
            TraceFilter { q: Some("100%".into()), ..all(&f) },
            TraceFilter { q: Some(second.clone()), ..all(&f) },
            TraceFilter { min_cost_micros: Some(70_000), ..all(&f) },
            TraceFilter { since: f.now(), ..all(&f) },
        ];
        for filter in only_dear {
            assert_eq!(ids(&f, &filter).await, std::slice::from_ref(&second), "{filter:?}");
        }
        // The first one has been under way for ten seconds.
        let slow = TraceFilter { min_ms: Some(10_000), ..all(&f) };
        assert_eq!(ids(&f, &slow).await, std::slice::from_ref(&first));
        assert!(ids(&f, &TraceFilter { min_ms: Some(10_001), ..all(&f) }).await.is_empty());
        assert!(ids(&f, &TraceFilter { workflow_id: Some("other".into()), ..all(&f) }).await.is_empty());
        let after = TraceFilter { cursor: Some((dear.run.created_at, second)), limit: 1, ..all(&f) };
        assert_eq!(ids(&f, &after).await, [first]);
    })
    .await;
}

#[tokio::test]
async fn money_and_tokens_of_a_root_are_those_of_its_ledger() {
    each(|f| async move {
        let claimed = f.running().await;
        called(&f, &claimed, Some(1_500)).await;
        called(&f, &claimed, Some(500)).await;
        let found = root(&f, &claimed.run.run_id).await;
        assert_eq!((found.span.cost_micros, found.priced), (Some(2_000), true));
        assert_eq!((found.span.prompt_tokens, found.span.completion_tokens), (200, 40));
        called(&f, &claimed, None).await;
        assert!(!root(&f, &claimed.run.run_id).await.priced, "a call without a price is told");
    })
    .await;
}

#[tokio::test]
async fn calls_are_gathered_by_their_utc_day() {
    each(|f| async move {
        let claimed = f.running().await;
        let day = f.now().date_naive();
        called(&f, &claimed, Some(1_500)).await;
        called(&f, &claimed, None).await;
        // To the last second of the day, and over it.
        let midnight = (day + chrono::Days::new(1)).and_time(chrono::NaiveTime::MIN).and_utc();
        let left = u64::try_from((midnight - f.now()).num_seconds()).unwrap();
        f.later(left - 1);
        called(&f, &claimed, Some(20)).await;
        f.later(1);
        called(&f, &claimed, Some(3)).await;
        let mut rows = store::costs::gather(&f.db, f.now() - TimeDelta::days(2), f.now()).await.unwrap();
        rows.sort_by_key(|row| row.day);
        let seen: Vec<_> = rows
            .iter()
            .map(|row| (row.day, row.cost_micros, row.calls, row.unpriced, row.input, row.reasoning))
            .collect();
        assert_eq!(seen, [(day, 1_520, 3, 1, 300, 15), (day + chrono::Days::new(1), 3, 1, 0, 100, 5)]);
        assert_eq!((rows[0].agent(), rows[0].task_type.as_deref()), ("operations", Some("order_check")));
    })
    .await;
}
