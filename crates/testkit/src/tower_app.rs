//! The Tower on a SQLite file, with the clock, the ids and the world in the hands of the test.
//!
//! Each [`Process`] is a runtime of its own that moves only while the test waits for it, so dropping it is a crash: its
//! tasks end wherever they stand, nothing is released, and the next process finds what was committed.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clock::{Clock, Ids, ManualClock, SeededEntropy};
use domain::checkpoint::Checkpoint;
use domain::guardrails::Redactor;
use domain::ids::{CheckpointId, RunId, TicketId};
use domain::role::Role;
use domain::run::{Run, RunStatus};
use domain::ticket::{Answer, Decider, Ticket, Verdict};
use gateway::Tool;
use serde_json::{Map, Value, json};
use store::registries::{AgentConfig, WorkflowRow, seed_agent, seed_workflow};
use store::writer::Writer;
use store::{Db, Target};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::runs::{StartRequest, Started};
use tower::supervisor::Supervisor;
use tower::tickets::{Decided, ParamsCheck};
use tower::worker::Worker;
use tower::{EffectsMode, Services, Settings, sweepers};

use crate::scripted_nodes::ScriptedNodes;
use crate::scripted_tools::{ScriptedTools, Upstream};

/// How often a process is looked at until it has come to rest, a millisecond apart.
const LOOKS: u32 = 3_000;

/// What outlives the processes: the database, the clock, the upstream.
#[derive(Debug)]
pub struct TowerWorld {
    /// Stands until it is moved.
    pub clock: Arc<ManualClock>,
    /// Behind the scripted tools.
    pub upstream: Arc<Upstream>,
    /// Whether mutating calls leave the processes started from now on.
    pub effects: EffectsMode,
    /// Release of the tools of the processes started from now on; another one has other rules.
    pub release: u32,
    folder: TempDir,
    seed: AtomicU64,
}

impl TowerWorld {
    /// An empty world; ids are drawn from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            clock: Arc::new(ManualClock::at_epoch()),
            upstream: Arc::default(),
            effects: EffectsMode::On,
            release: 1,
            folder: TempDir::with_prefix("holly-tower-").expect("a temporary folder"),
            seed: AtomicU64::new(seed.wrapping_mul(1_000)),
        }
    }

    /// Starts a process as the program does: the schema, its own leases back, the worker.
    #[must_use]
    pub fn process(&self, instance: &str) -> Process {
        let process = self.client(instance);
        process.run(async {
            sweepers::recover_own(&process.services).await.expect("own leases");
            process.worker.start();
        });
        process
    }

    /// A process whose worker does not work: it takes requests only.
    #[must_use]
    pub fn client(&self, instance: &str) -> Process {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (services, worker) = runtime.block_on(self.open(instance));
        Process { services, worker, clock: Arc::clone(&self.clock), runtime }
    }

    async fn open(&self, instance: &str) -> (Services, Worker) {
        let seed = self.seed.fetch_add(1, Ordering::Relaxed);
        let ids = Ids::new(Arc::new(SeededEntropy::new(seed)));
        let db = Db::open(&Target::Sqlite { path: self.folder.path().join("tower.db") }).await.expect("a database");
        db.migrate(self.clock.now()).await.expect("the schema");
        seed_fan(&db, &self.clock).await;
        let supervisor = Supervisor::new();
        let clock = self.clock.clone();
        let writer = Writer::start(db.clone(), ids.clone(), clock.clone(), supervisor.tracker(), supervisor.stopping());
        let settings = Settings {
            instance: instance.to_owned(),
            workers: 8,
            effects: self.effects,
            shutdown_grace: Duration::from_secs(20),
            trace_content: false,
        };
        let services = Services {
            db,
            writer,
            clock,
            ids,
            tools: Arc::new(ScriptedTools::new(&self.upstream, self.release)),
            redactor: Arc::new(Redactor::new(Vec::new())),
            settings: Arc::new(settings),
            supervisor,
            live: tower::live::Hub::new(Arc::new(Redactor::new(Vec::new()))),
        };
        let worker = Worker::new(services.clone(), Arc::new(ScriptedNodes));
        (services, worker)
    }
}

/// One running program. Dropping it is a crash.
#[derive(Debug)]
pub struct Process {
    /// Its parts.
    pub services: Services,
    /// Its worker.
    pub worker: Worker,
    clock: Arc<ManualClock>,
    runtime: Runtime,
}

