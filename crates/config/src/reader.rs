//! Reads settings out of the layers, typed, and keeps every problem instead of stopping at the first.

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::errors::{Problem, Warning};
use crate::layers::{Layers, Source};
use crate::mode::Mode;
use crate::parse::Parser;
use crate::setting::{Requirement, Setting};
use crate::upstream::Upstream;

#[derive(Debug)]
pub(crate) struct Reader<'a> {
    layers: &'a Layers<'a>,
    mode: Mode,
    /// Upstreams that are real although the mode is rehearsal.
    really_live: Vec<Upstream>,
    pub(crate) sources: BTreeMap<&'static str, Source>,
    pub(crate) secret_values: Vec<SecretString>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(layers: &'a Layers<'a>) -> Self {
        Self {
            layers,
            mode: Mode::Rehearsal,
            really_live: Vec::new(),
            sources: BTreeMap::new(),
            secret_values: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// From here on defaults and rules are those of `mode`.
    pub(crate) fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    pub(crate) fn set_really_live(&mut self, upstreams: &[Upstream]) {
        self.really_live = upstreams.to_vec();
    }

    /// Whether the setting has a problem already, so that nothing further need be said of it.
    pub(crate) fn has_problem(&self, name: &str) -> bool {
        self.problems.iter().any(|problem| problem.name == name)
    }

    pub(crate) fn is_set(&self, setting: &Setting) -> bool {
        self.layers.find(setting).is_some()
    }

    /// A setting that always has a value. `None` only when it is wrong and the table has no default.
    pub(crate) fn value<T>(&mut self, setting: &Setting, parser: &Parser<T>) -> Option<T> {
        self.option(setting, parser)
            .or_else(|| setting.default.text(self.mode).and_then(|text| (parser.parse)(text, self.mode).ok()))
    }

    /// A setting that may be absent; also absent when it is wrong, the problem being kept.
    pub(crate) fn option<T>(&mut self, setting: &Setting, parser: &Parser<T>) -> Option<T> {
        let Some((text, source)) = self.layers.find(setting) else {
            return self.unset(setting, parser);
        };
        self.sources.insert(setting.name, source);
        if text.is_empty() {
            return None;
        }
        if setting.secret {
            self.secret_values.push(text.into());
        }
        match (parser.parse)(text, self.mode) {
            Ok(value) => Some(value),
            Err(remark) if self.is_played(setting) => {
                self.sources.insert(setting.name, Source::Unset);
                let text = format!("{remark}; ignored, because the rehearsal world answers for that upstream");
                self.warnings.push(Warning { name: setting.name.to_owned(), text });
                None
            }
            Err(remark) => {
                self.problems.push(Problem {
                    name: setting.name.to_owned(),
                    what: remark.to_owned(),
                    remedy: with_hint(format!("accepted: {}", setting.accepts), setting),
                });
                None
            }
        }
    }

    fn unset<T>(&mut self, setting: &Setting, parser: &Parser<T>) -> Option<T> {
        self.sources.insert(setting.name, Source::Unset);
        if self.mode == Mode::Live && setting.requirement == Requirement::Live {
            self.missing(setting);
        }
        let text = setting.default.text(self.mode)?;
        self.sources.insert(setting.name, Source::Default);
        (parser.parse)(text, self.mode).ok()
    }

    /// Notes that a setting which must be there is not.
    pub(crate) fn missing(&mut self, setting: &Setting) {
        let what = match self.mode {
            Mode::Live => "is missing and live mode needs it",
            Mode::Rehearsal => "is missing and HOLLY_REHEARSAL_LIVE needs it",
        };
        self.problems.push(Problem {
            name: setting.name.to_owned(),
            what: what.to_owned(),
            remedy: with_hint(format!("set it to {}", setting.accepts), setting),
        });
    }

    /// A stray key must not stop a rehearsal that would never use it.
    fn is_played(&self, setting: &Setting) -> bool {
        self.mode == Mode::Rehearsal
            && setting.credential_of.is_some_and(|upstream| !self.really_live.contains(&upstream))
    }
}

fn with_hint(remedy: String, setting: &Setting) -> String {
    if setting.hint.is_empty() { remedy } else { format!("{remedy} ({})", setting.hint) }
}
