//! The Tower over one database, with synthetic nodes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clock::{Ids, SharedClock, SystemClock};
use domain::guardrails::Redactor;
use domain::ids::{RunId, WorkflowId};
use domain::run::NewRun;
use domain::state::RunState;
use serde_json::{Value, json};
use store::registries::{WorkflowRow, seed_workflow};
use store::writer::{StartRun, Writer};
use store::{Db, Target};
use tokio::sync::{Mutex, mpsc};
use tower::messages::Messages;
use tower::supervisor::Supervisor;
use tower::worker::Worker;
use tower::{EffectsMode, Services, Settings};

use crate::nodes::{ASK, Began, NoTools, Nodes, STEP};

/// Runs in flight at once.
pub(crate) const WORKERS: usize = 64;
/// Three steps, one after the other.
pub(crate) const THREE_STEPS: &str = "bench_three";
/// One step that asks a person.
pub(crate) const ONE_QUESTION: &str = "bench_ask";

/// An open database and what works on it.
pub(crate) struct Bench {
    pub(crate) services: Services,
    pub(crate) began: Mutex<mpsc::UnboundedReceiver<Began>>,
    nodes: Arc<Nodes>,
}

impl Bench {
    /// Opens the database, brings its schema up to date, and starts the writer. No worker runs yet.
    pub(crate) async fn open(target: &Target) -> Result<Self> {
        let clock: SharedClock = Arc::new(SystemClock::new());
        let ids = Ids::random();
        let db = Db::open(target).await?;
        db.migrate(clock.now()).await?;
        seed(&db, &clock).await?;
        let supervisor = Supervisor::new();
        let writer = Writer::start(db.clone(), ids.clone(), clock.clone(), supervisor.tracker(), supervisor.stopping());
        let settings = Settings {
            instance: "bench".to_owned(),
            workers: WORKERS,
            effects: EffectsMode::On,
            shutdown_grace: Duration::from_secs(20),
            trace_content: false,
        };
        let services = Services {
            db,
            writer,
            clock: clock.clone(),
            ids,
            tools: Arc::new(NoTools),
            redactor: Arc::new(Redactor::new(Vec::new())),
            settings: Arc::new(settings),
            supervisor,
            live: tower::live::Hub::new(Arc::new(Redactor::new(Vec::new()))),
        };
        let (sender, began) = mpsc::unbounded_channel();
        let nodes = Arc::new(Nodes { clock, began: sender });
        Ok(Self { services, began: Mutex::new(began), nodes })
    }

    /// Starts the worker.
    pub(crate) fn start_worker(&self) {
        Worker::new(self.services.clone(), self.nodes.clone()).start();
    }

    /// The clock that all measurements read.
    pub(crate) fn clock(&self) -> &SharedClock {
        &self.services.clock
    }

    /// Queues one run as the start request of a client does.
    pub(crate) async fn enqueue(&self, workflow: &str, timed: bool) -> Result<RunId> {
        let run = self.new_run(workflow, timed);
        let run_id = run.run_id.clone();
        let outbox = vec![Messages(&self.services.ids).queued(&run)];
        self.services.writer.start_run(StartRun { run, outbox }).await?;
        Ok(run_id)
    }

    fn new_run(&self, workflow: &str, timed: bool) -> NewRun {
        let input = json!({"messages": [{"type": "human", "content": "How did the shop do yesterday?"}], "trigger_source": "api"});
        let metadata = if timed { json!({"actor": "bench", "timed": true}) } else { json!({"actor": "bench"}) };
        NewRun {
            run_id: self.services.ids.run(),
            workflow_id: WorkflowId::from_stored(workflow.to_owned()),
            workflow_version: Some(1),
            priority: 5,
            run_name: None,
            input_state: RunState::new(input.as_object().cloned().unwrap_or_default()),
            metadata,
            created_by: "bench".to_owned(),
            serial_key: None,
            idempotency_key: None,
            parent: None,
            created_at: self.clock().now(),
        }
    }

    /// Stops everything and closes the database.
    pub(crate) async fn close(&self) {
        self.services.supervisor.shut_down().await;
        self.services.db.close().await;
    }
}

async fn seed(db: &Db, clock: &SharedClock) -> Result<()> {
    let node = |id: &str, agent: &str, entry: bool| json!({"node_id": id, "agent_id": agent, "is_entry_point": entry});
    let edge = |id: &str, from: &str, to: &str| json!({"edge_id": id, "source_node_id": from, "target_node_id": to});
    let three = json!({
        "nodes": [node("a", STEP, true), node("b", STEP, false), node("c", STEP, false)],
        "edges": [edge("e1", "a", "b"), edge("e2", "b", "c")],
    });
    let ask = json!({"nodes": [node("a", ASK, true)], "edges": []});
    let mut tx = db.begin().await?;
    for (id, definition) in [(THREE_STEPS, three), (ONE_QUESTION, ask)] {
        seed_workflow(&mut tx, &row(id, definition, clock), clock.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn row(id: &str, definition: Value, clock: &SharedClock) -> WorkflowRow {
    WorkflowRow {
        workflow_id: id.to_owned(),
        display_name: id.to_owned(),
        description: String::new(),
        version: 1,
        is_active: false,
        is_builtin: true,
        definition,
        created_at: clock.now(),
        updated_at: clock.now(),
    }
}