impl Process {
    /// Waits for `work`; meanwhile the process moves.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Lets the process move for `turns` turns of its scheduler, and stops it wherever it then stands.
    pub fn turns(&self, turns: u32) {
        self.run(async {
            for turn in 0..turns {
                tokio::task::yield_now().await;
                // The threads of the database get their chance, too.
                if turn % 4 == 3 {
                    tokio::time::sleep(Duration::from_micros(200)).await;
                }
            }
        });
    }

    /// Starts a run of one node that does `steps`.
    pub fn start(&self, steps: Value) -> RunId {
        self.start_with("crew_solo_scripted", json!({"scripted": steps}), None).expect("a run")
    }

    /// Starts a run of `workflow` by `plan`, under an idempotency key when one is given.
    ///
    /// # Errors
    /// A refusal, or a failure of the store.
    pub fn start_with(&self, workflow: &str, plan: Value, key: Option<&str>) -> tower::error::Result<RunId> {
        let request = StartRequest {
            workflow_id: Some(domain::ids::WorkflowId::from_stored(workflow.to_owned())),
            run_name: None,
            input_state: Map::from_iter([("plan".to_owned(), plan)]),
            metadata: Map::new(),
            created_by: "test".to_owned(),
            priority: 5,
            serial_key: None,
            idempotency_key: key.map(str::to_owned),
        };
        self.run(tower::runs::start(&self.services, request, &owner())).map(|started| started.run_id)
    }

    /// Starts an ended run again, as the owner of the shop.
    ///
    /// # Errors
    /// A refusal, or a failure of the store.
    pub fn retry(&self, run_id: &RunId, key: &str, at: Option<&CheckpointId>) -> tower::error::Result<Started> {
        self.run(tower::branches::retry(&self.services, run_id, key, at, &owner()))
    }

    /// Starts a run at a checkpoint of an ended one with another state, as the owner of the shop.
    ///
    /// # Errors
    /// A refusal, or a failure of the store.
    pub fn fork(&self, run_id: &RunId, at: &CheckpointId, state: Value) -> tower::error::Result<Started> {
        let state = state.as_object().cloned().unwrap_or_default();
        self.run(tower::branches::fork(&self.services, run_id, at, state, &owner()))
    }

    /// Ends a run that no worker holds, as the owner of the shop.
    pub fn cancel(&self, run_id: &RunId) {
        let outcome = self.run(tower::runs::cancel(&self.services, run_id, "enough", &owner())).expect("an open run");
        assert_eq!(outcome, store::runs::CancelOutcome::Cancelled);
    }

    /// The checkpoints of a run, oldest first.
    #[must_use]
    pub fn checkpoints_of(&self, run_id: &RunId) -> Vec<Checkpoint> {
        self.run(store::checkpoints::list(&self.services.db, run_id)).expect("the store")
    }

    /// The row of a run.
    #[must_use]
    pub fn find(&self, run_id: &RunId) -> Run {
        self.run(store::runs::get(&self.services.db, run_id)).expect("the store").expect("the run")
    }

    /// The ticket that a run waits for.
    #[must_use]
    pub fn ticket_of(&self, run_id: &RunId) -> Ticket {
        let run = self.find(run_id);
        assert_eq!(run.status, RunStatus::WaitingApproval, "{:?}", run.last_error);
        let id = run.last_ticket_id.expect("a ticket");
        self.run(store::tickets::get(&self.services.db, id)).expect("the store").expect("the ticket")
    }

    /// The names of the events of a run, in order.
    #[must_use]
    pub fn events_of(&self, run_id: &RunId) -> Vec<String> {
        let events = self.run(store::events::list(&self.services.db, run_id.as_str(), 0, 1_000)).expect("the store");
        events.into_iter().map(|event| event.event_type).collect()
    }

    /// The effects of a run, oldest first.
    #[must_use]
    pub fn effects_of(&self, run_id: &RunId) -> Vec<domain::effect::Effect> {
        self.run(store::effects::for_run(&self.services.db, run_id)).expect("the store")
    }

    /// Decides a ticket as the owner of the shop.
    ///
    /// # Errors
    /// A refusal, or a failure of the store.
    pub fn decide(&self, ticket: TicketId, verdict: Verdict, payload: Value) -> tower::error::Result<Decided> {
        let payload = payload.as_object().cloned().unwrap_or_default();
        let answer = Answer { verdict, payload, expected_checkpoint: None };
        self.run(tower::tickets::decide(&self.services, &any_params(), ticket, answer, &owner()))
    }

