//! Which models to try for a question, in which order, and which not to try and why. Pure.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::catalog::Catalog;
use crate::classify::ErrorClass;
use crate::codec;
use crate::price::Price;
use crate::provider::{Api, Provider};

/// How the local server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ollama {
    /// No address is set; no connection is ever tried.
    #[default]
    Absent,
    /// An address is set and the server answers.
    Up,
    /// An address is set but the server does not answer.
    Down,
}

/// Which providers can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Availability {
    /// Providers with an address and, where they want one, a key.
    pub providers: BTreeSet<Provider>,
    /// The local server.
    pub ollama: Ollama,
    /// One provider that serves every logical model, as in rehearsal: models keep their names, limits and prices.
    pub serve_all_with: Option<Provider>,
}

/// Whether a call may go on to another model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fallback {
    /// The chain of the logical model.
    #[default]
    Chain,
    /// This model or none: whoever acts with this model's judgement must not be replaced by a weaker one.
    Never,
}

/// A model to try.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Logical id, or the provider's name when that was asked for.
    pub logical: String,
    /// The provider's name.
    pub model: String,
    /// Who is asked.
    pub provider: Provider,
    /// In which dialect.
    pub api: Api,
    /// Cap on an answer.
    pub max_output_tokens: u32,
    /// The model's default temperature, if it takes one.
    pub temperature: Option<f64>,
    /// Whether it takes a temperature.
    pub takes_temperature: bool,
    /// How much it is to think, if it is told.
    pub effort: Option<String>,
    /// Its prices.
    pub price: Option<Price>,
    /// Dear.
    pub premium: bool,
}

/// Why a model was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipReason {
    /// The provider has no key or address.
    NotConfigured(Provider),
    /// This build does not speak the model's dialect.
    NoCodec(Api),
    /// The provider is left alone.
    BackOff {
        /// Who.
        provider: Provider,
        /// The class of its last failure.
        class: ErrorClass,
        /// Until then.
        until: domain::time::Timestamp,
    },
    /// The model has no price, so no budget can be reserved for it.
    Unpriced,
    /// The caller refused this model.
    Refused(String),
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotConfigured(provider) => write!(f, "{provider} has no key or address"),
            Self::NoCodec(api) => write!(f, "the protocol {api} is not spoken"),
            Self::BackOff { provider, class, until } => {
                write!(f, "{provider} is left alone until {} after {class}", domain::time::to_text(*until))
            }
            Self::Unpriced => f.write_str("its price is not known, so no budget can be reserved"),
            Self::Refused(why) => f.write_str(why),
        }
    }
}

/// A model that was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Logical id or name.
    pub model: String,
    /// Why.
    pub reason: SkipReason,
}

/// The models for one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// In the order in which they are tried.
    pub candidates: Vec<Candidate>,
    /// What is left out from the start.
    pub skipped: Vec<Skipped>,
}

/// A name that is neither a logical id nor a known provider model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no known model")]
pub struct UnknownModel(pub String);

impl Catalog {
    /// The logical model for a task type; an unknown task gets the default.
    #[must_use]
    pub fn for_task(&self, task: &str) -> &str {
        self.routes.tasks.get(task).unwrap_or(&self.routes.default)
    }

    /// The logical model for a complexity (`trivial`, `simple`, `moderate`, `complex`); an unknown one gets the default.
    #[must_use]
    pub fn for_complexity(&self, complexity: &str) -> &str {
        self.routes.complexity.get(complexity).unwrap_or(&self.routes.default)
    }

    /// The logical ids that a question to `model` may go to, in order: itself and its fallbacks, local models replaced
    /// when there is no local server, each id once.
    #[must_use]
    pub fn chain(&self, model: &str, ollama: Ollama) -> Vec<String> {
        let fallbacks = self.logical().get(model).map(|logical| logical.fallbacks.as_slice()).unwrap_or_default();
        let mut chain: Vec<String> = Vec::new();
        for id in std::iter::once(model).chain(fallbacks.iter().map(String::as_str)) {
            let local = self
                .logical()
                .get(id)
                .map(|logical| logical.provider)
                .or_else(|| Some(self.models().get(id)?.provider));
            let id =
                if local == Some(Provider::Ollama) && ollama != Ollama::Up { &self.routes.without_ollama } else { id };
            if !chain.iter().any(|known| known == id) {
                chain.push(id.to_owned());
            }
        }
        chain
    }

    /// What to try for a question to `model` on the day `today`. `gone`: models that their provider denied knowing.
    ///
    /// # Errors
    /// When nobody knows the model.
    pub fn plan(
        &self,
        model: &str,
        fallback: Fallback,
        available: &Availability,
        gone: &BTreeSet<String>,
        today: NaiveDate,
    ) -> Result<Plan, UnknownModel> {
        if !self.logical().contains_key(model) && !self.models().contains_key(model) {
            return Err(UnknownModel(model.to_owned()));
        }
        let mut chain = self.chain(model, available.ollama);
        if fallback == Fallback::Never {
            chain.truncate(1);
        }
        let mut plan = Plan { candidates: Vec::new(), skipped: Vec::new() };
        for id in chain {
            let candidate = self.candidate(&id, available.serve_all_with, gone, today);
            let reason = if !available.providers.contains(&candidate.provider) {
                Some(SkipReason::NotConfigured(candidate.provider))
            } else if codec::of(candidate.api).is_none() {
                Some(SkipReason::NoCodec(candidate.api))
            } else {
                None
            };
            match reason {
                Some(reason) => plan.skipped.push(Skipped { model: id, reason }),
                // Two logical models may have the same successor; it is tried once.
                None if plan.candidates.iter().any(|known| known.model == candidate.model) => {}
                None => plan.candidates.push(candidate),
            }
        }
        Ok(plan)
    }

