//! What `GET /health` and `GET /circuit-breakers` are told.

use std::sync::Arc;
use std::time::Duration;

use api::ports::{BreakerSnapshot, BreakerState, Breakers, Health, HealthProbe};
use config::{Config, Upstream, Wiring};
use llm::{Llm, Ollama, Provider};
use store::Db;
use tokio_util::sync::CancellationToken;

/// Longest wait for one component.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks the components of this process.
#[derive(Debug)]
pub(super) struct Probe {
    db: Db,
    llm: Arc<Llm>,
    keys: bool,
    ready: CancellationToken,
}

impl Probe {
    pub(super) fn new(db: Db, config: &Config, llm: Arc<Llm>, ready: CancellationToken) -> Self {
        // An upstream that the rehearsal world plays counts as configured.
        let needed = [Upstream::OpenAi, Upstream::Stripe, Upstream::Shopify, Upstream::Printful, Upstream::Anthropic];
        let keys = needed.into_iter().all(|upstream| config.wiring(upstream) != Wiring::Absent);
        Self { db, llm, keys, ready }
    }
}

#[async_trait::async_trait]
impl HealthProbe for Probe {
    async fn probe(&self) -> Health {
        let database =
            async { tokio::time::timeout(PROBE_TIMEOUT, self.db.ping()).await.is_ok_and(|answer| answer.is_ok()) };
        let local = async {
            match self.llm.ollama() {
                Ollama::Absent => None,
                Ollama::Up | Ollama::Down => Some(self.llm.probe(Provider::Ollama).await.is_healthy()),
            }
        };
        let (database, local) = tokio::join!(database, local);
        let checks = [("postgres", Some(database)), ("api_keys_configured", Some(self.keys)), ("ollama", local)];
        let checks = checks.into_iter().filter_map(|(name, answers)| Some((name.to_owned(), answers?))).collect();
        let warnings = self.llm.warnings().iter().map(ToString::to_string).collect();
        Health { checks, ready: self.ready.is_cancelled(), autonomy: Some("stopped"), warnings }
    }
}

/// The breakers of the upstreams.
#[derive(Debug)]
pub(super) struct BreakerBoard(pub(super) net::Breakers);

impl Breakers for BreakerBoard {
    fn snapshots(&self) -> Vec<BreakerSnapshot> {
        let all = self.0.snapshot();
        all.into_iter()
            .map(|breaker| BreakerSnapshot {
                name: breaker.name.to_owned(),
                state: match breaker.state {
                    "open" => BreakerState::Open,
                    "half_open" => BreakerState::HalfOpen,
                    _ => BreakerState::Closed,
                },
                failure_count: breaker.failure_count,
                last_failure: breaker.last_failure,
                opens_until: breaker.opens_until,
            })
            .collect()
    }
}
