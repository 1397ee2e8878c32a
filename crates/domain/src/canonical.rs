//! Canonical JSON and the hashes made of it.
//!
//! Form: UTF-8, object keys sorted by code point at every level, no white space, no escapes beyond those JSON demands,
//! integers in plain decimal, other numbers in their shortest form that reads back equal. It follows RFC 8785 in
//! spirit, but sorts by code point (RFC 8785 sorts by UTF-16 unit).

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The canonical text of `value`.
#[must_use]
pub fn to_text(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            // Sorted here rather than trusting the map: a dependency may switch `preserve_order` on for the whole build.
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (index, (key, member)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// SHA-256 of `bytes` as 64 hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// SHA-256 of the canonical text of `value` as 64 hexadecimal digits.
#[must_use]
pub fn hash(value: &Value) -> String {
    sha256_hex(to_text(value).as_bytes())
}

/// The first 16 hexadecimal digits of [`hash`].
#[must_use]
pub fn short_hash(value: &Value) -> String {
    let mut text = hash(value);
    text.truncate(16);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_at_every_level_and_nothing_is_padded() {
        let value = json!({"b": [1, {"z": null, "a": "é\n"}], "a": 1.5});
        assert_eq!(to_text(&value), r#"{"a":1.5,"b":[1,{"a":"é\n","z":null}]}"#);
    }

    #[test]
    fn the_empty_object_has_the_known_digest() {
        assert_eq!(hash(&json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_filter("JSON has no such number", |n| n.is_finite()).prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(".{0,4}", inner, 0..6).prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_text_reads_back_as_the_same_value_and_stays_the_same(value in any_json()) {
            let text = to_text(&value);
            let read: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(to_text(&read), text);
        }
    }
}
