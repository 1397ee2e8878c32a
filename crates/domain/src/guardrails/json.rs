//! Redaction of JSON: every string at any depth, and the members whose name alone says that they must go.

use serde_json::{Map, Value};

use super::redactor::Redactor;
use super::spans::Cards;

/// Members with exactly these names are removed at any depth.
const REMOVED_KEYS: &[&str] = &["raw_env", "token", "authorization", "password", "secret", "api_key"];

impl Redactor {
    /// Redacts every string of a value and removes members such as `token` or `password`. Returns the flags of what
    /// was found, each once, with `key:<name>` for a removed member; empty when the value was clean.
    pub fn redact_json(&self, value: &mut Value) -> Vec<String> {
        let mut flags = Vec::new();
        self.redact_value(value, Cards::Find, &mut flags);
        flags
    }

    /// As [`Redactor::redact_json`], for the members of an object.
    pub fn redact_object(&self, object: &mut Map<String, Value>) -> Vec<String> {
        let mut flags = Vec::new();
        self.redact_members(object, &mut flags);
        flags
    }

    fn redact_value(&self, value: &mut Value, cards: Cards, flags: &mut Vec<String>) {
        match value {
            Value::String(text) => self.redact_text(text, cards, flags),
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_value(item, cards, flags)),
            Value::Object(members) => self.redact_members(members, flags),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn redact_members(&self, members: &mut Map<String, Value>, flags: &mut Vec<String>) {
        members.retain(|name, _| {
            let removed = REMOVED_KEYS.iter().find(|key| name.eq_ignore_ascii_case(key));
            if let Some(key) = removed {
                add(flags, format!("key:{key}"));
            }
            removed.is_none()
        });
        let mut renamed = Vec::new();
        for (name, value) in members.iter_mut() {
            self.redact_value(value, cards_under(name), flags);
            let mut shown = name.clone();
            self.redact_text(&mut shown, Cards::Find, flags);
            if shown != *name {
                renamed.push((name.clone(), shown));
            }
        }
        for (name, shown) in renamed {
            if let Some(value) = members.remove(&name) {
                members.insert(shown, value);
            }
        }
    }

    fn redact_text(&self, text: &mut String, cards: Cards, flags: &mut Vec<String>) {
        let scan = self.scan_with(text, cards);
        if !scan.safe || text.contains('\0') {
            *text = scan.sanitized;
            scan.flags.into_iter().for_each(|flag| add(flags, flag));
        }
    }
}

fn add(flags: &mut Vec<String>, flag: String) {
    if !flags.contains(&flag) {
        flags.push(flag);
    }
}

/// The digits of an id are no card, whatever their check digit says.
fn cards_under(name: &str) -> Cards {
    let lower = name.to_ascii_lowercase();
    let is_id = matches!(lower.as_str(), "id" | "ids" | "gid")
        || lower.ends_with("_id")
        || lower.ends_with("_ids")
        || name.ends_with("Id")
        || name.ends_with("Ids")
        || lower.contains("tracking")
        || matches!(lower.as_str(), "order" | "order_name" | "order_number" | "orders");
    if is_id { Cards::Leave } else { Cards::Find }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn strings_are_redacted_at_any_depth_and_named_members_removed() {
        let key = ["sk", "_test_", &"F".repeat(24)].concat();
        let mut value = json!({
            "a": [{"b": {"c": key, "Token": "x", "total_tokens": 5, "tokens": 6}}],
            "password": "y", "note": "clean", key.clone(): 1,
        });
        let flags = Redactor::new([]).redact_json(&mut value);
        assert_eq!(
            value,
            json!({
                "a": [{"b": {"c": "[REDACTED_STRIPE_KEY]", "total_tokens": 5, "tokens": 6}}],
                "note": "clean", "[REDACTED_STRIPE_KEY]": 1,
            })
        );
        let mut sorted = flags;
        sorted.sort_unstable();
        assert_eq!(sorted, ["key:password", "key:token", "secret:stripe_key"]);
    }

    #[test]
    fn a_clean_value_gives_no_flags_and_stays_as_it_is() {
        let clean = json!({"id": "4111111111111111", "order_id": 5830137741322_i64, "items": [null, true, "shirt"]});
        let mut value = clean.clone();
        assert!(Redactor::new([]).redact_json(&mut value).is_empty());
        assert_eq!(value, clean);
    }

    #[test]
    fn an_object_is_treated_like_a_value() {
        let mut object = json!({"secret": 1, "card": "4111 1111 1111 1111"}).as_object().cloned().unwrap_or_default();
        let flags = Redactor::new([]).redact_object(&mut object);
        assert_eq!(Value::Object(object), json!({"card": "[REDACTED_CREDIT_CARD]"}));
        assert_eq!(flags, ["key:secret", "pii:credit_card"]);
    }
}
