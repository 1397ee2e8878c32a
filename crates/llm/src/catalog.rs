//! The models: logical ids, the provider models behind them, their limits, prices and ends. Read from `models.toml`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Deserialize;

use crate::price::Price;
use crate::provider::{Api, Provider};

/// The table that is compiled in.
const BUILT_IN: &str = include_str!("../models.toml");
/// Days before a model's end from which the start and the health report warn.
const WARN_DAYS: i64 = 60;
/// Cap on an answer when neither the request nor the table names one.
const PLAIN_MAX_OUTPUT: u32 = 4_096;

/// Provider models that stand in for the table's, by the setting that names them (`HOLLY_MODEL_SMALL`).
pub type Overrides = BTreeMap<String, String>;

/// What agents and workflows name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogicalModel {
    /// The provider's name of the model.
    pub model: String,
    /// Who serves it.
    pub provider: Provider,
    /// The setting that puts another model behind this id.
    pub setting: String,
    /// Cap on an answer.
    pub max_output_tokens: u32,
    /// Temperature when the request names none.
    pub temperature: Option<f64>,
    /// Logical ids to try after this one, in order.
    pub fallbacks: Vec<String>,
    /// Dear: lean phases of the shop forbid it.
    #[serde(default)]
    pub premium: bool,
}

/// One model of a provider.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// The provider's name of it.
    pub name: String,
    /// Who serves it.
    pub provider: Provider,
    /// Its dialect.
    pub api: Api,
    /// Tokens it can read, when known.
    pub context_window: Option<u32>,
    /// Tokens it can answer at most, when known.
    pub max_output_tokens: Option<u32>,
    /// Whether it accepts a temperature.
    #[serde(default)]
    pub temperature: bool,
    /// How much it is to think before it answers (`low`, `medium`, ..); none leaves it to the provider.
    pub effort: Option<String>,
    /// Its prices, when known.
    pub price: Option<Price>,
    /// The day on which it is switched off.
    pub retires: Option<NaiveDate>,
    /// The model to use from that day on.
    pub successor: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Routes {
    pub(crate) without_ollama: String,
    pub(crate) default: String,
    pub(crate) complexity: BTreeMap<String, String>,
    pub(crate) tasks: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: NaiveDate,
    logical: BTreeMap<String, LogicalModel>,
    routes: Routes,
    model: Vec<ModelSpec>,
}

/// A table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Not the expected shape.
    #[error("the model table cannot be read")]
    Syntax(#[from] toml::de::Error),
    /// A name that leads nowhere.
    #[error("the model table names `{name}` in {place}, which is not in it")]
    Dangling {
        /// The name.
        name: String,
        /// Where it stands.
        place: String,
    },
    /// A setting that no logical model has.
    #[error("no logical model has the setting `{0}`")]
    UnknownSetting(String),
}

/// A model that is ending or has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The logical id it stands behind.
    pub logical: String,
    /// The provider's name of it.
    pub model: String,
    /// When it ends; none when the provider already denied knowing it.
    pub retires: Option<NaiveDate>,
    /// Whether its successor is used already.
    pub over: bool,
    /// What follows it.
    pub successor: Option<String>,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { logical, model, .. } = self;
        match (self.over, self.retires) {
            (true, Some(day)) => write!(f, "{logical}: {model} was retired on {day}")?,
            (true, None) => write!(f, "{logical}: the provider no longer knows {model}")?,
            (false, Some(day)) => write!(f, "{logical}: {model} retires on {day}")?,
            (false, None) => write!(f, "{logical}: {model} is ending")?,
        }
        match (&self.successor, self.over) {
            (Some(next), true) => write!(f, "; {next} is used instead"),
            (Some(next), false) => write!(f, "; its successor is {next}"),
            (None, _) => f.write_str("; no successor is known"),
        }
    }
}

/// The models, checked.
#[derive(Debug, Clone)]
pub struct Catalog {
    as_of: NaiveDate,
    logical: BTreeMap<String, LogicalModel>,
    models: BTreeMap<String, ModelSpec>,
    pub(crate) routes: Routes,
}

impl Catalog {
    /// The compiled-in table with `overrides`.
    ///
    /// # Errors
    /// When an override names a setting that no model has.
    pub fn built_in(overrides: &Overrides) -> Result<Self, CatalogError> {
        Self::parse(BUILT_IN, overrides)
    }

