//! What a screen is told while things happen.

use domain::ticket::Verdict;
use serde_json::{Value, json};
use testkit::{Process, TowerWorld};
use tower::live::{Frame, Subscription};

use crate::plan::make;

/// Everything that was published so far.
fn heard(process: &Process, subscription: &mut Subscription) -> Vec<Value> {
    let mut frames = Vec::new();
    process.run(async {
        while let Ok(Frame::Event(event)) =
            tokio::time::timeout(std::time::Duration::from_millis(20), subscription.next()).await
        {
            frames.push(event.to_json());
        }
    });
    frames
}

fn of_kind<'a>(frames: &'a [Value], kind: &str) -> Vec<&'a Value> {
    frames.iter().filter(|frame| frame["type"] == kind).collect()
}

#[test]
fn a_run_is_told_from_the_queue_to_its_end_after_each_commit() {
    let world = TowerWorld::new(60);
    let process = world.process("one");
    let mut screen = process.services.live.subscribe();
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    let ticket = process.ticket_of(&run);
    process.decide(ticket.id, Verdict::Approve, json!({})).unwrap();
    process.settle();
    let frames = heard(&process, &mut screen);
    assert!(frames.iter().all(|frame| frame["thread_id"] == json!(run)), "{frames:#?}");
    let mut states: Vec<_> =
        of_kind(&frames, "tower_run").iter().map(|frame| frame["status"].as_str().unwrap_or_default()).collect();
    // A worker that claims in the very commit that queues may be heard first.
    states[..2].sort_unstable();
    assert_eq!(states, ["queued", "running", "waiting_approval", "queued", "running", "completed"]);
    let tickets: Vec<_> = of_kind(&frames, "tower_ticket")
        .iter()
        .map(|frame| (frame["ticket_id"].clone(), frame["status"].clone(), frame["risk_level"].clone()))
        .collect();
    let number = json!(ticket.id);
    assert_eq!(
        tickets,
        [(number.clone(), json!("pending"), json!("medium")), (number, json!("approved"), json!("medium")),]
    );
}

#[test]
fn enter_and_exit_of_one_piece_of_work_share_an_id() {
    let world = TowerWorld::new(61);
    let process = world.process("one");
    let mut screen = process.services.live.subscribe();
    process.start(json!([make("mug", "low")]));
    process.settle();
    let frames = heard(&process, &mut screen);
    for (begin, end) in [("node_entered", "node_exited"), ("tool_start", "tool_end")] {
        let ids = |kind| of_kind(&frames, kind).iter().map(|frame| frame["run_id"].clone()).collect::<Vec<_>>();
        assert!(!ids(begin).is_empty(), "no {begin} in {frames:#?}");
        assert_eq!(ids(begin), ids(end));
    }
    let nodes: Vec<_> = of_kind(&frames, "node_entered").iter().map(|frame| frame["node"].clone()).collect();
    assert_eq!(nodes, ["input_guardrail", "scripted", "output_guardrail"]);
    assert_eq!(of_kind(&frames, "tool_start")[0]["tool"], "make");
}

#[test]
fn a_failure_and_a_cancelled_wait_are_told() {
    let world = TowerWorld::new(62);
    let process = world.process("one");
    let mut screen = process.services.live.subscribe();
    process.start(json!([{"fail": "no paper"}]));
    process.settle();
    let parked = process.start(json!([make("mug", "high")]));
    process.settle();
    let by = domain::ticket::Decider { subject: "owner".to_owned(), role: domain::role::Role::Admin };
    let cancelled = process.run(tower::runs::cancel(&process.services, &parked, "not wanted", &by));
    assert_eq!(cancelled.unwrap(), store::runs::CancelOutcome::Cancelled);
    let frames = heard(&process, &mut screen);
    assert_eq!(of_kind(&frames, "node_error")[0]["error"], "no paper");
    let closed = of_kind(&frames, "tower_ticket");
    assert_eq!((closed[1]["status"].as_str(), closed[1]["risk_level"].as_str()), (Some("rejected"), Some("high")));
    assert_eq!(of_kind(&frames, "tower_run").last().unwrap()["status"], "cancelled");
}
