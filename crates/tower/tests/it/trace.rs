//! What the spans of a run say, whatever happened to its processes.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use domain::ids::RunId;
use domain::run::RunStatus;
use domain::ticket::Verdict;
use domain::trace::{Span, SpanStatus, SpanType, WAITING, WORKER_LOST};
use serde_json::json;
use testkit::{Process, Reply, TowerWorld};

use crate::plan::{make, sleep};

/// The root and the steps of a run.
fn trace(process: &Process, run: &RunId) -> (Span, Vec<Span>) {
    let db = &process.services.db;
    let root = process.run(store::spans::root(db, run.as_str())).unwrap().unwrap().span;
    let steps = process.run(store::spans::steps(db, run.as_str(), 2_000)).unwrap();
    (root, steps.into_iter().map(|record| record.span).collect())
}

fn named<'a>(steps: &'a [Span], name: &str) -> Vec<&'a Span> {
    steps.iter().filter(|span| span.name == name).collect()
}

/// Every part lies in the part it belongs to, nothing is open, and each node that ended well did so once.
fn assert_whole(root: &Span, steps: &[Span]) {
    let known: BTreeMap<&str, &Span> = steps.iter().chain([root]).map(|span| (span.span_id.as_str(), span)).collect();
    assert_eq!(known.len(), steps.len() + 1, "ids are unique");
    for span in steps {
        let parent = known[span.parent_id.as_deref().unwrap()];
        assert!(parent.start_time <= span.start_time, "{} begins before its parent", span.name);
        assert!(span.end_time <= parent.end_time, "{} ends after its parent", span.name);
        assert_eq!((span.root_id.as_str(), &span.trace_id), (root.span_id.as_str(), &root.trace_id));
        assert_ne!(span.status, SpanStatus::Pending, "{} is open", span.name);
    }
    let done: Vec<&str> = steps
        .iter()
        .filter(|span| span.attempt.is_some() && span.attributes.get("outcome") == Some(&json!("done")))
        .map(|span| span.name.as_str())
        .collect();
    assert_eq!(done.len(), done.iter().collect::<HashSet<_>>().len(), "a node ended well twice: {done:?}");
}

#[test]
fn a_run_without_a_person_is_one_root_with_its_nodes_and_calls() {
    let world = TowerWorld::new(70);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "low")]));
    process.settle();
    let (root, steps) = trace(&process, &run);
    assert_whole(&root, &steps);
    assert_eq!((root.status, root.outputs_preview.as_str()), (SpanStatus::Success, "done as planned"));
    let names: Vec<_> = steps.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["input_guardrail", "scripted", "make", "output_guardrail"]);
    let call = named(&steps, "make")[0];
    assert_eq!((call.kind, call.parent_id.as_deref()), (SpanType::Tool, Some(steps[1].span_id.as_str())));
    assert_eq!(call.attributes["effect_id"], json!(process.effects_of(&run)[0].effect_id));
}

#[test]
fn a_wait_is_a_span_from_the_ticket_to_the_decision() {
    let world = TowerWorld::new(71);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    let ticket = process.ticket_of(&run).id;
    let (root, steps) = trace(&process, &run);
    let wait = named(&steps, WAITING)[0];
    assert_eq!((root.status, wait.status, wait.ticket_id), (SpanStatus::Pending, SpanStatus::Pending, Some(ticket)));
    world.clock.advance(Duration::from_secs(90));
    process.decide(ticket, Verdict::Approve, json!({})).unwrap();
    process.settle();
    let (root, steps) = trace(&process, &run);
    assert_whole(&root, &steps);
    let wait = named(&steps, WAITING)[0];
    assert_eq!((wait.duration_ms(wait.start_time), wait.outputs_preview.as_str()), (90_000, "approved"));
    let tries: Vec<_> = named(&steps, "scripted").iter().map(|span| span.attempt.unwrap()).collect();
    assert_eq!(tries, [1, 2], "before and after the wait");
    let calls = named(&steps, "make");
    assert!(calls.iter().all(|call| call.ticket_id == Some(ticket)), "{calls:#?}");
}

