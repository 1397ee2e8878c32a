//! An upstream that does what the test says, and the tools that reach it.
//!
//! Parameters of a call: `{"key": .., "risk": "low" | "medium" | "high", ..}`. `key` names the thing to be made; it is
//! the business key too, unless `"nameless": true` says that there is none. The resolved call holds the `revision` that the upstream is at, so that a test can let the
//! world move between approval and execution.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::{EffectId, ToolId};
use domain::tool::{Access, Recovery, Risk, ToolSpec};
use gateway::{CallContext, Executed, Permit, Reconciled, Resolution, Resolved, SendError, Tool, ToolError};
use serde_json::{Value, json};
use tower::effects::ToolCatalog;

/// How the upstream treats the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Acts and answers.
    Answer,
    /// Acts, and the answer is lost.
    ActAndDrop,
    /// Is cut off before it acts; the caller cannot tell.
    Cut,
    /// Refuses.
    Refuse,
    /// Is not reached at all.
    Unreachable,
    /// Acts, and never answers: the caller waits until it is dropped.
    Hang,
}

#[derive(Debug, Default)]
struct State {
    replies: VecDeque<Reply>,
    /// Requests that came in, by key.
    arrivals: BTreeMap<String, usize>,
    /// What was made, by key: the provider key of each time it was.
    made: BTreeMap<String, Vec<String>>,
    revision: i64,
    blind: bool,
}

/// The world behind the tools. It outlives every process, and it never tells two requests of one key apart: what is
/// done twice is counted twice.
#[derive(Debug, Default)]
pub struct Upstream(Mutex<State>);

impl Upstream {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Treats the next requests like this, in order; afterwards it answers again.
    pub fn will(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state().replies.extend(replies);
    }

    /// Forgets what [`Upstream::will`] said.
    pub fn behave(&self) {
        self.state().replies.clear();
    }

    /// Whether it can be asked what became of a request.
    pub fn set_blind(&self, blind: bool) {
        self.state().blind = blind;
    }

    /// Moves the world on: calls resolved before no longer resolve to the same.
    pub fn move_on(&self) {
        self.state().revision += 1;
    }

    /// Requests that came in for `key`, acted on or not.
    #[must_use]
    pub fn arrivals(&self, key: &str) -> usize {
        self.state().arrivals.get(key).copied().unwrap_or_default()
    }

    /// How often `key` was made.
    #[must_use]
    pub fn made(&self, key: &str) -> usize {
        self.state().made.get(key).map_or(0, Vec::len)
    }

    /// Everything that was made more than once.
    #[must_use]
    pub fn doubled(&self) -> Vec<String> {
        self.state()
            .made
            .iter()
            .filter(|(_, keys)| keys.len() > 1)
            .map(|(key, keys)| format!("{key}: {keys:?}"))
            .collect()
    }

    fn arrive(&self, key: &str) -> Reply {
        let mut state = self.state();
        let reply = state.replies.pop_front().unwrap_or(Reply::Answer);
        if reply != Reply::Unreachable {
            *state.arrivals.entry(key.to_owned()).or_default() += 1;
        }
        reply
    }

    fn act(&self, key: &str, provider_key: &str) {
        self.state().made.entry(key.to_owned()).or_default().push(provider_key.to_owned());
    }

    fn look_up(&self, key: &str, provider_key: &str) -> Option<bool> {
        let state = self.state();
        let made = || state.made.get(key).is_some_and(|keys| keys.iter().any(|made| made == provider_key));
        (!state.blind).then(made)
    }
}

struct ScriptedTool {
    spec: ToolSpec,
    upstream: Arc<Upstream>,
}

fn key_of(params: &Value) -> &str {
    params.get("key").and_then(Value::as_str).unwrap_or_default()
}

fn made(key: &str) -> Executed {
    Executed { result: json!({"made": key}), provider_ref: Some(format!("ref-{key}")), order_facts: None, undo: None }
}

