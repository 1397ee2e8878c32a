//! The workflow of a run: its definition at the pinned version, validated once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::AgentId;
use domain::run::Run;
use domain::workflow::{self, ValidatedWorkflow};
use store::{Db, StoreError};

type Key = (String, Option<i64>);

/// A definition that can be executed, or the sentence that says why not.
pub type Loaded = Result<Arc<ValidatedWorkflow>, String>;

/// Loads and keeps validated definitions. A version never changes, so what was validated once stays valid.
#[derive(Debug, Clone)]
pub struct Workflows {
    db: Db,
    known_agents: Arc<Vec<String>>,
    cache: Arc<Mutex<HashMap<Key, Arc<ValidatedWorkflow>>>>,
}

/// Workflow ids of this prefix mean a graph of that one agent.
const SOLO: &str = "crew_solo_";

impl Workflows {
    /// Definitions from `db` that may name `known_agents`.
    #[must_use]
    pub fn new(db: Db, known_agents: Vec<String>) -> Self {
        Self { db, known_agents: Arc::new(known_agents), cache: Arc::default() }
    }

    /// The definition that `run` executes.
    ///
    /// # Errors
    /// When the store failed. A definition that is missing or broken is a value: the run fails with that sentence.
    pub async fn of_run(&self, run: &Run) -> Result<Loaded, StoreError> {
        let key = (run.workflow_id.to_string(), run.workflow_version);
        if let Some(found) = self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Ok(Arc::clone(found)));
        }
        let loaded = self.load(&key).await?;
        if let Ok(workflow) = &loaded {
            let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            cache.insert(key, Arc::clone(workflow));
        }
        Ok(loaded)
    }

    async fn load(&self, key: &Key) -> Result<Loaded, StoreError> {
        let (id, version) = key;
        if let Some(agent) = id.strip_prefix(SOLO) {
            let Ok(agent) = agent.parse::<AgentId>() else { return Ok(Err(format!("unknown agent `{agent}`"))) };
            if !self.known_agents.iter().any(|known| known == agent.as_str()) {
                return Ok(Err(format!("unknown agent `{agent}`")));
            }
            return Ok(self.check(id, workflow::solo(&agent)));
        }
        let definition = match version {
            Some(version) => store::registries::workflow_version(&self.db, id, *version).await?,
            None => store::registries::get_workflow(&self.db, id).await?.map(|found| found.definition),
        };
        Ok(match definition {
            Some(definition) => match serde_json::from_value(definition) {
                Ok(definition) => self.check(id, definition),
                Err(error) => Err(format!("workflow `{id}` cannot be read: {error}")),
            },
            None => Err(format!("unknown workflow `{id}`")),
        })
    }

    fn check(&self, id: &str, definition: workflow::Definition) -> Loaded {
        workflow::validate(definition, &self.known_agents)
            .map(Arc::new)
            .map_err(|problems| format!("workflow `{id}` is not valid: {}", problems.join("; ")))
    }
}
