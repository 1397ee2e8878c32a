//! Whether a condition holds.

use serde_json::{Map, Value};

use super::Condition;

/// The kinds of conditions.
pub(super) const KINDS: [&str; 4] = ["field_equals", "field_contains", "field_in", "default"];

/// Whether `condition` holds in `state`. An absent or null field never equals, contains or is in anything.
pub(super) fn holds(condition: &Condition, state: &Map<String, Value>) -> bool {
    if condition.kind == "default" {
        return true;
    }
    let Some(found) = condition.field.as_deref().and_then(|field| at(state, field)) else { return false };
    let wanted = condition.value.as_ref().map(|value| text(value).into_iter().next().unwrap_or_default());
    let wanted = wanted.unwrap_or_default();
    // A boolean reads as `true` and as `True`, because definitions of both spellings exist.
    text(found).iter().any(|found| match condition.kind.as_str() {
        "field_equals" => *found == wanted,
        "field_contains" => found.contains(&wanted),
        "field_in" => wanted.split(',').any(|one| one.trim() == found),
        _ => false,
    })
}

/// The member at a dotted path; null counts as absent.
fn at<'a>(state: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let first = state.get(parts.next()?)?;
    let found = parts.try_fold(first, |value, part| value.get(part))?;
    (!found.is_null()).then_some(found)
}

/// The spellings of a value.
fn text(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Bool(true) => vec!["true".into(), "True".into()],
        Value::Bool(false) => vec!["false".into(), "False".into()],
        other => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn condition(kind: &str, field: &str, value: Value) -> Condition {
        Condition { target: "t".into(), kind: kind.into(), field: Some(field.into()), value: Some(value) }
    }

    fn state() -> Map<String, Value> {
        json!({"route": "a", "flag": true, "n": 3, "deep": {"x": "long text"}, "nothing": null, "error": ""})
            .as_object()
            .cloned()
            .unwrap()
    }

    #[test]
    fn each_kind_compares_as_it_says() {
        for (kind, field, value, expected) in [
            ("field_equals", "route", json!("a"), true),
            ("field_equals", "route", json!("b"), false),
            ("field_equals", "flag", json!("True"), true),
            ("field_equals", "flag", json!("true"), true),
            ("field_equals", "flag", json!(true), true),
            ("field_equals", "n", json!("3"), true),
            ("field_equals", "error", json!(""), true),
            ("field_equals", "nothing", json!(""), false),
            ("field_equals", "absent", json!(""), false),
            ("field_contains", "deep.x", json!("text"), true),
            ("field_in", "route", json!("x, a ,y"), true),
            ("field_in", "route", json!("x,aa"), false),
            ("field_unknown", "route", json!("a"), false),
        ] {
            assert_eq!(holds(&condition(kind, field, value.clone()), &state()), expected, "{kind} {field} {value}");
        }
    }

    proptest! {
        #[test]
        fn any_condition_over_any_state_is_answered(kind in "(field_equals|field_contains|field_in|default|.{0,5})", field in ".{0,12}", value in ".{0,8}", held in ".{0,8}") {
            let state = Map::from_iter([(field.clone(), json!(held.clone()))]);
            let answer = holds(&condition(&kind, &field, json!(value.clone())), &state);
            if kind == "field_equals" && !field.contains('.') {
                prop_assert_eq!(answer, held == value);
            }
        }
    }
}
