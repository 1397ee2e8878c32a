//! Lost answers, lost processes, lost leases: nothing is done twice.

use std::time::Duration;

use domain::effect::EffectStatus;
use domain::run::RunStatus;
use domain::ticket::{TicketType, Verdict};
use serde_json::json;
use testkit::{Reply, TowerWorld};

use crate::plan::{make, pass, sleep};

#[test]
fn a_call_whose_answer_was_lost_is_read_back_and_not_repeated() {
    let world = TowerWorld::new(20);
    let process = world.process("one");
    world.upstream.will([Reply::ActAndDrop]);
    let run = process.start(json!([make("mug", "low")]));
    process.settle();
    assert_eq!((world.upstream.arrivals("mug"), world.upstream.made("mug")), (1, 1));
    assert_eq!(process.find(&run).status, RunStatus::Completed);
    let events = process.events_of(&run);
    let at = |name: &str| events.iter().position(|event| event == name).unwrap();
    assert!(at("effect.unknown") < at("effect.reconciled") && at("effect.reconciled") < at("run.completed"));
}

#[test]
fn a_call_that_did_not_arrive_is_made_once_under_the_same_approval() {
    let world = TowerWorld::new(21);
    let process = world.process("one");
    world.upstream.will([Reply::Cut]);
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    process.decide(process.ticket_of(&run).id, Verdict::Approve, json!({})).unwrap();
    process.settle();
    assert_eq!(world.upstream.arrivals("mug"), 1, "a pause lies between two attempts");
    process.advance(Duration::from_secs(5));
    assert_eq!((world.upstream.arrivals("mug"), world.upstream.made("mug")), (2, 1));
    assert_eq!(process.find(&run).status, RunStatus::Completed);
}

/// A run whose effect stays unclear for a quarter of an hour, so that a person is asked.
fn unclear(world: &TowerWorld, reply: Reply) -> (testkit::Process, domain::ids::RunId) {
    let process = world.process("one");
    world.upstream.set_blind(true);
    world.upstream.will([reply]);
    let run = process.start(json!([make("mug", "low")]));
    process.settle();
    let effect = process.effects_of(&run).remove(0);
    assert_eq!((effect.status, process.find(&run).status), (EffectStatus::Unknown, RunStatus::Queued));
    for _ in 0..16 {
        process.advance(Duration::from_secs(60));
    }
    assert_eq!(process.ticket_of(&run).ticket_type, TicketType::EffectReconcile);
    assert_eq!(world.upstream.arrivals("mug"), 1, "nothing is repeated meanwhile");
    (process, run)
}

#[test]
fn what_cannot_be_read_back_is_sent_again_when_a_person_says_so() {
    let world = TowerWorld::new(22);
    let (process, run) = unclear(&world, Reply::Cut);
    process.decide(process.ticket_of(&run).id, Verdict::Approve, json!({})).unwrap();
    process.settle();
    assert_eq!(world.upstream.made("mug"), 1);
    assert_eq!(process.effects_of(&run)[0].status, EffectStatus::Committed);
    assert_eq!(process.find(&run).status, RunStatus::Completed);
}

#[test]
fn what_cannot_be_read_back_counts_as_done_when_a_person_says_so() {
    let world = TowerWorld::new(23);
    let (process, run) = unclear(&world, Reply::ActAndDrop);
    process.decide(process.ticket_of(&run).id, Verdict::Reject, json!({"note": "ref-77"})).unwrap();
    process.settle();
    let effect = process.effects_of(&run).remove(0);
    assert_eq!((effect.status, effect.provider_ref.as_deref()), (EffectStatus::Committed, Some("ref-77")));
    assert_eq!(world.upstream.made("mug"), 1);
    assert_eq!(process.find(&run).status, RunStatus::Completed);
}

#[test]
fn a_call_that_could_not_leave_waits_and_goes_under_the_same_approval() {
    let world = TowerWorld::new(24);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    world.upstream.will([Reply::Unreachable]);
    process.decide(process.ticket_of(&run).id, Verdict::Approve, json!({})).unwrap();
    process.settle();
    let effect = process.effects_of(&run).remove(0);
    assert_eq!((effect.status, process.find(&run).status), (EffectStatus::Prepared, RunStatus::Queued));
    process.advance(Duration::from_secs(5));
    assert_eq!(world.upstream.made("mug"), 1);
    assert_eq!(process.find(&run).status, RunStatus::Completed);
}

