//! An approval binds the exact call, once.

use domain::codes::Code;
use domain::effect::EffectStatus;
use domain::run::RunStatus;
use domain::ticket::{TicketStatus, Verdict};
use domain::tool::Risk;
use serde_json::json;
use std::time::Duration;
use testkit::TowerWorld;

use crate::plan::make;

fn code_of(error: tower::error::Error) -> Code {
    match error {
        tower::error::Error::Refused(refusal) => refusal.code,
        tower::error::Error::Store(error) => panic!("{error}"),
    }
}

#[test]
fn a_low_risk_call_is_made_without_a_person() {
    let world = TowerWorld::new(1);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "low")]));
    process.settle();
    assert_eq!(process.find(&run).status, RunStatus::Completed);
    assert_eq!(world.upstream.made("mug"), 1);
}

#[test]
fn an_approved_call_is_made_once_and_as_it_was_shown() {
    let world = TowerWorld::new(2);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    let ticket = process.ticket_of(&run);
    assert_eq!(world.upstream.arrivals("mug"), 0, "nothing leaves before a person has spoken");
    process.decide(ticket.id, Verdict::Approve, json!({})).unwrap();
    process.settle();
    let effect = process.effects_of(&run).remove(0);
    assert_eq!((effect.status, Some(effect.payload_hash)), (EffectStatus::Committed, ticket.payload_hash));
    assert_eq!(world.upstream.made("mug"), 1);
    assert_eq!(process.find(&run).status, RunStatus::Completed);
}

#[test]
fn a_call_that_is_no_longer_what_was_approved_is_not_made() {
    let world = TowerWorld::new(3);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    world.upstream.move_on();
    process.decide(process.ticket_of(&run).id, Verdict::Approve, json!({})).unwrap();
    process.settle();
    assert_eq!(world.upstream.arrivals("mug"), 0);
    assert_eq!(process.effects_of(&run)[0].status, EffectStatus::Aborted);
    assert!(process.events_of(&run).contains(&"effect.blocked".to_owned()));
}

#[test]
fn a_closed_level_asks_an_admin_and_a_person_may_let_the_call_through() {
    let world = TowerWorld::new(4);
    let process = world.process("one");
    let run = process.start(json!([{"tool": "make_gated", "params": {"key": "mug", "risk": "low"}}]));
    process.settle();
    let ticket = process.ticket_of(&run);
    assert_eq!(ticket.risk_level, Risk::High);
    assert!(ticket.context_pack["risk_flags"].as_array().unwrap().contains(&json!("gate:closed")));
    process.decide(ticket.id, Verdict::Approve, json!({})).unwrap();
    process.settle();
    assert_eq!(world.upstream.made("mug"), 1);
}

#[test]
fn rules_that_changed_after_the_approval_ask_again() {
    let mut world = TowerWorld::new(5);
    let before = world.process("one");
    let run = before.start(json!([make("mug", "medium")]));
    before.settle();
    drop(before);
    world.release = 2;
    let after = world.process("one");
    after.decide(after.ticket_of(&run).id, Verdict::Approve, json!({})).unwrap();
    after.settle();
    assert_eq!(world.upstream.arrivals("mug"), 0);
    let ticket = after.ticket_of(&run);
    assert_eq!(ticket.risk_level, Risk::High);
    assert!(ticket.context_pack["risk_flags"].as_array().unwrap().contains(&json!("policy:changed")));
    assert!(after.events_of(&run).contains(&"effect.blocked".to_owned()));
    after.decide(ticket.id, Verdict::Approve, json!({})).unwrap();
    after.settle();
    assert_eq!(world.upstream.made("mug"), 1);
    assert_eq!(after.find(&run).status, RunStatus::Completed);
}

#[test]
fn of_two_deciders_one_wins() {
    let world = TowerWorld::new(6);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    let ticket = process.ticket_of(&run);
    process.decide(ticket.id, Verdict::Reject, json!({"reason": "not today"})).unwrap();
    let second = process.decide(ticket.id, Verdict::Approve, json!({})).unwrap_err();
    assert_eq!(code_of(second), Code::TicketDecided);
    process.settle();
    assert_eq!(world.upstream.arrivals("mug"), 0);
    assert_eq!(process.find(&run).status, RunStatus::Completed, "the agent goes on without it");
}

#[test]
fn two_decisions_at_the_same_moment_have_one_winner() {
    let world = TowerWorld::new(7);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    let ticket = process.ticket_of(&run);
    let by = domain::ticket::Decider { subject: "owner".into(), role: domain::role::Role::Admin };
    let answer =
        |verdict| domain::ticket::Answer { verdict, payload: serde_json::Map::new(), expected_checkpoint: None };
    let check = testkit::any_params();
    let (yes, no) = process.run(async {
        tokio::join!(
            tower::tickets::decide(&process.services, &check, ticket.id, answer(Verdict::Approve), &by),
            tower::tickets::decide(&process.services, &check, ticket.id, answer(Verdict::Reject), &by),
        )
    });
    assert_eq!(usize::from(yes.is_ok()) + usize::from(no.is_ok()), 1);
    process.settle();
    assert_eq!(world.upstream.made("mug"), usize::from(yes.is_ok()));
}

