//! What is wrong with the settings, in words a person can act on.

use std::fmt;

/// One setting that cannot be used. Never holds the setting's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The setting, or the file that could not be read.
    pub name: String,
    /// What is wrong.
    pub what: String,
    /// How to put it right.
    pub remedy: String,
}

/// Everything that is wrong, at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors {
    /// Never empty.
    pub problems: Vec<Problem>,
    /// What was noticed besides.
    pub warnings: Vec<Warning>,
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        writeln!(f, "the configuration has {count} {}:", if count == 1 { "problem" } else { "problems" })?;
        for problem in &self.problems {
            writeln!(f, "  {problem}")?;
        }
        f.write_str("see docs/configuration.md, or run `holly config --explain`")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; {}", self.name, self.what, self.remedy)
    }
}

/// Something worth a line at start that does not stop it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The setting it is about.
    pub name: String,
    /// What was noticed.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.text)
    }
}

impl Problem {
    pub(crate) fn no_signing_key() -> Self {
        Self {
            name: "AUTH_SECRET_KEY".to_owned(),
            what: "is missing".to_owned(),
            remedy: "set it to at least 32 random bytes as text".to_owned(),
        }
    }
}
