//! The client of the models: each provider at its own address, or at the rehearsal world's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clock::OsEntropy;
use config::{Config, Upstream as Name, Wiring};
use llm::{Availability, Catalog, Llm, Ollama, Provider, Transport, Wire};
use net::{BaseUrl, PlainHttp, Settings, Upstream};
use secrecy::SecretString;
use tower::supervisor::Supervisor;

use super::upstreams::{Maker, rehearsal_key};

/// How often a local server is looked at, so that its models are used again soon after it is back.
const LOCAL_PROBE_EVERY: Duration = Duration::from_secs(60);

/// A provider, its name in the settings and in the world, its own address, and what the world's address lacks.
const PROVIDERS: [(Provider, Name, &str, &str, &str); 3] = [
    (Provider::OpenAi, Name::OpenAi, "openai", "https://api.openai.com/v1", "/v1"),
    (Provider::Anthropic, Name::Anthropic, "anthropic", "https://api.anthropic.com", ""),
    (Provider::Ollama, Name::Ollama, "ollama", "", ""),
];

impl Maker<'_> {
    /// Builds the client.
    pub(super) fn models(&self) -> Result<Llm> {
        let mut transports: BTreeMap<Provider, Arc<dyn Transport>> = BTreeMap::new();
        for (provider, name, service, default, path) in PROVIDERS {
            let wired = match self.config.wiring(name) {
                Wiring::Absent => None,
                Wiring::Rehearsed => self.rehearsed(service, path)?.map(|way| (way, Some(rehearsal_key(service)))),
                Wiring::Real { .. } => {
                    let (way, _) = self.upstream(name, service, default, None)?;
                    Some((way, key(self.config, provider)))
                }
            };
            if let Some((way, key)) = wired {
                transports.insert(provider, Arc::new(Wire::of(provider, way, key)));
            }
        }
        let available = Availability {
            providers: transports.keys().copied().collect(),
            ollama: if transports.contains_key(&Provider::Ollama) { Ollama::Up } else { Ollama::Absent },
            serve_all_with: None,
        };
        Ok(Llm::new(catalog(self.config)?, transports, available, self.clock.clone()))
    }

    /// The way to a provider that the world plays; none when it does not play this one.
    fn rehearsed(&self, service: &'static str, path: &str) -> Result<Option<Upstream>> {
        let Some(url) = self.world.and_then(|world| world.handle.urls.get(service)) else { return Ok(None) };
        let base = BaseUrl::parse(&format!("{url}{path}"), PlainHttp::Anywhere)?;
        let settings = Settings::new(service, base);
        Ok(Some(Upstream::new(settings, self.breakers.clone(), self.clock.clone(), Arc::new(OsEntropy))?))
    }
}

/// The models, under the names that the owner gave them.
pub(crate) fn catalog(config: &Config) -> Result<Catalog> {
    let models = &config.groups.models;
    let overrides = [
        ("HOLLY_MODEL", &models.model),
        ("HOLLY_MODEL_LARGE", &models.model_large),
        ("HOLLY_MODEL_SMALL", &models.model_small),
        ("HOLLY_MODEL_OLLAMA", &models.model_ollama),
    ];
    let overrides = overrides.into_iter().filter_map(|(name, model)| Some((name.to_owned(), model.clone()?))).collect();
    Catalog::built_in(&overrides).context("the model list is not usable")
}

/// The key of a real provider. A stand-in server at an address of one's own may want none, but gets one.
pub(crate) fn key(config: &Config, provider: Provider) -> Option<SecretString> {
    let models = &config.groups.models;
    match provider {
        Provider::OpenAi => models.openai_api_key.clone().or_else(|| Some(rehearsal_key("openai"))),
        Provider::Anthropic => models.anthropic_api_key.clone().or_else(|| Some(rehearsal_key("anthropic"))),
        Provider::Ollama => models.ollama_api_key.clone(),
    }
}

/// Says at start which models end soon, and keeps looking at a local server.
pub(super) fn watch(llm: &Arc<Llm>, supervisor: &Supervisor, clock: &clock::SharedClock) {
    for warning in llm.warnings() {
        tracing::warn!(model = %warning.model, "{warning}");
    }
    if llm.ollama() == Ollama::Absent {
        return;
    }
    let (llm, clock) = (Arc::clone(llm), clock.clone());
    supervisor.spawn("local model probe", async move {
        loop {
            llm.probe(Provider::Ollama).await;
            clock.sleep(LOCAL_PROBE_EVERY).await;
        }
    });
}