    /// Moves the clock, lets the sweepers look, and waits until the process has come to rest.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.sweep();
        self.settle();
    }

    /// Lets the sweepers look once.
    pub fn sweep(&self) {
        self.run(async {
            sweepers::recover(&self.services).await.expect("the lease sweeper");
            sweepers::expire(&self.services).await.expect("the ticket sweeper");
            sweepers::settle(&self.services).await.expect("the sweeper of what ended runs left");
        });
    }

    /// Waits until no run is at work and none could be claimed.
    ///
    /// # Panics
    /// When that does not happen.
    pub fn settle(&self) {
        assert!(self.run(self.comes_to_rest()), "the process did not come to rest: {:#?}", self.open());
    }

    /// Waits until the run has this status.
    ///
    /// # Panics
    /// When that does not happen.
    pub fn until(&self, run_id: &RunId, status: RunStatus) {
        for _ in 0..LOOKS {
            if self.find(run_id).status == status {
                return;
            }
            self.services.db.wake();
            self.turns(4);
        }
        panic!("{run_id} did not become {}: {:?}", status.as_str(), self.find(run_id));
    }

    async fn comes_to_rest(&self) -> bool {
        let mut quiet = 0;
        for _ in 0..LOOKS {
            // A hint may be lost at any time; here it is given again, so that the clock need not be moved for a poll.
            self.services.db.wake();
            let queue = store::runs::queue_stats(&self.services.db, self.clock.now()).await.expect("the queue");
            quiet = if queue.depth == 0 && !self.is_at_work().await { quiet + 1 } else { 0 };
            if quiet == 3 {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        false
    }

    /// Whether this process holds a run. What another one left behind is of no concern before its lease is over.
    async fn is_at_work(&self) -> bool {
        let filter = store::runs::RunFilter { status: Some(RunStatus::Running), limit: 1_000, ..Default::default() };
        let running = store::runs::list(&self.services.db, &filter).await.expect("the runs");
        running.iter().any(|run| run.lease_owner.as_deref() == Some(&self.services.settings.instance))
    }

    /// What keeps the process from its rest: status, lease and timeline of the runs that are not at an end.
    fn open(&self) -> Vec<String> {
        let filter = store::runs::RunFilter { limit: 1_000, ..store::runs::RunFilter::default() };
        let runs = self.run(store::runs::list(&self.services.db, &filter)).expect("the runs");
        let open = runs.iter().filter(|run| !run.status.is_terminal());
        open.map(|run| {
            let lease = (&run.lease_owner, run.lease_epoch, run.cancel_requested);
            format!("{} {} {lease:?} {:?}", run.run_id, run.status.as_str(), self.events_of(&run.run_id))
        })
        .collect()
    }
}

fn owner() -> Decider {
    Decider { subject: "owner".to_owned(), role: Role::Admin }
}

/// Accepts any parameters of an edited call that name a key.
#[must_use]
pub fn any_params() -> impl ParamsCheck {
    struct AnyParams;
    impl ParamsCheck for AnyParams {
        fn check(&self, _tool: &Arc<dyn Tool>, params: &Value) -> Result<Value, Vec<(String, String)>> {
            match params.get("key") {
                Some(_) => Ok(params.clone()),
                None => Err(vec![("key".to_owned(), "is missing".to_owned())]),
            }
        }
    }
    AnyParams
}

/// `fan`: from `a` to `left` and `right` at once, then `z`.
async fn seed_fan(db: &Db, clock: &ManualClock) {
    let node = |id: &str, entry: bool| json!({"node_id": id, "agent_id": "scripted", "is_entry_point": entry});
    let edge = |id: &str, from: &str, to: &str| json!({"edge_id": id, "source_node_id": from, "target_node_id": to});
    let definition = json!({
        "nodes": [node("a", true), node("left", false), node("right", false), node("z", false)],
        "edges": [edge("e1", "a", "left"), edge("e2", "a", "right"), edge("e3", "left", "z"), edge("e4", "right", "z")],
    });
    let row = WorkflowRow {
        workflow_id: "fan".to_owned(),
        display_name: "Fan".to_owned(),
        description: String::new(),
        version: 1,
        is_active: true,
        is_builtin: true,
        definition,
        created_at: clock.now(),
        updated_at: clock.now(),
    };
    let agent = AgentConfig {
        agent_id: "scripted".to_owned(),
        channel_id: "K3".to_owned(),
        display_name: "Scripted".to_owned(),
        description: String::new(),
        model_id: "gpt4o_mini".to_owned(),
        system_prompt: String::new(),
        tool_ids: Vec::new(),
        is_builtin: true,
        version: 1,
        updated_at: clock.now(),
    };
    let mut tx = db.begin().await.expect("a transaction");
    seed_agent(&mut tx, &agent, clock.now()).await.expect("the agent");
    seed_workflow(&mut tx, &row, clock.now()).await.expect("the workflow");
    tx.commit().await.expect("the commit");
}