#[async_trait::async_trait]
impl Tool for ScriptedTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn resolve(&self, _context: &CallContext, params: &Value) -> Result<Resolution, ToolError> {
        let key = key_of(params).to_owned();
        if key.is_empty() {
            return Err(ToolError::new("no_key", "the call names nothing to make"));
        }
        let risk = params.get("risk").and_then(Value::as_str).and_then(Risk::parse).unwrap_or(self.spec.risk);
        let revision = self.upstream.state().revision;
        let mut resolved = Resolved::plain(params.clone(), risk, format!("make {key}"));
        resolved.call = json!({"key": key, "revision": revision});
        let nameless = params.get("nameless") == Some(&Value::Bool(true));
        resolved.business_key = (!nameless).then(|| format!("make:{key}"));
        Ok(Resolution::Call(Box::new(resolved)))
    }

    async fn execute(&self, permit: Permit, call: &Resolved) -> Result<Executed, SendError> {
        let key = key_of(&call.params);
        // Places where a process may die: before anything was sent, and before the answer was read.
        tokio::task::yield_now().await;
        let reply = self.upstream.arrive(key);
        if matches!(reply, Reply::Answer | Reply::ActAndDrop | Reply::Hang) {
            self.upstream.act(key, permit.provider_key());
        }
        tokio::task::yield_now().await;
        match reply {
            Reply::Answer => Ok(made(key)),
            Reply::ActAndDrop | Reply::Cut => Err(SendError::Unclear { reason: "the connection was cut".to_owned() }),
            Reply::Refuse => Err(SendError::Refused(ToolError::new("refused", "the upstream refused"))),
            Reply::Unreachable => {
                Err(SendError::NotSent { reason: "connect refused".to_owned(), retry_after_s: Some(5) })
            }
            Reply::Hang => std::future::pending().await,
        }
    }

    async fn reconcile(&self, _effect: &EffectId, provider_key: &str, prepared: &Value, _age: i64) -> Reconciled {
        let key = prepared.get("params").map(key_of).unwrap_or_default();
        tokio::task::yield_now().await;
        match self.upstream.look_up(key, provider_key) {
            Some(true) => Reconciled::Committed(made(key)),
            Some(false) => Reconciled::Absent,
            None => Reconciled::NoAnswer("the upstream does not answer".to_owned()),
        }
    }
}

/// The tools of a process: `make`, which serves no goal level, and `make_gated`, which serves one that is closed.
#[derive(Clone)]
pub struct ScriptedTools(Vec<Arc<dyn Tool>>);

impl std::fmt::Debug for ScriptedTools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScriptedTools").field("count", &self.0.len()).finish()
    }
}

/// A level that has no row; what cannot be read is closed.
const CLOSED_LEVEL: u8 = 9;

impl ScriptedTools {
    /// Tools that reach `upstream`. Another `release` declares another schema, so that its rules are new.
    #[must_use]
    pub fn new(upstream: &Arc<Upstream>, release: u32) -> Self {
        let tool = |id: &str, goal_level| {
            let spec = ToolSpec {
                id: ToolId::from_stored(id.to_owned()),
                display_name: "Make a thing",
                description: "Makes a thing in the scripted world",
                category: "scripted",
                schema: json!({"type": "object", "properties": {"key": {"type": "string"}}, "release": release}),
                access: Access::Mutate,
                risk: Risk::Medium,
                recovery: Recovery::Lookup,
                goal_level,
                repeatable: false,
            };
            Arc::new(ScriptedTool { spec, upstream: Arc::clone(upstream) }) as Arc<dyn Tool>
        };
        Self(vec![tool("make", None), tool("make_gated", Some(CLOSED_LEVEL))])
    }
}

impl ToolCatalog for ScriptedTools {
    fn get(&self, id: &str) -> Option<Arc<dyn Tool>> {
        self.0.iter().find(|tool| tool.spec().id.as_str() == id).cloned()
    }

    fn all(&self) -> Vec<Arc<dyn Tool>> {
        self.0.clone()
    }
}
