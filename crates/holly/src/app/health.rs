//! What `GET /health` and `GET /circuit-breakers` are told.

use std::sync::Arc;
use std::time::Duration;

use api::ports::{BreakerSnapshot, BreakerState, Breakers, Health, HealthProbe};
use clock::SharedClock;
use config::{Config, Upstream, Wiring};
use connect::shopify::VersionAge;
use llm::{Llm, Ollama, Provider};
use store::Db;
use tokio_util::sync::CancellationToken;

use super::upstreams::shop_version_age;

/// Longest wait for one component.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks the components of this process.
#[derive(Debug)]
pub(super) struct Probe {
    db: Db,
    llm: Arc<Llm>,
    clock: SharedClock,
    config: Config,
    keys: bool,
    ready: CancellationToken,
}

impl Probe {
    pub(super) fn new(db: Db, config: &Config, clock: SharedClock, llm: Arc<Llm>, ready: CancellationToken) -> Self {
        // An upstream that the rehearsal world plays counts as configured.
        let needed = [Upstream::OpenAi, Upstream::Stripe, Upstream::Shopify, Upstream::Printful, Upstream::Anthropic];
        let keys = needed.into_iter().all(|upstream| config.wiring(upstream) != Wiring::Absent);
        Self { db, llm, clock, config: config.clone(), keys, ready }
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
        let age = shop_version_age(&self.config, self.clock.now());
        let checks = [
            ("postgres", Some(database)),
            ("api_keys_configured", Some(self.keys)),
            ("ollama", local),
            ("shopify_api_version", age.map(|age| !matches!(age, VersionAge::Expired { .. }))),
        ];
        let checks = checks.into_iter().filter_map(|(name, answers)| Some((name.to_owned(), answers?))).collect();
        let mut warnings: Vec<String> = self.llm.warnings().iter().map(ToString::to_string).collect();
        if let Some(VersionAge::Old { until } | VersionAge::Expired { until }) = age {
            let version = &self.config.groups.shop.api_version;
            warnings.push(format!("version {version} of the shop's API is supported until {until}"));
        }
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
