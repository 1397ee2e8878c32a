//! Reading a model's final answer.

use serde_json::{Map, Value, json};

/// The answer as an object: the text itself, a fenced block, or the first balanced object in it; otherwise the text as
/// `raw_content`. `status` defaults to `completed`.
#[must_use]
pub fn parse(text: &str) -> Map<String, Value> {
    let found = serde_json::from_str(text.trim()).ok().and_then(into_object);
    let mut answer = found
        .or_else(|| fenced(text).and_then(|block| serde_json::from_str(block).ok()).and_then(into_object))
        .or_else(|| first_object(text))
        .unwrap_or_else(|| Map::from_iter([("raw_content".to_owned(), json!(text))]));
    answer.entry("status").or_insert_with(|| json!("completed"));
    answer
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

fn fenced(text: &str) -> Option<&str> {
    let after = &text[text.find("```")? + 3..];
    let body = &after[after.find('\n')? + 1..];
    Some(&body[..body.find("```")?])
}

/// The first balanced `{...}` that is JSON. Each opening brace is tried once; the parser itself finds the end.
fn first_object(text: &str) -> Option<Map<String, Value>> {
    const MOST_TRIES: usize = 64;
    text.match_indices('{').take(MOST_TRIES).find_map(|(at, _)| {
        let mut stream = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        stream.next()?.ok().and_then(into_object)
    })
}

/// The sentence that the conversation keeps: `summary`, `caption`, or the beginning of the text.
#[must_use]
pub fn headline(answer: &Map<String, Value>, text: &str) -> String {
    let member = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    member("summary").or_else(|| member("caption")).map_or_else(|| text.chars().take(200).collect(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_answer_is_found_bare_fenced_or_inside_prose() {
        for text in [r#"{"a": 1}"#, "Here:\n```json\n{\"a\": 1}\n```\n", "I think {so} but {\"a\": 1} is it"] {
            assert_eq!(parse(text)["a"], 1, "{text}");
        }
        assert_eq!(parse("no object here")["raw_content"], "no object here");
        assert_eq!(parse("{}")["status"], "completed");
    }

    proptest! {
        #[test]
        fn any_text_gives_an_object(text in ".{0,300}") {
            let _ = headline(&parse(&text), &text);
        }
    }
}