    /// Reads a table.
    ///
    /// # Errors
    /// When it has another shape, or a name in it leads nowhere.
    pub fn parse(text: &str, overrides: &Overrides) -> Result<Self, CatalogError> {
        let File { as_of, logical, routes, model } = toml::from_str(text)?;
        let models = model.into_iter().map(|spec| (spec.name.clone(), spec)).collect();
        let mut catalog = Self { as_of, logical, models, routes };
        for (setting, name) in overrides.iter().filter(|(_, name)| !name.is_empty()) {
            catalog.put_behind(setting, name)?;
        }
        catalog.check()?;
        Ok(catalog)
    }

    fn put_behind(&mut self, setting: &str, name: &str) -> Result<(), CatalogError> {
        let known = self.models.get(name).map(|spec| spec.provider);
        let logical = self.logical.values_mut().find(|logical| logical.setting == setting);
        let logical = logical.ok_or_else(|| CatalogError::UnknownSetting(setting.to_owned()))?;
        name.clone_into(&mut logical.model);
        // A model of which nothing is known is taken to be of the same provider, and has no price.
        logical.provider = known.unwrap_or(logical.provider);
        Ok(())
    }

    fn check(&self) -> Result<(), CatalogError> {
        let need = |known: bool, name: &str, place: &str| {
            if known { Ok(()) } else { Err(CatalogError::Dangling { name: name.to_owned(), place: place.to_owned() }) }
        };
        for (id, logical) in &self.logical {
            for name in &logical.fallbacks {
                need(self.logical.contains_key(name), name, &format!("the fallbacks of {id}"))?;
            }
        }
        for name in self.routes.complexity.values().chain(self.routes.tasks.values()) {
            need(self.logical.contains_key(name), name, "the routes")?;
        }
        for name in [&self.routes.default, &self.routes.without_ollama] {
            need(self.logical.contains_key(name), name, "the routes")?;
        }
        for spec in self.models.values() {
            if let Some(name) = &spec.successor {
                need(self.models.contains_key(name), name, &format!("the successor of {}", spec.name))?;
            }
        }
        Ok(())
    }

    /// The day on which the table's prices and dates were right.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// The logical models by id.
    #[must_use]
    pub fn logical(&self) -> &BTreeMap<String, LogicalModel> {
        &self.logical
    }

    /// The provider models by name.
    #[must_use]
    pub fn models(&self) -> &BTreeMap<String, ModelSpec> {
        &self.models
    }

    /// What is known of a provider model; for an unknown one, what its provider's dialect lets one assume.
    #[must_use]
    pub fn spec(&self, name: &str, provider: Provider) -> ModelSpec {
        self.models.get(name).cloned().unwrap_or_else(|| ModelSpec {
            name: name.to_owned(),
            provider,
            api: provider.api_of(name),
            context_window: None,
            max_output_tokens: None,
            temperature: provider.api_of(name) == Api::ChatCompletions || provider == Provider::Ollama,
            effort: None,
            price: None,
            retires: None,
            successor: None,
        })
    }

    /// The cap on an answer of `spec` when it is asked for by its provider's name.
    #[must_use]
    pub fn plain_max_output(spec: &ModelSpec) -> u32 {
        spec.max_output_tokens.map_or(PLAIN_MAX_OUTPUT, |limit| limit.min(PLAIN_MAX_OUTPUT))
    }

    /// The model to use in the place of `name` on the day `today`: itself, or the last of its successors if it has
    /// retired or the provider denied knowing it (`gone`).
    #[must_use]
    pub fn in_force<'a>(&'a self, name: &'a str, today: NaiveDate, gone: &BTreeSet<String>) -> &'a str {
        let mut current = name;
        // A chain is no longer than the table, so a table whose successors form a ring still ends.
        for _ in 0..self.models.len() {
            let over = |spec: &ModelSpec| gone.contains(&spec.name) || spec.retires.is_some_and(|day| today >= day);
            match self.models.get(current).filter(|spec| over(spec)).and_then(|spec| spec.successor.as_deref()) {
                Some(next) => current = next,
                None => break,
            }
        }
        current
    }

