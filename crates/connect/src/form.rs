//! Form bodies with bracket notation: `metadata[holly_key]=..&line_items[0][price]=..`.

use serde_json::Value;

/// Encodes the members of an object. Nested objects and arrays become brackets; a null member is left out.
#[must_use]
pub fn encode(fields: &Value) -> String {
    let mut pairs = Vec::new();
    if let Value::Object(members) = fields {
        for (name, value) in members {
            flatten(name.clone(), value, &mut pairs);
        }
    }
    pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}

fn flatten(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (key, value) in members {
                flatten(format!("{name}[{key}]"), value, pairs);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(format!("{name}[{index}]"), value, pairs);
            }
        }
        Value::String(text) => pairs.push((name, text.clone())),
        Value::Bool(_) | Value::Number(_) => pairs.push((name, value.to_string())),
    }
}

fn escape(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'[' | b']' => {
                out.push(char::from(byte))
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn nesting_becomes_brackets() {
        let fields = json!({"charge": "ch_1", "amount": 500, "reason": null, "metadata": {"holly_key": "a b&c"},
            "line_items": [{"price": "price_1", "quantity": 2}]});
        assert_eq!(
            encode(&fields),
            "amount=500&charge=ch_1&line_items[0][price]=price_1&line_items[0][quantity]=2&metadata[holly_key]=a+b%26c"
        );
    }

    fn decode(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => other,
            });
        }
        String::from_utf8(bytes).unwrap()
    }

    proptest! {
        #[test]
        fn any_text_reads_back(text in ".*") {
            let encoded = encode(&json!({ "a": text }));
            let value = encoded.strip_prefix("a=").unwrap();
            prop_assert!(!value.contains(['&', '=', '#']));
            prop_assert_eq!(decode(value), text);
        }
    }
}
