//! From an [`EnvSource`] to what the process runs on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::cross_checks;
use crate::env_source::EnvSource;
use crate::errors::{ConfigErrors, Problem, Warning};
use crate::groups::Groups;
use crate::layers::{Layers, Source};
use crate::mode::{Effects, Mode};
use crate::reader::Reader;
use crate::secrets::{self, Secrets};
use crate::unknown;
use crate::upstream::{Upstream, Wiring};

/// What the process runs on. Groups hold the settings as they were set; the fields beside them are worked out.
#[derive(Debug, Clone)]
pub struct Config {
    /// What the process is wired to.
    pub mode: Mode,
    /// Whether mutations leave the house.
    pub effects: Effects,
    /// The data folder, absolute. It exists in rehearsal; in live mode nothing has been created.
    pub data_dir: PathBuf,
    /// Name of this process for its leases.
    pub instance: String,
    /// The database.
    pub database: Database,
    /// Our own signing secrets.
    pub secrets: Secrets,
    /// Every setting, by group.
    pub groups: Groups,
    secret_values: Vec<SecretString>,
}

/// Where the rows are.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file.
    Sqlite {
        /// Its path.
        path: PathBuf,
    },
    /// A server.
    Postgres {
        /// Its URL, credentials included.
        url: SecretString,
        /// The URL with which migrations run, when it is another.
        migration_url: Option<SecretString>,
    },
}

/// What loading gives besides the configuration.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What is worth a line at start.
    pub warnings: Vec<Warning>,
    /// Where each setting came from, by name.
    pub sources: BTreeMap<&'static str, Source>,
}

impl Config {
    /// Reads, checks and completes the settings. In rehearsal, and only when nothing is wrong, missing secrets are
    /// generated into the data folder; live mode writes nothing.
    ///
    /// # Errors
    /// Every problem at once, none of which holds a value.
    pub fn load(source: &EnvSource) -> Result<Loaded, ConfigErrors> {
        let mut layers = Layers::new(source);
        let first = read(&layers);
        let Some(groups) = first.groups.filter(|_| first.problems.is_empty()) else {
            return Err(ConfigErrors { problems: first.problems, warnings: first.warnings });
        };
        let data_dir = source.working_dir.join(&groups.process.data_dir);
        if groups.process.mode == Mode::Rehearsal {
            layers.generated = secrets::ensure(&data_dir, &groups)
                .map_err(|problem| ConfigErrors { problems: vec![problem], warnings: first.warnings })?;
        }
        let second = read(&layers);
        let (problems, warnings) = (second.problems, second.warnings);
        let Some(groups) = second.groups.filter(|_| problems.is_empty()) else {
            return Err(ConfigErrors { problems, warnings });
        };
        let Some(secrets) = Secrets::from_groups(&groups) else {
            return Err(ConfigErrors { problems: vec![Problem::no_signing_key()], warnings });
        };
        let database = match &groups.storage.database_url {
            Some(url) => Database::Postgres { url: url.clone(), migration_url: groups.storage.migration_url.clone() },
            None => Database::Sqlite { path: data_dir.join("holly.db") },
        };
        let instance = groups
            .process
            .instance
            .clone()
            .unwrap_or_else(|| format!("{}:{}", source.host_name(), data_dir.to_string_lossy()));
        let config = Self {
            mode: groups.process.mode,
            effects: groups.process.effects,
            data_dir,
            instance,
            database,
            secrets,
            groups,
            secret_values: second.secret_values,
        };
        Ok(Loaded { config, warnings, sources: second.sources })
    }

    /// Who answers in an upstream's name.
    #[must_use]
    pub fn wiring(&self, upstream: Upstream) -> Wiring {
        let base_url = self.groups.base_url(upstream).cloned();
        let is_real = self.mode == Mode::Live || base_url.is_some() || self.groups.rehearsal.live.contains(&upstream);
        match upstream {
            Upstream::Ollama if base_url.is_some() => Wiring::Real { base_url },
            Upstream::Ollama if self.mode == Mode::Rehearsal && self.groups.rehearsal.ollama => Wiring::Rehearsed,
            Upstream::Ollama => Wiring::Absent,
            _ if is_real => Wiring::Real { base_url },
            _ => Wiring::Rehearsed,
        }
    }

    /// The value of every secret setting of this process, for the redactor.
    #[must_use]
    pub fn secret_values(&self) -> &[SecretString] {
        &self.secret_values
    }
}

impl Groups {
    fn base_url(&self, upstream: Upstream) -> Option<&String> {
        match upstream {
            Upstream::Shopify => self.shop.base_url.as_ref(),
            Upstream::Stripe => self.payments.base_url.as_ref(),
            Upstream::Printful => self.print.base_url.as_ref(),
            Upstream::Anthropic => self.models.anthropic_base_url.as_ref(),
            Upstream::OpenAi => self.models.openai_base_url.as_ref(),
            Upstream::Ollama => self.models.ollama_base_url.as_ref(),
        }
    }
}

/// One pass over the table.
pub(crate) struct Pass {
    pub(crate) groups: Option<Groups>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) sources: BTreeMap<&'static str, Source>,
    secret_values: Vec<SecretString>,
}

pub(crate) fn read(layers: &Layers<'_>) -> Pass {
    let mut reader = Reader::new(layers);
    reader.problems.clone_from(&layers.problems);
    let groups = Groups::read(&mut reader);
    if let Some(groups) = &groups {
        cross_checks::run(groups, &mut reader);
    }
    reader.warnings.extend(unknown::warnings(layers));
    Pass {
        groups,
        problems: reader.problems,
        warnings: reader.warnings,
        sources: reader.sources,
        secret_values: reader.secret_values,
    }
}
