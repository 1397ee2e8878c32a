//! Jobs: each fire once, across looks, processes and restarts; failures into the dead letter queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::RunId;
use domain::run::RunStatus;
use domain::schedule::{Job, Zone, job};
use serde_json::{Value, json};
use store::registries::{WorkflowRow, seed_workflow};
use store::scheduler::{JobState, Tick};
use testkit::{Process, TowerWorld};
use tower::scheduler::{Fired, Host, InternalEnd, Retry, RetryState, Scheduler, fire_now, retry, retry_state};

/// What the program around the Tower does, as a test wants it.
#[derive(Default)]
struct Scripted {
    worked: AtomicUsize,
    exploration: Option<f64>,
    refuses: Option<&'static str>,
}

#[async_trait]
impl Host for Scripted {
    fn unavailable(&self, job: &Job) -> Option<String> {
        (self.refuses == Some(job.id)).then(|| "not built".to_owned())
    }

    async fn work(&self, job: &Job) -> InternalEnd {
        self.worked.fetch_add(1, Ordering::SeqCst);
        if job.id == "health_check" { InternalEnd::Failed("no answer".to_owned()) } else { InternalEnd::Done }
    }

    async fn prepare(&self, job: &Job) -> Result<Option<Value>, String> {
        Ok((job.id == "order_check").then(|| json!({"orders": 3})))
    }

    async fn exploration(&self) -> Option<f64> {
        self.exploration
    }
}

fn scheduler(process: &Process, host: Scripted) -> Scheduler {
    let scheduler = Scheduler::new(process.services.clone(), Arc::new(host), Zone::UTC);
    process.run(scheduler.prepare()).unwrap();
    scheduler
}

fn look(process: &Process, scheduler: &Scheduler) {
    process.run(scheduler.look()).unwrap();
    process.turns(40);
    process.settle();
    process.run(scheduler.look()).unwrap();
}

fn state(process: &Process, id: &str) -> JobState {
    let states = process.run(store::scheduler::states(&process.services.db)).unwrap();
    states.into_iter().find(|state| state.job_id == id).unwrap()
}

fn ticks(process: &Process, id: &str) -> Vec<Tick> {
    let ticks =
        process.run(store::scheduler::recent(&process.services.db, chrono::DateTime::UNIX_EPOCH, 1_000)).unwrap();
    ticks.into_iter().filter(|tick| tick.job_id == id).collect()
}

fn with_failing_workflow(process: &Process, id: &str) {
    let now = process.services.clock.now();
    let row = WorkflowRow {
        workflow_id: id.to_owned(),
        display_name: "Broken".to_owned(),
        description: String::new(),
        version: 1,
        is_active: false,
        is_builtin: true,
        definition: json!({"nodes": [{"node_id": "a", "agent_id": "nobody", "is_entry_point": true}], "edges": []}),
        created_at: now,
        updated_at: now,
    };
    process.run(async {
        let mut tx = process.services.db.begin().await.unwrap();
        seed_workflow(&mut tx, &row, now).await.unwrap();
        tx.commit().await.unwrap();
    });
}

#[test]
fn a_fire_happens_once_however_often_and_by_whomever_it_is_looked_at() {
    let world = TowerWorld::new(60);
    let one = world.process("one");
    let two = world.client("two");
    let (first, second) = (scheduler(&one, Scripted::default()), scheduler(&two, Scripted::default()));
    world.clock.advance(Duration::from_secs(30 * 60));
    one.run(first.look()).unwrap();
    two.run(second.look()).unwrap();
    look(&one, &first);
    let ticks = ticks(&one, "order_check");
    assert_eq!(ticks.len(), 1, "{ticks:?}");
    assert_eq!(ticks[0].state, "ok");
    let run_id: RunId = ticks[0].run_id.as_deref().unwrap().parse().unwrap();
    let run = one.find(&run_id);
    assert_eq!(run.created_by.as_deref(), Some("scheduler"));
    assert_eq!(run.metadata["job_id"], "order_check");
    assert_eq!(run.input_state.get("trigger_payload").unwrap()["prepared"], json!({"orders": 3}));
}

#[test]
fn a_stop_across_a_fire_loses_it_not_and_doubles_it_not() {
    let world = TowerWorld::new(61);
    let before = world.process("one");
    scheduler(&before, Scripted::default());
    drop(before);
    world.clock.advance(Duration::from_secs(47 * 60));
    let after = world.process("one");
    let scheduler = scheduler(&after, Scripted::default());
    look(&after, &scheduler);
    look(&after, &scheduler);
    assert_eq!(ticks(&after, "order_check").len(), 1);
    assert_eq!(state(&after, "order_check").last_status.as_deref(), Some("ok"));
}

#[test]
fn what_nobody_knows_counts_as_closed() {
    let world = TowerWorld::new(62);
    let process = world.process("one");
    let unknown = scheduler(&process, Scripted::default());
    world.clock.advance(Duration::from_secs(24 * 3600));
    look(&process, &unknown);
    let post = state(&process, "instagram_post_9");
    assert_eq!(post.last_status.as_deref(), Some("skipped"));
    assert!(post.skip_reason.unwrap().starts_with("gate:"));
    assert!(state(&process, "solana_mining_check").skip_reason.unwrap().starts_with("not available:"));
    let open = scheduler(&process, Scripted { exploration: Some(0.05), ..Scripted::default() });
    world.clock.advance(Duration::from_secs(24 * 3600));
    look(&process, &open);
    assert_eq!(state(&process, "instagram_post_9").last_status.as_deref(), Some("ok"));
}

