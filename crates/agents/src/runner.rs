//! Runs the nodes of workflows: classification, agents, and the error handler.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use llm::Llm;
use tower::segment::SegmentError;
use tower::{NodeOutcome, NodeRunner, NodeTask, Session};

use crate::node;
use crate::registry::AgentDefinition;
use crate::toolbox::Toolbox;

/// Agent id of the classifier.
const ORCHESTRATOR: &str = "orchestrator";
/// Agent id of the error handler.
const ERROR_HANDLER: &str = "error_handler";
/// Agent id of the campaign subgraph.
const SUB_AGENTS: &str = "sub_agents";

/// The agents of this process.
#[derive(Debug)]
pub struct AgentRunner {
    pub(crate) llm: Arc<Llm>,
    pub(crate) toolbox: Arc<Toolbox>,
    agents: BTreeMap<String, AgentDefinition>,
}

impl AgentRunner {
    /// Runs `agents` with models from `llm` and tools from `toolbox`.
    #[must_use]
    pub fn new(llm: Arc<Llm>, toolbox: Arc<Toolbox>, agents: Vec<AgentDefinition>) -> Self {
        let agents = agents.into_iter().map(|agent| (agent.agent_id.to_string(), agent)).collect();
        Self { llm, toolbox, agents }
    }
}

#[async_trait]
impl NodeRunner for AgentRunner {
    fn known_agents(&self) -> Vec<String> {
        self.agents.keys().cloned().chain([ERROR_HANDLER.to_owned(), SUB_AGENTS.to_owned()]).collect()
    }

    async fn run(&self, session: &Session, task: NodeTask) -> Result<NodeOutcome, SegmentError> {
        if task.agent_id == ERROR_HANDLER {
            return Ok(node::error_handler::run(session, &task).await);
        }
        if task.agent_id == ORCHESTRATOR
            && let Some(outcome) = node::classify::by_task(&task.state)
        {
            return Ok(outcome);
        }
        match self.agents.get(&task.agent_id) {
            Some(agent) => node::agent::run(self, session, agent, task).await,
            None => Ok(node::unavailable(&task.agent_id)),
        }
    }
}
