//! The models that the rehearsal pretends to have.

use serde_json::{Value, json};

use super::fields::Fields;
use super::refusal::Refusal;

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

/// Whether the model thinks before it answers; such models refuse what older ones took.
pub(super) fn reasons(name: &str) -> bool {
    let major = name.strip_prefix("gpt-").and_then(|rest| rest.split(['-', '.']).next());
    major.and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major >= 5)
}

/// Checks the parameters of sampling: `temperature` and `top_p`.
pub(super) fn sampling(model: &str, fields: &Fields<'_>) -> Result<(), Refusal> {
    for (name, most) in [("temperature", 2.0), ("top_p", 1.0)] {
        match fields.get(name) {
            None => {}
            Some(_) if reasons(model) => return Err(Refusal::unsupported(name)),
            Some(value) => match value.as_f64() {
                Some(number) if (0.0..=most).contains(&number) => {}
                Some(_) => {
                    return Err(Refusal::invalid(
                        name,
                        format!("Invalid '{name}': expected a number from 0 to {most}."),
                    ));
                }
                None => return Err(Refusal::wrong_type(name, "a number")),
            },
        }
    }
    Ok(())
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
