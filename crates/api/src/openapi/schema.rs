//! Words for JSON Schemas, so that an operation reads like a sentence.

use serde_json::{Map, Value, json};

/// Any text.
#[must_use]
pub fn text() -> Value {
    json!({"type": "string"})
}

/// A text of at most `max` characters.
#[must_use]
pub fn text_up_to(max: usize) -> Value {
    json!({"type": "string", "maxLength": max})
}

/// A text of a form.
#[must_use]
pub fn pattern(pattern: &str) -> Value {
    json!({"type": "string", "pattern": pattern})
}

/// One of a few words.
#[must_use]
pub fn one_of(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

/// A moment.
#[must_use]
pub fn moment() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// A whole number.
#[must_use]
pub fn whole() -> Value {
    json!({"type": "integer", "format": "int64"})
}

/// A whole number within bounds.
#[must_use]
pub fn whole_in(min: i64, max: i64) -> Value {
    json!({"type": "integer", "minimum": min, "maximum": max})
}

/// The `limit` of a list: more than `max` is cut to it, so the schema has no maximum.
#[must_use]
pub fn limit(default: i64, max: i64) -> Value {
    json!({"type": "integer", "minimum": 1, "default": default, "description": format!("more than {max} is cut to {max}")})
}

/// A number.
#[must_use]
pub fn number() -> Value {
    json!({"type": "number"})
}

/// True or false.
#[must_use]
pub fn flag() -> Value {
    json!({"type": "boolean"})
}

/// Any object.
#[must_use]
pub fn any_object() -> Value {
    json!({"type": "object", "additionalProperties": true})
}

/// A map from names to values of one schema.
#[must_use]
pub fn map_of(schema: Value) -> Value {
    json!({"type": "object", "additionalProperties": schema})
}

/// A list.
#[must_use]
pub fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

/// The same, or null.
#[must_use]
pub fn or_null(schema: Value) -> Value {
    match schema.get("type").and_then(Value::as_str) {
        Some(kind) if schema.get("enum").is_none() => {
            let mut widened = schema.clone();
            widened["type"] = json!([kind, "null"]);
            widened
        }
        _ => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

/// A schema of the document's components.
#[must_use]
pub fn named(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// An answer: every member is always there.
#[must_use]
pub fn object(members: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    json!({"type": "object", "properties": properties(members), "required": required})
}

/// A request: only `required` must be there, and nothing else may be.
#[must_use]
pub fn request(required: &[&str], members: &[(&str, Value)]) -> Value {
    json!({"type": "object", "properties": properties(members), "required": required, "additionalProperties": false})
}

fn properties(members: &[(&str, Value)]) -> Map<String, Value> {
    members.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect()
}

/// Id of an agent, a workflow, a node or an edge.
#[must_use]
pub fn slug() -> Value {
    pattern("^[a-z0-9][a-z0-9_-]{0,63}$")
}

/// A run id.
#[must_use]
pub fn run_id() -> Value {
    pattern("^run_[0-9a-f]{16}$")
}

/// An effect id.
#[must_use]
pub fn effect_id() -> Value {
    pattern("^[0-9a-f]{32}$")
}

/// A checkpoint id.
#[must_use]
pub fn checkpoint_id() -> Value {
    pattern("^cp_[0-9a-f]{12}$")
}

/// Status of a run.
#[must_use]
pub fn run_status() -> Value {
    one_of(&domain::run::RunStatus::ALL.map(domain::run::RunStatus::as_str))
}

/// Status of a ticket.
#[must_use]
pub fn ticket_status() -> Value {
    one_of(&domain::ticket::TicketStatus::ALL.map(domain::ticket::TicketStatus::as_str))
}

/// Risk of a call.
#[must_use]
pub fn risk() -> Value {
    one_of(&["low", "medium", "high"])
}
