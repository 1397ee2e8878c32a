//! Members of a JSON object, checked in the provider's words.

use serde_json::{Map, Value};

use super::refusal::Problem;

/// An object and its place in the request, e.g. `messages.0.content.1`.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    at: String,
    members: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// `value` as an object.
    pub(super) fn of(value: &'a Value, at: impl Into<String>) -> Result<Self, Problem> {
        let at = at.into();
        match value {
            Value::Object(members) => Ok(Self { at, members }),
            _ => Err(wrong(&at, "Input should be an object")),
        }
    }

    /// The place of a member.
    pub(super) fn place(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    /// A problem with a member.
    pub(super) fn problem(&self, name: &str, message: &str) -> Problem {
        wrong(&self.place(name), message)
    }

    /// Refuses members that are not among `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(self.problem(name, "Extra inputs are not permitted")),
            None => Ok(()),
        }
    }

    /// A member, whatever it is; `null` is there.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name)
    }

    /// A member that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&'a Value, Problem> {
        self.get(name).ok_or_else(|| self.problem(name, "Field required"))
    }

    /// A text that must be there.
    pub(super) fn text(&self, name: &str) -> Result<&'a str, Problem> {
        self.required(name)?.as_str().ok_or_else(|| self.problem(name, "Input should be a valid string"))
    }

    /// A list that must be there.
    pub(super) fn list(&self, name: &str) -> Result<&'a [Value], Problem> {
        match self.required(name)? {
            Value::Array(items) => Ok(items),
            _ => Err(self.problem(name, "Input should be a valid list")),
        }
    }

    /// An integer from `least` on that must be there.
    pub(super) fn integer(&self, name: &str, least: u64) -> Result<u64, Problem> {
        match self.required(name)?.as_u64() {
            Some(number) if number >= least => Ok(number),
            _ => Err(self.problem(name, &format!("Input should be an integer greater than or equal to {least}"))),
        }
    }

    /// A number between 0 and 1, if it is there.
    pub(super) fn fraction(&self, name: &str) -> Result<Option<f64>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(number) if (0.0..=1.0).contains(&number) => Ok(Some(number)),
                _ => Err(self.problem(name, "Input should be a number from 0 to 1")),
            },
        }
    }

    /// Yes or no, if it is there.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.problem(name, "Input should be a valid boolean")),
        }
    }

    /// One of the words `of`, which must be there.
    pub(super) fn word(&self, name: &str, of: &[&str]) -> Result<&'a str, Problem> {
        let word = self.text(name)?;
        if of.contains(&word) {
            return Ok(word);
        }
        Err(self.problem(name, &format!("Input should be {}", of.join(" or "))))
    }
}

fn wrong(at: &str, message: &str) -> Problem {
    Problem::Invalid(if at.is_empty() { message.to_owned() } else { format!("{at}: {message}") })
}
