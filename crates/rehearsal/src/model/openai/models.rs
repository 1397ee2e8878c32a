//! The models that the rehearsal pretends to have.

use serde_json::{Value, json};

/// Name, moment of creation (Unix seconds), day on which the vendor says it ends.
const MODELS: [(&str, i64, Option<&str>); 4] = [
    ("gpt-4o", 1_715_367_049, Some("2027-01-14")),
    ("gpt-4o-mini", 1_721_172_741, Some("2027-01-14")),
    ("gpt-6-luna", 1_780_272_000, None),
    ("gpt-6-sol", 1_780_272_000, None),
];

/// Whether the model can be asked.
pub(super) fn is_known(name: &str) -> bool {
    MODELS.iter().any(|(known, ..)| *known == name)
}

/// The answer of `GET /models`.
pub(super) fn list() -> Value {
    let data: Vec<Value> = MODELS.iter().map(entry).collect();
    json!({"object": "list", "data": data})
}

/// The answer of `GET /models/{name}`.
pub(super) fn one(name: &str) -> Option<Value> {
    MODELS.iter().find(|(known, ..)| *known == name).map(entry)
}

fn entry((id, created, ends): &(&str, i64, Option<&str>)) -> Value {
    json!({"id": id, "object": "model", "created": created, "owned_by": "rehearsal", "shutdown_date": ends})
}