    fn candidate(
        &self,
        id: &str,
        serve_all_with: Option<Provider>,
        gone: &BTreeSet<String>,
        today: NaiveDate,
    ) -> Candidate {
        let logical = self.logical().get(id);
        let name = self.in_force(logical.map_or(id, |logical| &logical.model), today, gone);
        let spec = self.spec(name, logical.map_or(Provider::OpenAi, |logical| logical.provider));
        let provider = serve_all_with.unwrap_or(spec.provider);
        let cap = logical.map_or_else(|| Self::plain_max_output(&spec), |logical| logical.max_output_tokens);
        Candidate {
            logical: id.to_owned(),
            model: name.to_owned(),
            provider,
            api: serve_all_with.map_or(spec.api, Provider::plain_api),
            max_output_tokens: spec.max_output_tokens.map_or(cap, |limit| limit.min(cap)),
            temperature: logical.and_then(|logical| logical.temperature),
            takes_temperature: spec.temperature,
            effort: spec.effort,
            price: spec.price,
            premium: logical.is_some_and(|logical| logical.premium),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Overrides;

    fn today() -> NaiveDate {
        "2026-11-25".parse().unwrap()
    }

    fn catalog() -> Catalog {
        Catalog::built_in(&Overrides::new()).unwrap()
    }

    fn rehearsal() -> Availability {
        let providers = BTreeSet::from([Provider::OpenAi]);
        Availability { providers, ollama: Ollama::Absent, serve_all_with: Some(Provider::OpenAi) }
    }

    fn plan(model: &str, available: &Availability) -> Plan {
        catalog().plan(model, Fallback::Chain, available, &BTreeSet::new(), today()).unwrap()
    }

    fn names(plan: &Plan) -> Vec<&str> {
        plan.candidates.iter().map(|candidate| candidate.logical.as_str()).collect()
    }

    #[test]
    fn tasks_and_complexities_have_their_models() {
        let catalog = catalog();
        assert_eq!(catalog.for_task("strategy"), "claude_opus");
        assert_eq!(catalog.for_task("campaign_planning"), "gpt4o");
        assert_eq!(catalog.for_task("health_check"), "ollama_qwen");
        assert_eq!(catalog.for_task("something else"), "gpt4o_mini");
        assert_eq!(catalog.for_complexity("trivial"), "ollama_qwen");
        assert_eq!(catalog.for_complexity("complex"), "claude_opus");
    }

    #[test]
    fn without_a_local_server_its_models_become_the_small_one_and_no_model_stands_twice() {
        let catalog = catalog();
        let chain = |model, ollama| catalog.chain(model, ollama);
        assert_eq!(chain("ollama_qwen", Ollama::Up), ["ollama_qwen", "gpt4o_mini", "gpt4o"]);
        assert_eq!(chain("ollama_qwen", Ollama::Absent), ["gpt4o_mini", "gpt4o"]);
        assert_eq!(chain("ollama_qwen", Ollama::Down), ["gpt4o_mini", "gpt4o"]);
        assert_eq!(chain("gpt4o_mini", Ollama::Absent), ["gpt4o_mini", "gpt4o"]);
        assert_eq!(chain("gpt4o", Ollama::Absent), ["gpt4o", "gpt4o_mini", "claude_opus"]);
        assert_eq!(chain("llama3.1:8b", Ollama::Absent), ["gpt4o_mini"]);
    }

    #[test]
    fn one_provider_can_serve_every_logical_model_under_its_own_name_and_price() {
        let plan = plan("claude_opus", &rehearsal());
        assert_eq!(names(&plan), ["claude_opus", "gpt4o", "gpt4o_mini"]);
        let first = &plan.candidates[0];
        assert_eq!(
            (first.provider, first.api, first.model.as_str()),
            (Provider::OpenAi, Api::ChatCompletions, "claude-opus-4-6")
        );
        assert!(first.premium && first.price.is_some());
    }

    #[test]
    fn what_cannot_be_asked_is_left_out_with_its_reason() {
        let openai_only = Availability { serve_all_with: None, ..rehearsal() };
        let plan = plan("gpt4o", &openai_only);
        assert_eq!(names(&plan), ["gpt4o", "gpt4o_mini"]);
        let skipped = Skipped { model: "claude_opus".into(), reason: SkipReason::NotConfigured(Provider::Anthropic) };
        assert_eq!(plan.skipped, [skipped]);
    }

    #[test]
    fn whoever_may_not_fall_back_has_one_candidate() {
        let plan = catalog().plan("claude_opus", Fallback::Never, &rehearsal(), &BTreeSet::new(), today()).unwrap();
        assert_eq!(names(&plan), ["claude_opus"]);
    }

    #[test]
    fn two_models_with_one_successor_are_tried_once() {
        let plan = catalog()
            .plan("gpt4o", Fallback::Chain, &rehearsal(), &BTreeSet::new(), "2027-02-01".parse().unwrap())
            .unwrap();
        assert_eq!(
            plan.candidates.iter().map(|c| c.model.as_str()).collect::<Vec<_>>(),
            ["gpt-6-luna", "claude-opus-4-6"]
        );
    }

    #[test]
    fn a_provider_name_works_without_a_chain_and_an_unknown_one_is_refused() {
        assert_eq!(names(&plan("gpt-4o-mini", &rehearsal())), ["gpt-4o-mini"]);
        let unknown = catalog().plan("gpt9", Fallback::Chain, &rehearsal(), &BTreeSet::new(), today());
        assert_eq!(unknown, Err(UnknownModel("gpt9".into())));
    }
}
