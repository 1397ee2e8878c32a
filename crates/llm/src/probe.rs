//! Asking a provider which models it has: a free call that shows whether address and key are right, and which of the
//! models in use are missing or about to end.

use std::time::Duration;

use chrono::NaiveDate;
use futures_util::StreamExt;
use serde::Serialize;
use serde_json::Value;

use crate::catalog::Catalog;
use crate::classify::{ErrorClass, Failure, classify};
use crate::client::Llm;
use crate::provider::Provider;
use crate::remedy;
use crate::router::Ollama;
use crate::transport::Transport;

/// Longest time of a probe.
const PROBE_MAX: Duration = Duration::from_secs(5);
/// A list is read no further than this.
const LIST_MAX: usize = 4 << 20;
/// Days before a model's end from which it is reported.
const WARN_DAYS: i64 = 60;

/// How a provider stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ProbeState {
    /// No key or address; nothing was sent.
    Disabled,
    /// It answered.
    Healthy,
    /// It did not.
    Unreachable {
        /// The class of the failure.
        class: ErrorClass,
        /// What happened; holds no secret.
        message: String,
        /// What a person can do about it.
        remedy: Option<String>,
    },
}

/// A model that a provider lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The provider's name of it.
    pub name: String,
    /// The day on which the provider switches it off, if it says one.
    pub shutdown: Option<NaiveDate>,
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProbeReport {
    /// Who was asked.
    pub provider: Provider,
    /// How it stands.
    #[serde(flatten)]
    pub state: ProbeState,
    /// The models that it lists.
    pub models: Vec<Listed>,
    /// Sentences for a person: models in use that are not listed, and listed ones that end soon.
    pub warnings: Vec<String>,
    /// How long the answer took.
    pub latency_ms: u64,
}

impl ProbeReport {
    /// Whether the provider answered.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.state == ProbeState::Healthy
    }
}

impl Llm {
    /// Asks `provider` for its models, within five seconds. Never fails: what went wrong is in the report. For the local
    /// server the router learns from it whether the server is up.
    pub async fn probe(&self, provider: Provider) -> ProbeReport {
        let report = |state, models: Vec<Listed>, warnings, latency_ms| ProbeReport {
            provider,
            state,
            models,
            warnings,
            latency_ms,
        };
        let Some(transport) = self.transport(provider) else {
            return report(ProbeState::Disabled, Vec::new(), Vec::new(), 0);
        };
        let began = self.clock().monotonic();
        let listed = tokio::select! {
            biased;
            listed = self.list(provider, transport) => listed,
            () = self.clock().sleep(PROBE_MAX) => Err(Failure::new(ErrorClass::Timeout, "no answer in time")),
        };
        let took = self.clock().monotonic().saturating_sub(began);
        if provider == Provider::Ollama {
            self.set_ollama(if listed.is_ok() { Ollama::Up } else { Ollama::Down });
        }
        let latency_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        match listed {
            Ok(models) => {
                let today = self.clock().now().date_naive();
                // Where one provider answers for all, its list says nothing of the others' models.
                let warnings = if self.serves_all(provider) {
                    Vec::new()
                } else {
                    warnings(self.catalog(), provider, &models, today)
                };
                report(ProbeState::Healthy, models, warnings, latency_ms)
            }
            Err(Failure { class, detail, message, .. }) => {
                let state = ProbeState::Unreachable { class, message, remedy: remedy::of(provider, class, detail) };
                report(state, Vec::new(), Vec::new(), latency_ms)
            }
        }
    }

