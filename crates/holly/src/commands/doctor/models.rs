//! The model providers: do they answer, and do they still have the models in use?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use config::Upstream;
use llm::{Availability, Llm, Ollama, ProbeState, Provider, Transport, Wire};

use super::check::{Check, Part, State, Who};
use super::upstreams::{Asking, settings_of};
use super::ways::Way;
use crate::app::models::{catalog, key};
use crate::app::upstreams::rehearsal_key;

impl Asking<'_> {
    /// Asks a provider for the list of its models, which costs nothing.
    pub(super) async fn models(&self, upstream: Upstream, provider: Provider) -> Check {
        let config = self.config;
        let report = std::sync::Mutex::new(None);
        let ask = |way: Way| {
            let report = &report;
            async move {
                let catalog = catalog(config).map_err(|error| (format!("{error:#}"), None))?;
                let key = match (way.who, provider) {
                    (Who::Rehearsed, _) => Some(rehearsal_key(provider.as_str())),
                    _ => key(config, provider),
                };
                let wire: Arc<dyn Transport> = Arc::new(Wire::of(provider, way.upstream, key));
                // Nothing is routed here, so that nothing need be told when the local server is down.
                let (providers, ollama) = (BTreeSet::from([provider]), Ollama::Absent);
                let available = Availability { providers, ollama, serve_all_with: None };
                let llm = Llm::new(catalog, BTreeMap::from([(provider, wire)]), available, self.session.clock.clone());
                let found = llm.probe(provider).await;
                match found.state {
                    ProbeState::Healthy => {
                        let words = match found.models.len() {
                            1 => "1 model".to_owned(),
                            count => format!("{count} models"),
                        };
                        if let Ok(mut report) = report.lock() {
                            *report = Some(found.warnings);
                        }
                        Ok(words)
                    }
                    ProbeState::Disabled => Err(("is not configured".to_owned(), None)),
                    ProbeState::Unreachable { message, remedy, .. } => Err((message, remedy)),
                }
            }
        };
        let told = |(message, remedy): &(String, Option<String>)| {
            let otherwise = || format!("see that {} is right and the provider is up", settings_of(upstream));
            (message.clone(), remedy.clone().unwrap_or_else(otherwise))
        };
        let check = self.probe(Part::Models, upstream, ask, told).await;
        let warnings = report.into_inner().ok().flatten().unwrap_or_default();
        // The world lists what it plays; a real provider that no longer lists a model in use matters.
        if warnings.is_empty() || check.who != Who::Real || check.state != State::Ok {
            return check;
        }
        let found = format!("{}, of those in use {} need care", check.found, warnings.len());
        check.warn(found, format!("{}; name another with HOLLY_MODEL and its sisters", warnings.join("; ")))
    }
}
