//! What the provider demands of a tool whose arguments it is to hold to the letter (`strict`).

use serde_json::Value;

use super::refusal::Refusal;

/// Checks `schema`, the parameters of the strict tool `name`: no further members, and each one required.
pub(super) fn strict(name: &str, schema: &Value, param: &str) -> Result<(), Refusal> {
    let complain = |context: &str, what: &str| {
        Err(Refusal::invalid_schema(
            param,
            &format!("Invalid schema for function '{name}': In context=({context}), {what}"),
        ))
    };
    walk(schema, "", &complain)
}

fn walk(schema: &Value, at: &str, complain: &dyn Fn(&str, &str) -> Result<(), Refusal>) -> Result<(), Refusal> {
    let Value::Object(members) = schema else { return Ok(()) };
    if let Some(properties) = members.get("properties").and_then(Value::as_object) {
        if members.get("additionalProperties") != Some(&Value::Bool(false)) {
            return complain(at, "'additionalProperties' is required to be supplied and to be false.");
        }
        let required = members.get("required").and_then(Value::as_array);
        let is_required =
            |name: &String| required.is_some_and(|names| names.iter().any(|found| found == name.as_str()));
        if let Some(name) = properties.keys().find(|name| !is_required(name)) {
            let what = format!("'required' is required to be supplied and to include each property. Missing '{name}'.");
            return complain(at, &what);
        }
        for (name, inner) in properties {
            walk(inner, &format!("{at}/properties/{name}"), complain)?;
        }
    }
    if let Some(items) = members.get("items") {
        walk(items, &format!("{at}/items"), complain)?;
    }
    Ok(())
}
