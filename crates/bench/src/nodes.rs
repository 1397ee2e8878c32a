//! Nodes that do no work of their own, so that what is measured is the engine.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use clock::SharedClock;
use domain::checkpoint::Pending;
use domain::ids::{CheckpointId, EffectId, InterruptId};
use domain::ticket::{ContextPack, LIFE_SECONDS, NewTicket, TicketType};
use domain::tool::Risk;
use serde_json::{Map, json};
use tokio::sync::mpsc;
use tower::effects::ToolCatalog;
use tower::node::TicketDraft;
use tower::segment::SegmentError;
use tower::{NodeOutcome, NodeRunner, NodeTask, ParkRequest, Session};

/// The agent that all synthetic workflows name.
pub(crate) const STEP: &str = "step";
/// The agent that asks a person first.
pub(crate) const ASK: &str = "ask";

/// Says when a node began: 1 at its first visit, 2 after a decision.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Began {
    pub(crate) visit: u8,
    pub(crate) at: Duration,
}

/// Runs the synthetic nodes.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) clock: SharedClock,
    pub(crate) began: mpsc::UnboundedSender<Began>,
}

#[async_trait::async_trait]
impl NodeRunner for Nodes {
    fn known_agents(&self) -> Vec<String> {
        vec![STEP.to_owned(), ASK.to_owned()]
    }

    async fn run(&self, session: &Session, task: NodeTask) -> Result<NodeOutcome, SegmentError> {
        let asks = task.agent_id == ASK;
        let parked = task.pending.is_some();
        if session.run().metadata.get("timed").is_some() {
            // Nobody listens any more when the measurement is over.
            let _ = self.began.send(Began { visit: if parked { 2 } else { 1 }, at: self.clock.monotonic() });
        }
        if asks && !parked {
            return Ok(NodeOutcome::Park(Box::new(question(session, &task))));
        }
        let result = json!({"status": "ok", "summary": "a step of the benchmark", "figures": [1, 2, 3, 4, 5, 6, 7, 8]});
        Ok(NodeOutcome::Done(Map::from_iter([(format!("{}_result", task.node), result)])))
    }
}

fn question(session: &Session, task: &NodeTask) -> ParkRequest {
    let now = session.now();
    ParkRequest {
        effect: None,
        ticket: TicketDraft {
            ticket: NewTicket {
                ticket_type: TicketType::ToolCall,
                risk_level: Risk::Medium,
                proposed_action: json!({"tool": "bench", "params": {}}),
                context_pack: ContextPack::default().into_json(),
                // Both are given when the run parks.
                checkpoint_id: CheckpointId::from_stored(String::new()),
                interrupt_id: InterruptId::from_stored(String::new()),
                payload_hash: "0".repeat(64),
                effect_id: EffectId::from_hex(&"0".repeat(32)),
                gate_epoch: 0,
                policy_version: "0".repeat(16),
                created_at: now,
                expires_at: now + TimeDelta::seconds(LIFE_SECONDS),
            },
        },
        pending: Pending::begin(task.node.clone()),
        events: Vec::new(),
    }
}

/// A catalogue without tools.
#[derive(Debug)]
pub(crate) struct NoTools;

impl ToolCatalog for NoTools {
    fn get(&self, _id: &str) -> Option<Arc<dyn gateway::Tool>> {
        None
    }

    fn all(&self) -> Vec<Arc<dyn gateway::Tool>> {
        Vec::new()
    }
}