    /// The models in use that end within 60 days or have ended.
    #[must_use]
    pub fn warnings(&self, today: NaiveDate, gone: &BTreeSet<String>) -> Vec<Warning> {
        let warning = |(id, logical): (&String, &LogicalModel)| {
            let spec = self.models.get(&logical.model);
            let retires = spec.and_then(|spec| spec.retires);
            let gone = gone.contains(&logical.model);
            let over = gone || retires.is_some_and(|day| today >= day);
            let soon = retires.is_some_and(|day| (day - today).num_days() <= WARN_DAYS);
            (over || soon).then(|| Warning {
                logical: id.clone(),
                model: logical.model.clone(),
                retires: retires.filter(|day| !gone || today >= *day),
                over,
                successor: spec.and_then(|spec| spec.successor.clone()),
            })
        };
        self.logical.iter().filter_map(warning).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn built_in() -> Catalog {
        Catalog::built_in(&Overrides::new()).unwrap()
    }

    #[test]
    fn the_compiled_in_table_is_sound_and_every_logical_model_is_priced() {
        let catalog = built_in();
        assert_eq!(catalog.logical().len(), 4);
        for logical in catalog.logical().values() {
            let spec = &catalog.models()[&logical.model];
            assert_eq!(spec.provider, logical.provider, "{}", spec.name);
            assert!(spec.price.is_some_and(|price| price.output.is_some()), "{}", spec.name);
        }
    }

    #[test]
    fn a_setting_puts_another_model_behind_a_logical_id() {
        let with =
            |setting: &str, name: &str| Catalog::built_in(&Overrides::from([(setting.to_owned(), name.to_owned())]));
        let catalog = with("HOLLY_MODEL", "claude-sonnet-4-5").unwrap();
        assert_eq!(catalog.logical()["claude_opus"].model, "claude-sonnet-4-5");
        let unknown = with("HOLLY_MODEL_SMALL", "some-model").unwrap();
        assert_eq!(unknown.spec("some-model", Provider::OpenAi).price, None);
        assert_eq!(with("HOLLY_MODEL_LARGE", "").unwrap().logical()["gpt4o"].model, "gpt-4o");
        assert!(matches!(with("HOLLY_MODEL_TINY", "x"), Err(CatalogError::UnknownSetting(_))));
    }

    #[test]
    fn a_model_is_followed_by_its_successor_from_the_day_it_retires() {
        let catalog = built_in();
        let none = BTreeSet::new();
        assert_eq!(catalog.in_force("gpt-4o", day("2027-01-13"), &none), "gpt-4o");
        assert_eq!(catalog.in_force("gpt-4o", day("2027-01-14"), &none), "gpt-6-luna");
        let gone = BTreeSet::from(["gpt-4o".to_owned(), "claude-opus-4-6".to_owned()]);
        assert_eq!(catalog.in_force("gpt-4o", day("2026-11-01"), &gone), "gpt-6-luna");
        assert_eq!(catalog.in_force("claude-opus-4-6", day("2026-11-01"), &gone), "claude-opus-4-6");
    }

    #[test]
    fn an_end_is_announced_sixty_days_ahead() {
        let catalog = built_in();
        let on = |text| catalog.warnings(day(text), &BTreeSet::new());
        assert_eq!(on("2026-11-14"), []);
        let soon = on("2026-11-15");
        assert_eq!(soon.len(), 2);
        assert!(soon.iter().all(|warning| !warning.over));
        assert!(on("2027-02-01").iter().all(|warning| warning.over));
        let gone = catalog.warnings(day("2026-11-01"), &BTreeSet::from(["gpt-4o".to_owned()]));
        assert_eq!(gone[0].to_string(), "gpt4o: the provider no longer knows gpt-4o; gpt-6-luna is used instead");
    }

    #[test]
    fn a_name_that_leads_nowhere_is_refused() {
        let text = BUILT_IN.replace("fallbacks = [\"gpt4o_mini\", \"gpt4o\"]", "fallbacks = [\"gpt9\"]");
        assert!(matches!(Catalog::parse(&text, &Overrides::new()), Err(CatalogError::Dangling { .. })));
        assert!(matches!(Catalog::parse("as_of = 3", &Overrides::new()), Err(CatalogError::Syntax(_))));
    }

    #[test]
    fn successors_in_a_ring_end() {
        let text = BUILT_IN.replace(
            "name = \"gpt-6-luna\"\n",
            "name = \"gpt-6-luna\"\nretires = \"2027-02-01\"\nsuccessor = \"gpt-4o\"\n",
        );
        let catalog = Catalog::parse(&text, &Overrides::new()).unwrap();
        assert!(catalog.models().contains_key(catalog.in_force("gpt-4o", day("2027-03-01"), &BTreeSet::new())));
    }
}
