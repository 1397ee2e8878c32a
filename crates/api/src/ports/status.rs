//! How the parts of the process are: health, breakers, revoked tokens.

use std::collections::BTreeMap;

use domain::time::Timestamp;
use serde::Serialize;

/// What a round of probes found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Component to "answers". Holds `postgres` (the database, whichever engine) and `api_keys_configured` always, and
    /// `redis`, `chromadb`, `ollama` where they are configured.
    pub checks: BTreeMap<String, bool>,
    /// Whether the start is finished.
    pub ready: bool,
    /// `running`, `paused`, `stopped` or `dead`: the autonomy loop; none where there is none.
    pub autonomy: Option<&'static str>,
    /// Sentences about what will need a person soon, such as a model in use that is about to be switched off. They change
    /// no verdict.
    pub warnings: Vec<String>,
}

/// Asks every component, all at once, with 5 seconds for each.
#[async_trait::async_trait]
pub trait HealthProbe: Send + Sync {
    /// One round. The API keeps the result for 5 seconds, so a stranger cannot hammer the components.
    async fn probe(&self) -> Health;
}

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// Calls fail fast.
    Open,
    /// One probing call is let through.
    HalfOpen,
}

/// One breaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakerSnapshot {
    /// The service.
    pub name: String,
    /// Where it stands.
    pub state: BreakerState,
    /// Failures in a row.
    pub failure_count: u32,
    /// The newest of them.
    pub last_failure: Option<Timestamp>,
    /// When it lets a probe through.
    pub opens_until: Option<Timestamp>,
}

impl BreakerSnapshot {
    /// A breaker that nothing has happened to.
    #[must_use]
    pub fn untouched(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            state: BreakerState::Closed,
            failure_count: 0,
            last_failure: None,
            opens_until: None,
        }
    }
}

/// Reads the breakers of the process.
pub trait Breakers: Send + Sync {
    /// All that exist, in any order.
    fn snapshots(&self) -> Vec<BreakerSnapshot>;
}

/// Knows the tokens that were revoked before they expired.
pub trait Revocations: Send + Sync {
    /// Whether the token with this `jti` is revoked. Answers from memory: it is asked on every request.
    fn is_revoked(&self, jti: &str) -> bool;
}

/// No token is ever revoked.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRevocations;

impl Revocations for NoRevocations {
    fn is_revoked(&self, _jti: &str) -> bool {
        false
    }
}