#[test]
fn time_in_the_queue_stands_in_the_root() {
    let world = TowerWorld::new(72);
    let client = world.client("one");
    let run = client.start(json!([make("mug", "low")]));
    drop(client);
    world.clock.advance(Duration::from_secs(7));
    let process = world.process("one");
    process.settle();
    let (root, steps) = trace(&process, &run);
    assert_eq!(root.attributes["queued_ms"], 7_000);
    assert_eq!((steps[0].start_time - root.start_time).num_milliseconds(), 7_000);
}

#[test]
fn what_a_dead_process_left_open_is_lost_and_the_next_one_tries_again() {
    let world = TowerWorld::new(73);
    let process = world.process("one");
    world.upstream.will([Reply::Hang]);
    let run = process.start(json!([make("mug", "low")]));
    while world.upstream.made("mug") == 0 {
        process.turns(4);
    }
    drop(process);
    let again = world.process("one");
    again.settle();
    let (root, steps) = trace(&again, &run);
    assert_whole(&root, &steps);
    assert_eq!(root.status, SpanStatus::Success);
    let nodes = named(&steps, "scripted");
    let seen: Vec<_> = nodes.iter().map(|span| (span.attempt, span.error.as_deref())).collect();
    assert_eq!(seen, [(Some(1), Some(WORKER_LOST)), (Some(2), None)]);
}

#[test]
fn a_process_that_dies_at_any_turn_leaves_a_whole_trace() {
    for turns in (0..60).step_by(3) {
        let world = TowerWorld::new(700 + turns);
        let process = world.process("one");
        let run = process.start(json!([make("mug", "low"), make("cup", "low")]));
        process.turns(u32::try_from(turns).unwrap());
        drop(process);
        let again = world.process("one");
        again.settle();
        let (root, steps) = trace(&again, &run);
        assert_whole(&root, &steps);
        assert_eq!(root.status, SpanStatus::Success, "after {turns} turns");
    }
}

#[test]
fn a_failed_run_and_a_cancelled_wait_leave_nothing_open() {
    let world = TowerWorld::new(74);
    let process = world.process("one");
    let failed = process.start(json!([{"fail": "no paper"}]));
    let parked = process.start(json!([make("mug", "high")]));
    process.settle();
    let by = domain::ticket::Decider { subject: "owner".to_owned(), role: domain::role::Role::Admin };
    let cancelled = process.run(tower::runs::cancel(&process.services, &parked, "not wanted", &by)).unwrap();
    assert_eq!(cancelled, store::runs::CancelOutcome::Cancelled);
    let (root, steps) = trace(&process, &failed);
    assert_whole(&root, &steps);
    assert_eq!((root.status, root.error.as_deref()), (SpanStatus::Error, Some("no paper")));
    let (root, steps) = trace(&process, &parked);
    assert_whole(&root, &steps);
    assert_eq!((root.status, root.error.as_deref()), (SpanStatus::Error, Some("cancelled")));
}

#[test]
fn a_ticket_that_nobody_decides_ends_the_wait_and_the_run() {
    let world = TowerWorld::new(75);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    process.advance(Duration::from_secs(25 * 3_600));
    assert_eq!(process.find(&run).status, RunStatus::Failed);
    let (root, steps) = trace(&process, &run);
    assert_whole(&root, &steps);
    assert_eq!(named(&steps, WAITING)[0].error.as_deref(), Some("Ticket expired"));
    assert_eq!(root.status, SpanStatus::Error);
}

#[test]
fn a_run_whose_workers_are_lost_too_often_ends_with_its_trace() {
    let world = TowerWorld::new(76);
    let mut process = world.process("one");
    let run = process.start(json!([sleep(250)]));
    for _ in 0..3 {
        process.until(&run, RunStatus::Running);
        process.turns(400);
        drop(process);
        process = world.process("one");
    }
    let (root, steps) = trace(&process, &run);
    assert_whole(&root, &steps);
    assert_eq!((root.status, root.error.as_deref()), (SpanStatus::Error, Some(WORKER_LOST)));
}