#[test]
fn a_paused_job_skips_and_can_still_be_fired_by_hand() {
    let world = TowerWorld::new(63);
    let process = world.process("one");
    let scheduler = scheduler(&process, Scripted::default());
    process.run(async {
        let mut tx = process.services.db.begin().await.unwrap();
        let _ = store::scheduler::set_paused(&mut tx, "efficacy_aggregation", true, process.services.clock.now()).await;
        tx.commit().await.unwrap();
    });
    world.clock.advance(Duration::from_secs(30 * 60));
    look(&process, &scheduler);
    let paused = state(&process, "efficacy_aggregation");
    assert_eq!((paused.last_status.as_deref(), paused.skip_reason.as_deref()), (Some("skipped"), Some("paused")));
    world.clock.advance(Duration::from_secs(7));
    let fired = process.run(fire_now(&scheduler, job("efficacy_aggregation").unwrap())).unwrap();
    process.turns(40);
    assert_eq!(fired, Fired::Done);
    assert_eq!(state(&process, "efficacy_aggregation").last_status.as_deref(), Some("ok"));
}

#[test]
fn a_failure_inside_the_process_is_noted_and_is_no_dead_letter() {
    let world = TowerWorld::new(64);
    let process = world.process("one");
    let scheduler = scheduler(&process, Scripted::default());
    world.clock.advance(Duration::from_secs(15 * 60));
    look(&process, &scheduler);
    let health = state(&process, "health_check");
    assert_eq!((health.last_status.as_deref(), health.last_error.as_deref()), (Some("failed"), Some("no answer")));
    assert!(process.run(store::dead_letters::list(&process.services.db, false, 10)).unwrap().is_empty());
}

#[test]
fn what_is_not_built_says_so() {
    let world = TowerWorld::new(65);
    let process = world.process("one");
    let scheduler = scheduler(&process, Scripted { refuses: Some("aps_evaluation"), ..Scripted::default() });
    world.clock.advance(Duration::from_secs(5 * 60));
    look(&process, &scheduler);
    assert_eq!(state(&process, "aps_evaluation").skip_reason.as_deref(), Some("not available: not built"));
}

#[test]
fn a_failed_run_is_tried_again_twice_and_then_left_to_a_person() {
    let world = TowerWorld::new(66);
    let process = world.process("one");
    with_failing_workflow(&process, "signal_generator");
    let scheduler = scheduler(&process, Scripted::default());
    world.clock.advance(Duration::from_secs(2 * 3600));
    look(&process, &scheduler);
    let letters = || process.run(store::dead_letters::list(&process.services.db, true, 10)).unwrap();
    let first = letters().remove(0);
    assert_eq!((first.job_id.as_str(), first.attempts), ("signal_generator", 1));
    assert_eq!(process.run(scheduler.retry_due()).unwrap(), 0, "not due yet");
    let mut attempts = Vec::new();
    for _ in 0..4 {
        world.clock.advance(Duration::from_secs(11 * 60));
        process.run(scheduler.retry_due()).unwrap();
        process.settle();
        process.run(scheduler.look()).unwrap();
        process.settle();
        let letter = letters().into_iter().find(|letter| letter.id == first.id).unwrap();
        attempts.push((letter.attempts, letter.next_retry_at.is_some()));
    }
    assert_eq!(attempts, [(2, true), (3, false), (3, false), (3, false)]);
}

#[test]
fn a_person_may_try_an_exhausted_entry_again_and_only_once_at_a_time() {
    let world = TowerWorld::new(67);
    let process = world.process("one");
    with_failing_workflow(&process, "signal_generator");
    let scheduler = scheduler(&process, Scripted::default());
    world.clock.advance(Duration::from_secs(2 * 3600));
    look(&process, &scheduler);
    let id = process.run(store::dead_letters::list(&process.services.db, true, 10)).unwrap()[0].id;
    let Retry::Started(run) = process.run(retry(&scheduler, id)).unwrap() else { panic!("a retry") };
    assert_eq!(process.run(retry(&scheduler, id)).unwrap(), Retry::InFlight);
    process.settle();
    assert_eq!(process.find(&run).status, RunStatus::Failed);
    assert_eq!(process.run(retry_state(&scheduler, id, &run)).unwrap(), RetryState::Failed);
    assert_eq!(process.run(retry(&scheduler, 4_711)).unwrap(), Retry::Gone);
}

#[test]
fn a_job_whose_last_run_has_not_ended_is_skipped() {
    let world = TowerWorld::new(68);
    // Nobody works here, so the first run stays queued.
    let process = world.client("one");
    let scheduler = scheduler(&process, Scripted::default());
    world.clock.advance(Duration::from_secs(30 * 60));
    process.run(scheduler.look()).unwrap();
    process.turns(40);
    world.clock.advance(Duration::from_secs(30 * 60));
    process.run(scheduler.look()).unwrap();
    assert_eq!(state(&process, "order_check").skip_reason.as_deref(), Some("still_running"));
    let by_hand = process.run(fire_now(&scheduler, job("order_check").unwrap())).unwrap();
    assert_eq!(by_hand, Fired::StillRunning);
}
