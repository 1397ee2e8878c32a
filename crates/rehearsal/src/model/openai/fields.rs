//! Members of a JSON object, checked in the provider's words.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// An object and its place in the request, e.g. `input[0]`.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    at: String,
    members: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The members of the request itself.
    pub(super) fn root(members: &'a Map<String, Value>) -> Self {
        Self { at: String::new(), members }
    }

    /// `value` as an object.
    pub(super) fn of(value: &'a Value, at: impl Into<String>) -> Result<Self, Refusal> {
        let at = at.into();
        match value {
            Value::Object(members) => Ok(Self { at, members }),
            _ => Err(Refusal::wrong_type(&at, "an object")),
        }
    }

    /// The place of a member.
    pub(super) fn place(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    /// Refuses members that are not among `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Refusal::unknown_parameter(&self.place(name))),
            None => Ok(()),
        }
    }

    /// A member; `null` is as good as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A member as an object.
    pub(super) fn object(&self, name: &str) -> Result<Option<Self>, Refusal> {
        self.get(name).map(|value| Self::of(value, self.place(name))).transpose()
    }

    /// A text that must be there.
    pub(super) fn text(&self, name: &str) -> Result<&'a str, Refusal> {
        match self.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(Refusal::wrong_type(&self.place(name), "a string")),
            None => Err(Refusal::missing(&self.place(name))),
        }
    }

    /// A text that is not empty.
    pub(super) fn id(&self, name: &str) -> Result<String, Refusal> {
        match self.text(name)? {
            "" => Err(Refusal::invalid(self.place(name), format!("'{}' must not be empty.", self.place(name)))),
            id => Ok(id.to_owned()),
        }
    }

    /// Yes or no, if it is there.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Refusal::wrong_type(&self.place(name), "a boolean")),
        }
    }

    /// One of the words `of`, if it is there.
    pub(super) fn word(&self, name: &str, of: &[&str]) -> Result<Option<&'a str>, Refusal> {
        if self.get(name).is_none() {
            return Ok(None);
        }
        let word = self.text(name)?;
        if of.contains(&word) {
            return Ok(Some(word));
        }
        let known = of.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
        let at = self.place(name);
        Err(Refusal::invalid(&at, format!("Invalid value: '{word}'. Supported values are: {known}.")))
    }

    /// An integer from `least` on, if it is there.
    pub(super) fn integer(&self, name: &str, least: u64) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_u64() {
            Some(number) if number >= least => Ok(Some(number)),
            Some(number) => Err(Refusal::below_minimum(&self.place(name), least, number)),
            None => Err(Refusal::wrong_type(&self.place(name), "an integer")),
        }
    }
}