#[test]
fn a_refused_call_is_an_answer_for_the_agent() {
    let world = TowerWorld::new(25);
    let process = world.process("one");
    world.upstream.will([Reply::Refuse]);
    let run = process.start(json!([make("mug", "low")]));
    process.settle();
    assert_eq!(process.effects_of(&run)[0].status, EffectStatus::Failed);
    assert_eq!(process.find(&run).status, RunStatus::Completed);
}

#[test]
fn a_process_that_dies_after_its_call_left_does_not_repeat_it() {
    let world = TowerWorld::new(26);
    let process = world.process("one");
    world.upstream.will([Reply::Hang]);
    let run = process.start(json!([make("mug", "low")]));
    while world.upstream.made("mug") == 0 {
        process.turns(4);
    }
    drop(process);
    let again = world.process("one");
    again.settle();
    assert_eq!(again.find(&run).status, RunStatus::Completed);
    assert_eq!((world.upstream.arrivals("mug"), world.upstream.made("mug")), (1, 1));
}

#[test]
fn a_process_that_dies_at_any_turn_loses_and_doubles_nothing() {
    for turns in 0..60 {
        let world = TowerWorld::new(100 + u64::from(turns));
        let process = world.process("one");
        let run = process.start(json!([make("mug", "low"), make("cup", "low")]));
        process.turns(turns);
        drop(process);
        let again = world.process("one");
        again.settle();
        assert_eq!(again.find(&run).status, RunStatus::Completed, "after {turns} turns");
        assert_eq!((world.upstream.made("mug"), world.upstream.made("cup")), (1, 1), "after {turns} turns");
    }
}

#[test]
fn another_instance_waits_for_the_lease_of_a_dead_one() {
    let world = TowerWorld::new(27);
    let process = world.process("one");
    let run = process.start(json!([sleep(30), make("mug", "low")]));
    process.until(&run, RunStatus::Running);
    drop(process);
    let other = world.process("two");
    other.settle();
    assert_eq!(other.find(&run).lease_owner.as_deref(), Some("one"));
    world.clock.advance(Duration::from_secs(61));
    other.sweep();
    other.until(&run, RunStatus::Running);
    pass(&world, &other, 60);
    other.settle();
    assert_eq!((other.find(&run).status, world.upstream.made("mug")), (RunStatus::Completed, 1));
}

#[test]
fn a_worker_that_lost_its_lease_writes_nothing() {
    let world = TowerWorld::new(28);
    let slow = world.process("slow");
    let run = slow.start(json!([sleep(100), make("mug", "low")]));
    slow.until(&run, RunStatus::Running);
    slow.turns(200);
    // The slow process stands still for longer than its lease; another one takes over.
    world.clock.advance(Duration::from_secs(61));
    let other = world.process("other");
    other.sweep();
    other.until(&run, RunStatus::Running);
    other.turns(200);
    let before = other.find(&run);
    assert_eq!(before.lease_owner.as_deref(), Some("other"));
    // Its sleep is over, the other's is not.
    world.clock.advance(Duration::from_secs(40));
    slow.turns(400);
    let after = other.find(&run);
    assert_eq!(
        (after.event_seq, after.lease_epoch, after.lease_owner),
        (before.event_seq, before.lease_epoch, before.lease_owner)
    );
    assert_eq!(world.upstream.arrivals("mug"), 0);
    pass(&world, &other, 70);
    other.settle();
    assert_eq!((other.find(&run).status, world.upstream.made("mug")), (RunStatus::Completed, 1));
}

#[test]
fn the_third_lost_lease_without_progress_fails_the_run() {
    let world = TowerWorld::new(29);
    let mut process = Some(world.process("one"));
    let run = process.as_ref().unwrap().start(json!([sleep(250)]));
    for _ in 0..3 {
        let working = process.take().unwrap();
        working.until(&run, RunStatus::Running);
        // Past the guardrail, into the node that never leaves a checkpoint.
        working.turns(400);
        drop(working);
        process = Some(world.process("one"));
    }
    let found = process.unwrap().find(&run);
    assert_eq!((found.status, found.last_error.as_deref()), (RunStatus::Failed, Some("worker lost")));
}
