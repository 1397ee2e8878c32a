//! Runs that a person or a limit ends, and steps of several nodes.

use domain::effect::EffectStatus;
use domain::ids::RunId;
use domain::role::Role;
use domain::run::RunStatus;
use domain::ticket::{Decider, TicketStatus, Verdict};
use serde_json::json;
use std::time::Duration;
use store::runs::CancelOutcome;
use testkit::{Process, Reply, TowerWorld};

use crate::plan::{make, pass, sleep};

fn cancel(process: &Process, run: &RunId) -> CancelOutcome {
    let by = Decider { subject: "owner".to_owned(), role: Role::Operator };
    process.run(tower::runs::cancel(&process.services, run, "not needed", &by)).unwrap()
}

#[test]
fn a_node_that_takes_too_long_is_cancelled_and_its_late_result_discarded() {
    let world = TowerWorld::new(40);
    let process = world.process("one");
    let run = process.start(json!([sleep(400), make("mug", "low")]));
    process.until(&run, RunStatus::Running);
    pass(&world, &process, 310);
    process.until(&run, RunStatus::Failed);
    let found = process.find(&run);
    assert_eq!(
        (found.status, found.last_error.as_deref()),
        (RunStatus::Failed, Some("Execution timed out after 300s"))
    );
    pass(&world, &process, 200);
    assert_eq!(process.find(&run).event_seq, found.event_seq);
    assert_eq!(world.upstream.arrivals("mug"), 0);
}

#[test]
fn a_queued_run_is_cancelled_at_once() {
    let world = TowerWorld::new(41);
    let client = world.client("one");
    let run = client.start(json!([make("mug", "low")]));
    assert_eq!(cancel(&client, &run), CancelOutcome::Cancelled);
    drop(client);
    let process = world.process("one");
    process.settle();
    assert_eq!(process.find(&run).status, RunStatus::Cancelled);
    assert_eq!(world.upstream.arrivals("mug"), 0);
}

#[test]
fn cancelling_a_run_that_waits_closes_its_ticket_and_gives_its_call_up() {
    let world = TowerWorld::new(42);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "high")]));
    process.settle();
    let ticket = process.ticket_of(&run).id;
    assert_eq!(cancel(&process, &run), CancelOutcome::Cancelled);
    let ticket = process.run(store::tickets::get(&process.services.db, ticket)).unwrap().unwrap();
    assert_eq!(ticket.status, TicketStatus::Rejected);
    assert_eq!(process.effects_of(&run)[0].status, EffectStatus::Aborted);
}

#[test]
fn a_running_run_is_cancelled_before_its_next_call() {
    let world = TowerWorld::new(43);
    let process = world.process("one");
    let run = process.start(json!([sleep(30), make("mug", "low")]));
    process.until(&run, RunStatus::Running);
    process.turns(200);
    assert_eq!(cancel(&process, &run), CancelOutcome::Requested);
    pass(&world, &process, 50);
    assert_eq!(process.find(&run).status, RunStatus::Cancelled);
    assert_eq!(world.upstream.arrivals("mug"), 0);
}

#[test]
fn a_cancellation_outlives_the_worker_that_was_told() {
    let world = TowerWorld::new(44);
    let process = world.process("one");
    let run = process.start(json!([sleep(30), make("mug", "low")]));
    process.until(&run, RunStatus::Running);
    assert_eq!(cancel(&process, &run), CancelOutcome::Requested);
    drop(process);
    let again = world.process("one");
    again.settle();
    assert_eq!(again.find(&run).status, RunStatus::Cancelled);
    assert_eq!(world.upstream.arrivals("mug"), 0);
}

#[test]
fn a_cancelled_run_frees_what_it_had_prepared() {
    let world = TowerWorld::new(45);
    let process = world.process("one");
    world.upstream.will([Reply::Unreachable]);
    // One branch has prepared its call and could not send it, while the other keeps the run at work.
    let plan = json!({"left": [make("mug", "low")], "right": [sleep(30)]});
    let run = process.start_with("fan", plan, None).unwrap();
    process.until(&run, RunStatus::Running);
    process.turns(400);
    assert_eq!(cancel(&process, &run), CancelOutcome::Requested);
    pass(&world, &process, 50);
    process.settle();
    assert_eq!(process.find(&run).status, RunStatus::Cancelled);
    assert_eq!(process.effects_of(&run)[0].status, EffectStatus::Aborted);
    let next = process.start(json!([make("mug", "low")]));
    process.settle();
    assert_eq!((process.find(&next).status, world.upstream.made("mug")), (RunStatus::Completed, 1));
}

#[test]
fn what_finished_beside_a_branch_that_waits_does_not_run_again() {
    let world = TowerWorld::new(46);
    let process = world.process("one");
    let plan = json!({"left": [make("mug", "medium")], "right": [make("cup", "low")], "z": [make("bag", "low")]});
    let run = process.start_with("fan", plan, None).unwrap();
    process.settle();
    assert_eq!((world.upstream.made("cup"), world.upstream.made("bag")), (1, 0), "the join waits for both");
    process.decide(process.ticket_of(&run).id, Verdict::Approve, json!({})).unwrap();
    process.settle();
    assert_eq!(process.find(&run).status, RunStatus::Completed);
    for key in ["mug", "cup", "bag"] {
        assert_eq!((world.upstream.arrivals(key), world.upstream.made(key)), (1, 1), "{key}");
    }
}

#[test]
fn branches_that_both_need_a_person_are_asked_about_one_after_the_other() {
    let world = TowerWorld::new(47);
    let process = world.process("one");
    let plan = json!({"left": [make("mug", "medium")], "right": [make("cup", "medium")]});
    let run = process.start_with("fan", plan, None).unwrap();
    for key in ["mug", "cup"] {
        process.settle();
        let ticket = process.ticket_of(&run);
        assert_eq!(ticket.proposed_action["params"]["key"], key);
        process.decide(ticket.id, Verdict::Approve, json!({})).unwrap();
    }
    process.settle();
    assert_eq!(process.find(&run).status, RunStatus::Completed);
    assert_eq!((world.upstream.made("mug"), world.upstream.made("cup")), (1, 1));
}

#[test]
fn a_second_run_gets_the_result_of_the_first() {
    let world = TowerWorld::new(48);
    let process = world.process("one");
    for _ in 0..2 {
        let run = process.start(json!([make("mug", "low")]));
        process.settle();
        assert_eq!(process.find(&run).status, RunStatus::Completed);
        process.advance(Duration::from_secs(1));
    }
    assert_eq!(world.upstream.arrivals("mug"), 1);
}
