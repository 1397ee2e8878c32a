//! `holly config --explain`: which settings there are and where each came from. Never a value.

use std::fmt;

use serde::Serialize;

use crate::config::read;
use crate::env_source::EnvSource;
use crate::errors::{Problem, Warning};
use crate::layers::{Layers, Source};
use crate::render::{default_words, requirement_words};
use crate::setting;

/// The answer; also of a configuration that is wrong.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// One row per setting, in the order of the table.
    pub rows: Vec<Row>,
    /// What stops the start.
    pub problems: Vec<Problem>,
    /// What does not.
    pub warnings: Vec<Warning>,
}

/// One setting as it stands.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Heading of its group.
    pub group: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Where its value came from.
    pub source: Source,
    /// Whether its value is a secret.
    pub secret: bool,
    /// Who must set it, in words; empty when nobody must.
    pub required: String,
    /// What holds when it is unset, in words.
    pub default: String,
    /// What it accepts.
    pub accepts: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

/// Explains the settings of a source. Writes nothing, so secrets that rehearsal would generate count as unset.
#[must_use]
pub fn explain(source: &EnvSource) -> Explanation {
    let pass = read(&Layers::new(source));
    let rows = setting::groups()
        .iter()
        .flat_map(|group| group.settings.iter().map(|setting| (group.title, setting)))
        .map(|(group, setting)| Row {
            group,
            name: setting.name,
            source: pass.sources.get(setting.name).copied().unwrap_or(Source::Unset),
            secret: setting.secret,
            required: requirement_words(setting),
            default: default_words(setting),
            accepts: setting.accepts,
            meaning: setting.meaning.trim(),
        })
        .collect();
    Explanation { rows, problems: pass.problems, warnings: pass.warnings }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let mut group = "";
        for row in &self.rows {
            if row.group != group {
                group = row.group;
                writeln!(f, "\n{group}")?;
            }
            writeln!(f, "  {:width$}  {:11}  {}", row.name, row.source.as_str(), row.meaning)?;
        }
        for warning in &self.warnings {
            writeln!(f, "\nwarning: {warning}")?;
        }
        for problem in &self.problems {
            writeln!(f, "\nproblem: {problem}")?;
        }
        Ok(())
    }
}
