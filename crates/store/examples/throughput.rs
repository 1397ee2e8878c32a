//! Measures three-step runs per second through the writer: `throughput sqlite PATH | postgres URL [RUNS]`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use clock::{Clock, Ids, SystemClock};
use domain::checkpoint::{Checkpoint, CheckpointMeta, Source};
use domain::event::{NewEvent, OutboxMessage, TOWER_EVENTS};
use domain::ids::WorkflowId;
use domain::run::NewRun;
use domain::state::RunState;
use holly_store::writer::{Claim, Claimed, Head, StartRun, StepCommit, Writer};
use holly_store::{Db, Target};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const IN_FLIGHT: usize = 64;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let target = match arguments.first().map(String::as_str) {
        Some("sqlite") => Target::Sqlite { path: arguments[1].clone().into() },
        _ => Target::Postgres { url: arguments[1].clone(), pool_size: 8 },
    };
    let runs: usize = arguments.get(2).map_or(Ok(5_000), |text| text.parse())?;
    let clock = Arc::new(SystemClock::new());
    let db = Db::open(&target).await?;
    db.migrate(clock.now()).await?;
    let (tracker, cancel, ids) = (TaskTracker::new(), CancellationToken::new(), Ids::random());
    let writer = Writer::start(db.clone(), ids.clone(), clock.clone(), &tracker, cancel.clone());

    let from = clock.monotonic();
    let starts = (0..runs).map(|_| writer.start_run(start(&ids, clock.now())));
    for started in futures_util::future::join_all(starts).await {
        started?;
    }
    println!("enqueue: {:.0} runs/s", per_second(runs, clock.monotonic() - from));

    let from = clock.monotonic();
    let done = AtomicUsize::new(0);
    let mut flying = JoinSet::new();
    while done.load(Ordering::Relaxed) + flying.len() < runs || !flying.is_empty() {
        let room = IN_FLIGHT - flying.len();
        if room >= IN_FLIGHT / 4 && done.load(Ordering::Relaxed) + flying.len() < runs {
            let now = clock.now();
            let wish = Claim {
                owner: "bench".to_owned(),
                limit: i64::try_from(room)?,
                lease_until: now + TimeDelta::seconds(60),
                now,
            };
            for claimed in writer.claim(wish).await? {
                flying.spawn(walk(writer.clone(), ids.clone(), clock.clone(), claimed));
            }
        }
        if let Some(ended) = flying.join_next().await {
            ended??;
            done.fetch_add(1, Ordering::Relaxed);
        }
    }
    println!("three-step runs: {:.0} runs/s", per_second(runs, clock.monotonic() - from));
    cancel.cancel();
    tracker.close();
    tracker.wait().await;
    Ok(())
}

fn per_second(count: usize, took: std::time::Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let count = count as f64;
    count / took.as_secs_f64()
}

fn message(ids: &Ids, msg_type: &'static str) -> OutboxMessage {
    OutboxMessage { msg_id: ids.hex(8), stream: TOWER_EVENTS, msg_type, payload: json!({"status": msg_type}) }
}

fn start(ids: &Ids, now: domain::time::Timestamp) -> StartRun {
    let state = json!({"messages": [{"type": "human", "content": "Is order #1042 printed?"}], "trigger_source": "api"});
    let run = NewRun {
        run_id: ids.run(),
        workflow_id: WorkflowId::from_stored("default".to_owned()),
        workflow_version: Some(1),
        priority: 5,
        run_name: None,
        input_state: RunState::new(state.as_object().cloned().unwrap_or_default()),
        metadata: json!({}),
        created_by: "bench".to_owned(),
        serial_key: None,
        idempotency_key: None,
        parent: None,
        created_at: now,
    };
    StartRun { run, outbox: vec![message(ids, "run.queued")] }
}

async fn walk(
    writer: Writer,
    ids: Ids,
    clock: Arc<SystemClock>,
    claimed: Claimed,
) -> Result<(), holly_store::StoreError> {
    let mut newest = claimed.checkpoint.clone();
    for step in 1..=3 {
        let now = clock.now();
        newest = Checkpoint {
            checkpoint_id: ids.checkpoint(),
            parent_id: Some(newest.checkpoint_id.clone()),
            metadata: CheckpointMeta {
                node_name: Some("n".to_owned()),
                step,
                source: Source::Loop,
                next: vec!["n".to_owned()],
            },
            created_at: now,
            ..newest
        };
        let mut commit = StepCommit::new(claimed.run.run_id.clone(), claimed.fence.clone(), now);
        commit.checkpoint = Some(newest.clone());
        commit.events = vec![NewEvent::node_started("n"), NewEvent::node_finished("n", 0, None)];
        if step == 3 {
            commit.events.push(NewEvent::run_completed("done", false, 0.0, 0, 1));
            commit.outbox = vec![message(&ids, "run.completed")];
            commit.head = Head::Complete;
        }
        let _ = writer.step(commit).await?;
    }
    Ok(())
}