    async fn list(&self, provider: Provider, transport: &dyn Transport) -> Result<Vec<Listed>, Failure> {
        let (path, query): (&str, &[(&str, &str)]) = match provider {
            Provider::OpenAi => ("/models", &[]),
            Provider::Anthropic => ("/v1/models", &[("limit", "1000")]),
            Provider::Ollama => ("/api/tags", &[]),
        };
        let mut incoming = transport.get(path, query, PROBE_MAX).await.map_err(|error| error.failure())?;
        let mut text = Vec::new();
        while let Some(bytes) = incoming.body.next().await {
            text.extend_from_slice(&bytes.map_err(|error| error.failure())?);
            if text.len() > LIST_MAX {
                return Err(Failure::new(ErrorClass::Unknown, "the list of models is too long"));
            }
        }
        if !(200..300).contains(&incoming.status) {
            return Err(classify(provider, incoming.status, &incoming.headers, &text, self.clock().now()));
        }
        models(provider, &text).ok_or_else(|| Failure::new(ErrorClass::ServerError, "the answer is no list of models"))
    }
}

/// The models in a provider's list; none when it is no list.
fn models(provider: Provider, text: &[u8]) -> Option<Vec<Listed>> {
    let body: Value = serde_json::from_slice(text).ok()?;
    let (list, name) = match provider {
        Provider::OpenAi | Provider::Anthropic => ("data", "id"),
        Provider::Ollama => ("models", "name"),
    };
    let listed = |model: &Value| {
        let shutdown = model.get("shutdown_date").and_then(Value::as_str).and_then(|day| day.parse().ok());
        Some(Listed { name: model.get(name)?.as_str()?.to_owned(), shutdown })
    };
    Some(body.get(list)?.as_array()?.iter().filter_map(listed).collect())
}

/// What is worth saying about the models of `provider` that stand behind logical ids.
fn warnings(catalog: &Catalog, provider: Provider, listed: &[Listed], today: NaiveDate) -> Vec<String> {
    let mut used: Vec<&str> = catalog
        .logical()
        .values()
        .filter(|logical| logical.provider == provider)
        .map(|logical| logical.model.as_str())
        .collect();
    used.sort_unstable();
    used.dedup();
    let warning = |name: &str| match listed.iter().find(|model| model.name == name) {
        None => Some(format!("{provider} does not list {name}, which is in use")),
        Some(Listed { shutdown: Some(day), .. }) if (*day - today).num_days() <= WARN_DAYS => {
            Some(format!("{provider} switches {name} off on {day}"))
        }
        Some(_) => None,
    };
    used.into_iter().filter_map(warning).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::catalog::Overrides;

    #[test]
    fn each_provider_has_its_form_of_list() {
        let one = |provider, body: Value| models(provider, body.to_string().as_bytes());
        let plain = |name: &str| Some(vec![Listed { name: name.into(), shutdown: None }]);
        assert_eq!(
            one(Provider::Anthropic, json!({"data": [{"id": "claude-x"}], "has_more": false})),
            plain("claude-x")
        );
        assert_eq!(
            one(Provider::Ollama, json!({"models": [{"name": "qwen2.5:3b", "model": "qwen2.5:3b"}]})),
            plain("qwen2.5:3b")
        );
        let ending = Listed { name: "gpt-4o".into(), shutdown: "2027-01-14".parse().ok() };
        assert_eq!(
            one(Provider::OpenAi, json!({"data": [{"id": "gpt-4o", "shutdown_date": "2027-01-14"}]})),
            Some(vec![ending])
        );
        assert_eq!(one(Provider::OpenAi, json!({"error": "x"})), None);
    }

    #[test]
    fn a_model_in_use_that_is_missing_or_ends_soon_is_named() {
        let catalog = Catalog::built_in(&Overrides::new()).unwrap();
        let listed = [Listed { name: "gpt-4o".into(), shutdown: "2027-01-14".parse().ok() }];
        assert_eq!(
            warnings(&catalog, Provider::OpenAi, &listed, "2026-11-25".parse().unwrap()),
            ["openai switches gpt-4o off on 2027-01-14", "openai does not list gpt-4o-mini, which is in use"]
        );
        assert_eq!(warnings(&catalog, Provider::OpenAi, &listed, "2026-06-01".parse().unwrap()).len(), 1);
    }

    proptest! {
        #[test]
        fn no_list_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = models(Provider::OpenAi, &bytes);
        }
    }
}
