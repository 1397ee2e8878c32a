//! A fresh, migrated database of each engine, with a writer and a clock that stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use clock::{Clock, Ids, ManualClock};
use domain::checkpoint::{CallState, Checkpoint, CheckpointMeta, Pending, PendingCall, Source};
use domain::event::{NewEvent, OutboxMessage, TOWER_EVENTS};
use domain::ids::{EffectId, NodeId, RunId, TicketId, WorkflowId};
use domain::run::NewRun;
use domain::state::RunState;
use domain::ticket::{NewTicket, TicketType};
use domain::time::Timestamp;
use domain::tool::{Recovery, Risk};
use serde_json::{Map, json};
use store::effects::NewEffect;
use store::parks::{Park, ParkOutcome, park};
use store::writer::{Claim, Claimed, StartRun, StepCommit, StepOutcome, Writer};
use store::{Db, Target};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::lossy::Lossy;

pub(crate) const OWNER: &str = "worker-a";

/// One database with everything that a test needs.
pub(crate) struct Fixture {
    pub(crate) db: Db,
    pub(crate) target: Target,
    pub(crate) writer: Writer,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Ids,
    tracker: TaskTracker,
    cancel: CancellationToken,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Runs `test` on a fresh database of each engine. The crate's own, and not that of `testkit`, which stands on crates
/// that stand on this one.
///
/// # Panics
/// When no PostgreSQL is named, unless `HOLLY_ALLOW_MISSING=1` allows to leave it out.
pub(crate) async fn each<F: Future<Output = ()>>(test: impl Fn(Arc<Fixture>) -> F) {
    let folder = tempfile::TempDir::new().unwrap();
    run(Target::Sqlite { path: folder.path().join("holly.db") }, &test).await;
    on_postgres(async |url| run(Target::Postgres { url, pool_size: 6 }, &test).await).await;
}

/// Runs `test` on PostgreSQL through a proxy that can lose a COMMIT or its answer; a file cannot lose either.
///
/// # Panics
/// As [`each`].
pub(crate) async fn over_a_lossy_line<F: Future<Output = ()>>(test: impl Fn(Arc<Fixture>, Arc<Lossy>) -> F) {
    on_postgres(async |url| {
        let line = Arc::new(Lossy::before(&url).await);
        run(Target::Postgres { url: line.url.clone(), pool_size: 6 }, &|f| test(f, line.clone())).await;
    })
    .await;
}

/// Runs `test` with the address of a fresh database.
#[expect(clippy::disallowed_methods, reason = "tests are told of their server by the environment")]
async fn on_postgres(test: impl AsyncFnOnce(String)) {
    let Ok(admin) = std::env::var("HOLLY_TEST_DATABASE_URL") else {
        let allowed = std::env::var("HOLLY_ALLOW_MISSING").is_ok_and(|value| value == "1");
        assert!(allowed, "HOLLY_TEST_DATABASE_URL is unset: `cargo xtask test` starts a private PostgreSQL");
        eprintln!("SKIPPED on PostgreSQL: HOLLY_TEST_DATABASE_URL is unset and HOLLY_ALLOW_MISSING=1");
        return;
    };
    let name = format!("holly_store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let url = store::testing::create_database(&admin, &name).await.unwrap();
    test(url).await;
    store::testing::drop_database(&admin, &name).await.unwrap();
}

async fn run<F: Future<Output = ()>>(target: Target, test: &impl Fn(Arc<Fixture>) -> F) {
    eprintln!("on {target:?}");
    let fixture = Arc::new(open(target).await);
    test(fixture.clone()).await;
    fixture.cancel.cancel();
    fixture.tracker.close();
    fixture.tracker.wait().await;
    fixture.db.close().await;
}

async fn open(target: Target) -> Fixture {
    let db = Db::open(&target).await.unwrap();
    let clock = Arc::new(ManualClock::at_epoch());
    db.migrate(clock.now()).await.unwrap();
    let (tracker, cancel) = (TaskTracker::new(), CancellationToken::new());
    let ids = Ids::random();
    let writer = Writer::start(db.clone(), ids.clone(), clock.clone(), &tracker, cancel.clone());
    Fixture { db, target, writer, clock, ids, tracker, cancel }
}

impl Fixture {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn new_run(&self) -> NewRun {
        NewRun {
            run_id: RunId::from_hex(&format!("{:016x}", NEXT.fetch_add(1, Ordering::Relaxed))),
            workflow_id: WorkflowId::from_stored("default".to_owned()),
            workflow_version: Some(1),
            priority: 5,
            run_name: Some("Order #1042 paid".to_owned()),
            input_state: state(json!({"trigger_source": "api"})),
            metadata: json!({"actor": "tests"}),
            created_by: "api".to_owned(),
            serial_key: None,
            idempotency_key: None,
            parent: None,
            created_at: self.now(),
        }
    }

    pub(crate) fn message(&self, msg_type: &'static str) -> OutboxMessage {
        OutboxMessage { msg_id: self.ids.hex(8), stream: TOWER_EVENTS, msg_type, payload: json!({"a": 1}) }
    }

    pub(crate) async fn start(&self, run: NewRun) -> RunId {
        let id = run.run_id.clone();
        self.writer.start_run(StartRun { run, outbox: vec![self.message("run.queued")] }).await.unwrap();
        id
    }

    pub(crate) fn wish(&self, owner: &str, limit: i64) -> Claim {
        Claim { owner: owner.to_owned(), limit, lease_until: self.now() + TimeDelta::seconds(60), now: self.now() }
    }

    pub(crate) async fn claim(&self, limit: i64) -> Vec<Claimed> {
        self.writer.claim(self.wish(OWNER, limit)).await.unwrap()
    }

    /// Starts a run and claims it.
    pub(crate) async fn running(&self) -> Claimed {
        let id = self.start(self.new_run()).await;
        let claimed = self.claim(1).await.remove(0);
        assert_eq!(claimed.run.run_id, id);
        claimed
    }

    pub(crate) fn commit(&self, claimed: &Claimed) -> StepCommit {
        StepCommit::new(claimed.run.run_id.clone(), claimed.fence.clone(), self.now())
    }

    pub(crate) fn next_checkpoint(&self, before: &Checkpoint, source: Source) -> Checkpoint {
        Checkpoint {
            checkpoint_id: self.ids.checkpoint(),
            parent_id: Some(before.checkpoint_id.clone()),
            metadata: CheckpointMeta {
                node_name: Some("operations".to_owned()),
                step: before.metadata.step + 1,
                source,
                next: vec!["output_guardrail".to_owned()],
            },
            created_at: self.now(),
            ..before.clone()
        }
    }

    pub(crate) fn effect(&self, claimed: &Claimed, business_key: &str) -> NewEffect {
        let params = json!({"order": business_key});
        let prepared = domain::effect::prepared_payload("printful_submit_order", &params, &json!({}));
        let params_hash = domain::effect::params_hash(&params);
        NewEffect {
            effect_id: domain::effect::effect_id(&claimed.run.run_id, "printful_submit_order", &params_hash, None),
            run_id: claimed.run.run_id.clone(),
            tool_name: "printful_submit_order".to_owned(),
            params_hash,
            payload_hash: domain::effect::payload_hash(&prepared),
            prepared_payload: prepared,
            created_at: self.now(),
            tool_call_id: Some("c2".to_owned()),
            business_key: Some(business_key.to_owned()),
            provider_key: "5830".to_owned(),
            recovery: Recovery::Lookup,
            goal_level: Some(3),
            gate_epoch: 0,
            policy_version: "policy-1".to_owned(),
            margin_minor: Some(1_250),
        }
    }

    pub(crate) fn park_of(&self, claimed: &Claimed, effect: NewEffect) -> Park {
        let mut checkpoint = self.next_checkpoint(&claimed.checkpoint, Source::Interrupt);
        checkpoint.pending = vec![pending(CallState::Waiting, Some(effect.effect_id.clone()))];
        Park {
            run_id: claimed.run.run_id.clone(),
            fence: claimed.fence.clone(),
            ticket: NewTicket {
                ticket_type: TicketType::ToolCall,
                risk_level: Risk::Medium,
                proposed_action: json!({"tool": "printful_submit_order", "params": {}}),
                context_pack: json!({"tldr": "print?"}),
                checkpoint_id: checkpoint.checkpoint_id.clone(),
                interrupt_id: self.ids.interrupt(),
                payload_hash: effect.payload_hash.clone(),
                effect_id: effect.effect_id.clone(),
                gate_epoch: 0,
                policy_version: effect.policy_version.clone(),
                created_at: self.now(),
                expires_at: self.now() + TimeDelta::hours(24),
            },
            checkpoint,
            effect: Some(effect),
            effect_changes: vec![],
            events_before: vec![NewEvent::node_started("operations")],
            spans: Vec::new(),
            wait: None,
            now: self.now(),
        }
    }

    /// A run that waits for a person, with its ticket and effect.
    pub(crate) async fn parked(&self, business_key: &str) -> (RunId, TicketId, EffectId) {
        let claimed = self.running().await;
        let effect = self.effect(&claimed, business_key);
        let effect_id = effect.effect_id.clone();
        let mut tx = self.db.begin().await.unwrap();
        let message = self.message("run.waiting_approval");
        let outcome = park(&mut tx, self.park_of(&claimed, effect), |_| vec![message]).await.unwrap();
        tx.commit().await.unwrap();
        let ParkOutcome::Parked { ticket_id } = outcome else { panic!("{outcome:?}") };
        (claimed.run.run_id, ticket_id, effect_id)
    }

    /// The names of a run's events; their numbers have no gap.
    pub(crate) async fn timeline(&self, run_id: &RunId) -> Vec<String> {
        let events = store::events::list(&self.db, run_id.as_str(), 0, 1_000).await.unwrap();
        for (index, event) in events.iter().enumerate() {
            assert_eq!(usize::try_from(event.seq).unwrap(), index + 1, "{events:?}");
        }
        events.into_iter().map(|event| event.event_type).collect()
    }
}

pub(crate) fn pending(state: CallState, effect_id: Option<EffectId>) -> Pending {
    Pending {
        node: NodeId::from_stored("operations".to_owned()),
        round: 2,
        llm_call_id: None,
        update: None,
        unanswered_since: None,
        conversation: vec![domain::message::Message::human("hello")],
        calls: vec![PendingCall {
            id: "c2".to_owned(),
            name: "printful_submit_order".to_owned(),
            state,
            effect_id,
            ticket_id: None,
            result: None,
        }],
    }
}

pub(crate) fn state(value: serde_json::Value) -> RunState {
    RunState::new(value.as_object().cloned().unwrap_or_else(Map::new))
}

pub(crate) fn done(outcome: StepOutcome) {
    assert!(matches!(outcome, StepOutcome::Done { .. }), "{outcome:?}");
}
