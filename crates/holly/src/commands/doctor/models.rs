//! The model providers: which models do they have?

use config::{Config, Upstream};
use net::{HeaderName, NetError, Request, SecretString};
use serde_json::Value;

use super::check::{Check, Part, Who};
use super::upstreams::{Asking, net_remedy, settings_of};
use super::ways::Way;
use crate::app::upstreams::rehearsal_key;

const KEY: HeaderName = HeaderName::from_static("x-api-key");
const VERSION: HeaderName = HeaderName::from_static("anthropic-version");

impl Asking<'_> {
    /// Asks a provider for the list of its models, which costs nothing.
    pub(super) async fn models(&self, upstream: Upstream) -> Check {
        let key = key(self.config, upstream);
        let ask = |way: Way| {
            let request = request(upstream, if way.who == Who::Rehearsed { None } else { key });
            async move { way.upstream.send("models", request).await.map(|reply| count(reply.json().ok())) }
        };
        self.probe(Part::Models, upstream, ask, |error| told(upstream, error)).await
    }
}

fn key(config: &Config, upstream: Upstream) -> Option<SecretString> {
    let models = &config.groups.models;
    match upstream {
        Upstream::Anthropic => models.anthropic_api_key.clone(),
        Upstream::OpenAi => models.openai_api_key.clone(),
        _ => models.ollama_api_key.clone(),
    }
}

fn request(upstream: Upstream, key: Option<SecretString>) -> Request {
    let or_rehearsal = |key: Option<SecretString>, service: &str| key.unwrap_or_else(|| rehearsal_key(service));
    match upstream {
        Upstream::Anthropic => Request::get("/v1/models")
            .query("limit", 1000)
            .header(VERSION, "2023-06-01")
            .secret_header(KEY, &or_rehearsal(key, "anthropic")),
        Upstream::OpenAi => Request::get("/models").bearer(&or_rehearsal(key, "openai")),
        _ => match key {
            Some(key) => Request::get("/api/tags").bearer(&key),
            None => Request::get("/api/tags"),
        },
    }
}

fn count(answer: Option<Value>) -> String {
    let list = answer.as_ref().and_then(|answer| answer["data"].as_array().or_else(|| answer["models"].as_array()));
    match list.map(Vec::len) {
        Some(1) => "1 model".to_owned(),
        Some(count) => format!("{count} models"),
        None => "answers".to_owned(),
    }
}

fn told(upstream: Upstream, error: &NetError) -> (String, String) {
    let needs = settings_of(upstream);
    let remedy = match error.status() {
        Some(401) => format!("the key is refused: set {needs} anew"),
        Some(403) => "the key lacks a permission: make one that may list and use models".to_owned(),
        Some(429) => "the account is out of credit or calls too often: look at its usage page".to_owned(),
        Some(500..) => "it is out of order: look at its status page and try again later".to_owned(),
        _ => net_remedy(upstream, error),
    };
    (error.to_string(), remedy)
}
