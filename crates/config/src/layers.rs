//! The layers a setting is looked up in, and which one answered.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dot_env;
use crate::env_source::{DotEnvFile, EnvSource};
use crate::errors::Problem;
use crate::setting::Setting;

/// Where the value of a setting came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The environment.
    Environment,
    /// The `.env` file.
    DotEnv,
    /// Generated once, in the data folder.
    Generated,
    /// The table.
    Default,
    /// Nowhere.
    Unset,
}

impl Source {
    /// The word in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::DotEnv => ".env",
            Self::Generated => "generated",
            Self::Default => "default",
            Self::Unset => "unset",
        }
    }
}

/// Environment over `.env` over what was generated.
#[derive(Debug)]
pub(crate) struct Layers<'a> {
    environment: &'a EnvSource,
    dot_env: BTreeMap<String, String>,
    pub(crate) generated: BTreeMap<String, String>,
    /// What was wrong with the sources themselves.
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Layers<'a> {
    pub(crate) fn new(environment: &'a EnvSource) -> Self {
        let mut problems: Vec<Problem> = environment
            .not_unicode
            .iter()
            .filter(|name| crate::setting::all().any(|setting| setting.name == *name))
            .map(|name| Problem {
                name: name.clone(),
                what: "is not valid UTF-8".to_owned(),
                remedy: "set it to plain text".to_owned(),
            })
            .collect();
        let dot_env = match &environment.dot_env {
            DotEnvFile::Absent => BTreeMap::new(),
            DotEnvFile::Text(text) => {
                let (pairs, bad_lines) = dot_env::parse(text);
                problems.extend(bad_lines.into_iter().map(|line| Problem {
                    name: ".env".to_owned(),
                    what: format!("line {line} is not NAME=value"),
                    remedy: "mend or delete that line; put values with spaces or # in single quotes".to_owned(),
                }));
                pairs
            }
            DotEnvFile::Unreadable(kind) => {
                problems.push(Problem {
                    name: ".env".to_owned(),
                    what: format!("cannot be read ({kind})"),
                    remedy: "make it readable text for this user, or remove it".to_owned(),
                });
                BTreeMap::new()
            }
        };
        Self { environment, dot_env, generated: BTreeMap::new(), problems }
    }

    /// What was set, empty standing for unset unless the setting says otherwise.
    pub(crate) fn find(&self, setting: &Setting) -> Option<(&str, Source)> {
        [
            (&self.environment.variables, Source::Environment),
            (&self.dot_env, Source::DotEnv),
            (&self.generated, Source::Generated),
        ]
        .into_iter()
        .find_map(|(layer, source)| {
            let value = layer.get(setting.name)?.trim();
            (!value.is_empty() || setting.empty_counts).then_some((value, source))
        })
    }

    /// Every name that was set to something, in the environment or in `.env`.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let environment = self.environment.variables.iter().chain(&self.dot_env);
        environment.filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.as_str())
    }
}