#[test]
fn an_edit_is_another_call_and_the_agent_is_told_what_ran() {
    let world = TowerWorld::new(8);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    let ticket = process.ticket_of(&run);
    let edited = json!({"key": "mug", "risk": "medium", "colour": "blue"});
    process.decide(ticket.id, Verdict::Approve, json!({"params": edited})).unwrap();
    process.settle();
    assert_eq!(world.upstream.made("mug"), 1);
    let effect = process.effects_of(&run).remove(0);
    assert_ne!(Some(effect.payload_hash), ticket.payload_hash);
    let told = effect.result_payload.unwrap();
    assert_eq!((&told["edited"], &told["ran_with"]), (&json!(true), &edited));
}

#[test]
fn an_edit_may_not_do_what_another_run_is_about_to_do() {
    let world = TowerWorld::new(13);
    let process = world.process("one");
    process.start(json!([make("cup", "medium")]));
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    let ticket = process.ticket_of(&run);
    let edit = json!({"params": {"key": "cup", "risk": "medium"}});
    let refused = process.decide(ticket.id, Verdict::Approve, edit).unwrap_err();
    assert_eq!(code_of(refused), Code::PayloadChanged);
    assert_eq!(process.ticket_of(&run).status, TicketStatus::Pending, "the question stands");
}

#[test]
fn an_edit_may_not_raise_the_risk() {
    let world = TowerWorld::new(9);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    let ticket = process.ticket_of(&run);
    let refused =
        process.decide(ticket.id, Verdict::Approve, json!({"params": {"key": "mug", "risk": "high"}})).unwrap_err();
    assert_eq!(code_of(refused), Code::RiskRaised);
    assert_eq!(process.ticket_of(&run).status, TicketStatus::Pending, "the question stands");
}

#[test]
fn a_ticket_that_nobody_decides_fails_its_run_and_sends_nothing() {
    let world = TowerWorld::new(10);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    let ticket = process.ticket_of(&run);
    process.advance(Duration::from_secs(24 * 3600 + 1));
    assert_eq!(process.find(&run).status, RunStatus::Failed);
    assert_eq!(process.effects_of(&run)[0].status, EffectStatus::Aborted);
    let late = process.decide(ticket.id, Verdict::Approve, json!({})).unwrap_err();
    assert_eq!(code_of(late), Code::TicketExpired);
    assert_eq!(world.upstream.arrivals("mug"), 0);
}

#[test]
fn an_agent_hears_that_its_call_was_withdrawn() {
    let world = TowerWorld::new(11);
    let process = world.process("one");
    let run = process.start(json!([make("mug", "medium")]));
    process.settle();
    let ticket = process.ticket_of(&run);
    let withdrawn = process.run(async {
        let now = process.services.clock.now();
        let mut tx = process.services.db.begin().await.unwrap();
        let keys = ["make:mug".to_owned()];
        let all = store::tickets::withdraw(&mut tx, &keys, "order_cancelled", now, &|_| Vec::new()).await.unwrap();
        tx.commit().await.unwrap();
        all
    });
    assert_eq!(withdrawn.len(), 1);
    process.settle();
    assert_eq!(process.find(&run).status, RunStatus::Completed);
    assert_eq!(process.effects_of(&run)[0].status, EffectStatus::Aborted);
    assert_eq!(world.upstream.arrivals("mug"), 0);
    let refused = process.decide(ticket.id, Verdict::Approve, json!({})).unwrap_err();
    assert_eq!(code_of(refused), Code::TicketDecided);
}

#[test]
fn look_only_records_the_call_and_sends_nothing() {
    let mut world = TowerWorld::new(12);
    world.effects = tower::EffectsMode::Off;
    let process = world.process("one");
    let run = process.start(json!([make("mug", "low"), make("cup", "medium")]));
    process.settle();
    process.decide(process.ticket_of(&run).id, Verdict::Approve, json!({})).unwrap();
    process.settle();
    let statuses: Vec<_> = process.effects_of(&run).iter().map(|effect| effect.status).collect();
    assert_eq!(statuses, [EffectStatus::NotSent, EffectStatus::NotSent]);
    assert_eq!(world.upstream.arrivals("mug") + world.upstream.arrivals("cup"), 0);
    assert_eq!(process.find(&run).status, RunStatus::Completed);
}
