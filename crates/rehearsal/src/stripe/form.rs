//! Form bodies and queries with bracket names.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::refused::{Outcome, invalid};

/// Names and values as sent, brackets undone in the names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads `name=value&…`; percent signs and plus signs are undone.
    pub(crate) fn parse(text: &str) -> Self {
        Self(
            text.split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The members of `metadata[…]`.
    pub(crate) fn metadata(&self) -> Value {
        let members: Map<String, Value> = self
            .0
            .iter()
            .filter_map(|(name, value)| {
                let key = name.strip_prefix("metadata[")?.strip_suffix(']')?;
                Some((key.to_owned(), value.clone().into()))
            })
            .collect();
        Value::Object(members)
    }

    /// The names as sent.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Refuses parameters whose name, without brackets, is not among `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Outcome> {
        let base = |name: &str| name.split('[').next().unwrap_or_default().to_owned();
        let of_time = ["created", "created[gte]", "created[gt]", "created[lte]", "created[lt]"];
        let unknown = |name: &&str| {
            let base = base(name);
            !known.contains(&base.as_str()) || (base == "created" && !of_time.contains(name))
        };
        match self.names().find(unknown) {
            Some(name) => Err(invalid(&format!("Received unknown parameter: {name}"), Some("parameter_unknown"), name)),
            None => Ok(()),
        }
    }

    /// Refuses empty values, and metadata beyond its bounds.
    pub(super) fn sound(&self) -> Result<(), Outcome> {
        for (name, value) in self.0.iter().filter(|(name, _)| !name.starts_with("metadata[")) {
            if value.is_empty() {
                let message = format!("You passed an empty string for '{name}'; leave the parameter out instead.");
                return Err(invalid(&message, Some("parameter_invalid_empty"), name));
            }
        }
        let metadata = self.metadata();
        let members = metadata.as_object().into_iter().flatten();
        let too_long = |(key, value): (&String, &Value)| {
            key.chars().count() > 40 || value.as_str().is_some_and(|text| text.chars().count() > 500)
        };
        if members.clone().count() > 50 || members.into_iter().any(too_long) {
            let message = "Metadata has at most 50 keys of 40 characters and values of 500 characters.";
            return Err(invalid(message, None, "metadata"));
        }
        Ok(())
    }

    /// One text that is equal for equal forms.
    pub(crate) fn fingerprint(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|two| hex::decode(two).ok()).and_then(|byte| byte.first().copied());
        rest = tail;
        match (first, digits) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn brackets_and_percents_are_read() {
        let form = Form::parse("charge=ch_1&metadata%5Bholly_key%5D=a%2Bb+c&amount=10");
        assert_eq!(form.get("charge"), Some("ch_1"));
        assert_eq!(form.metadata()["holly_key"], "a+b c");
    }
}
