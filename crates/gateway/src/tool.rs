//! What a tool implements.

use domain::ids::{EffectId, OrderKey, RunId};
use domain::money::Money;
use domain::order::OrderFacts;
use domain::tool::{Risk, ToolSpec};
use serde_json::{Map, Value, json};

use crate::door::Permit;

/// Who calls, and for which run. A required argument of every tool: no call is made for nobody.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// The run, when there is one.
    pub run_id: Option<RunId>,
    /// The agent that proposed the call.
    pub agent_id: String,
    /// Where the run's task came from, e.g. `webhook:shopify`.
    pub trigger_source: String,
}

/// A refusal that the model is told about: stable code, sentence, and facts that help it to go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ToolError {
    /// Stable name, e.g. `order_not_printable`.
    pub code: &'static str,
    /// What happened and what may be done, one sentence.
    pub message: String,
    /// Further members of the result.
    pub details: Map<String, Value>,
    /// Whether the same call may succeed later without anyone doing anything.
    pub transient: bool,
}

impl ToolError {
    /// A final refusal.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new(), transient: false }
    }

    /// A failure of the upstream or the way to it.
    #[must_use]
    pub fn transient(code: &'static str, message: impl Into<String>) -> Self {
        Self { transient: true, ..Self::new(code, message) }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// The tool result that the model reads: `{"error": code, "message": .., ..}`.
    #[must_use]
    pub fn to_result(&self) -> Value {
        let mut result = self.details.clone();
        result.insert("error".to_owned(), json!(self.code));
        result.insert("message".to_owned(), json!(self.message));
        Value::Object(result)
    }
}

/// The exact outgoing call that parameters turn into, found by reads alone.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Parameters with defaults filled in; what `params_hash` is made of.
    pub params: Value,
    /// The resolved call, an object without personal data: shown, hashed and stored. `{}` when nothing is resolved.
    pub call: Value,
    /// Members of `call` that bind an approval; none: all of them.
    pub binding: Option<&'static [&'static str]>,
    /// Risk of this very call; never below the tool's own without a rule that says so.
    pub risk: Risk,
    /// Extra flags for the ticket, e.g. `margin:negative`.
    pub risk_flags: Vec<String>,
    /// What the effect does in the world, unique across runs.
    pub business_key: Option<String>,
    /// Idempotency key or external id for the upstream; none: the gateway derives one from the effect id.
    pub provider_key: Option<String>,
    /// For printing: the order that must be printable, and the version of its row.
    pub order: Option<(OrderKey, i64)>,
    /// Facts read on the way that belong in the order row.
    pub order_facts: Option<OrderFacts>,
    /// Shop margin the call moves, minor units of `cost.currency`.
    pub margin_minor: Option<i64>,
    /// What it costs, when known.
    pub cost: Option<Money>,
    /// What it brings in, when known.
    pub revenue: Option<Money>,
    /// The order for people, e.g. `#1042`.
    pub subject_name: Option<String>,
    /// One line for the ticket, without personal data.
    pub preview: String,
    /// Things that `execute` needs and nobody may store (an address). Never serialised.
    pub private: Private,
}

/// Data that lives in memory only: its debug form shows nothing.
#[derive(Clone, Default)]
pub struct Private(pub Option<Value>);

impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Resolved {
    /// A call that resolves to its parameters alone.
    #[must_use]
    pub fn plain(params: Value, risk: Risk, preview: impl Into<String>) -> Self {
        Self {
            params,
            call: json!({}),
            binding: None,
            risk,
            risk_flags: Vec::new(),
            business_key: None,
            provider_key: None,
            order: None,
            order_facts: None,
            margin_minor: None,
            cost: None,
            revenue: None,
            subject_name: None,
            preview: preview.into(),
            private: Private::default(),
        }
    }
}

/// What resolving came to.
#[derive(Debug, Clone)]
pub enum Resolution {
    /// A call to make.
    Call(Box<Resolved>),
    /// Nothing is to be done: this is already the result (e.g. printed before). `order_facts` bring the row up to it.
    Settled {
        /// The tool result.
        result: Value,
        /// Facts for the order row.
        order_facts: Option<Box<OrderFacts>>,
    },
}

/// A clear success.
#[derive(Debug, Clone)]
pub struct Executed {
    /// The tool result.
    pub result: Value,
    /// The upstream's id of the thing made.
    pub provider_ref: Option<String>,
    /// Facts for the order row, written in the commit of the result.
    pub order_facts: Option<OrderFacts>,
    /// What is needed to undo it.
    pub undo: Option<Value>,
}

/// How a mutating call can fail.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Nothing left the process (connect refused, breaker open): the effect goes back to `prepared`.
    #[error("nothing was sent: {reason}")]
    NotSent {
        /// Why.
        reason: String,
        /// Seconds until it is worth trying again.
        retry_after_s: Option<u64>,
    },
    /// The upstream refused, or a condition read just before failed: the effect is `failed`.
    #[error(transparent)]
    Refused(ToolError),
    /// The request was written and no clear answer came: the effect is `unknown` until read back.
    #[error("no clear answer: {reason}")]
    Unclear {
        /// What was seen.
        reason: String,
    },
}

/// What reading back found.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "made once per effect; a box would cost every tool a line")]
pub enum Reconciled {
    /// It happened.
    Committed(Executed),
    /// It certainly did not happen; the same effect may be executed again.
    Absent,
    /// It ended in a way that excludes success.
    Failed(ToolError),
    /// The upstream did not answer or cannot tell yet.
    NoAnswer(String),
}

/// One tool. Reads implement `read`; mutating tools implement the other three.
#[async_trait::async_trait]
pub trait Tool: Send + Sync {
    /// The declaration.
    fn spec(&self) -> &ToolSpec;

    /// Answers a read. `params` have passed the schema, with defaults filled in.
    async fn read(&self, context: &CallContext, params: &Value) -> Result<Value, ToolError> {
        let _ = (context, params);
        Err(ToolError::new("not_a_read", "this tool changes something and goes through the effect gateway"))
    }

    /// Turns parameters into the exact outgoing call by reads alone; nothing is changed outside.
    async fn resolve(&self, context: &CallContext, params: &Value) -> Result<Resolution, ToolError> {
        let _ = (context, params);
        Err(ToolError::new("not_mutating", "this tool only reads"))
    }

    /// Makes the call, once.
    async fn execute(&self, permit: Permit, call: &Resolved) -> Result<Executed, SendError> {
        let _ = (permit, call);
        Err(SendError::Refused(ToolError::new("not_mutating", "this tool only reads")))
    }

    /// Asks the upstream what became of a call whose answer was lost. `prepared` is the stored canonical payload
    /// `{"tool","params","call"}`; `seconds_since_attempt` tells how old the attempt is.
    async fn reconcile(
        &self,
        effect: &EffectId,
        provider_key: &str,
        prepared: &Value,
        seconds_since_attempt: i64,
    ) -> Reconciled {
        let _ = (effect, provider_key, prepared, seconds_since_attempt);
        Reconciled::NoAnswer("this tool cannot be asked".to_owned())
    }
}
