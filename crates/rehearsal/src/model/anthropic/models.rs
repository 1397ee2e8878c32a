//! The models that the rehearsal pretends to have, and what each of them takes.

use serde_json::{Value, json};

use super::refusal::Problem;

/// Id, display name, day of appearance, newest first.
const MODELS: [(&str, &str, &str); 6] = [
    ("claude-opus-5-5", "Claude Opus 5.5", "2026-09-01"),
    ("claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-08-01"),
    ("claude-haiku-5-5", "Claude Haiku 5.5", "2026-07-01"),
    ("claude-opus-4-6", "Claude Opus 4.6", "2026-02-04"),
    ("claude-haiku-4-5", "Claude Haiku 4.5", "2025-10-15"),
    ("claude-sonnet-4-5", "Claude Sonnet 4.5", "2025-09-29"),
];

/// What a model takes and what it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Traits {
    /// Takes `temperature`, `top_p` and `top_k`.
    pub(super) sampling: bool,
    /// Lets the conversation end with words of the assistant, to be continued.
    pub(super) prefill: bool,
    /// Takes `thinking` with a fixed budget.
    pub(super) thinking_budget: bool,
    /// Takes `thinking` of the adaptive type.
    pub(super) adaptive: bool,
    /// Fewest tokens of a prefix that is cached.
    pub(super) cached_from: u64,
}

/// The traits of `name`, when there is such a model.
pub(super) fn traits(name: &str) -> Option<Traits> {
    MODELS.iter().find(|(id, ..)| *id == name)?;
    let mut words = name.split('-').skip(1);
    let family = words.next()?;
    let version = (words.next()?.parse::<u32>().ok()?, words.next()?.parse::<u32>().ok()?);
    Some(Traits {
        sampling: version < (4, 7),
        prefill: version < (4, 6),
        thinking_budget: version < (4, 7),
        adaptive: version >= (4, 6),
        cached_from: if family == "sonnet" { 1_024 } else { 4_096 },
    })
}

/// The answer of `GET /v1/models`: newest first, `limit` at a time.
pub(super) fn page(query: &[(String, String)]) -> Result<Value, Problem> {
    let mut limit = 20;
    let mut ids: Vec<usize> = (0..MODELS.len()).collect();
    let place = |id: &str| MODELS.iter().position(|(known, ..)| *known == id);
    let mut backwards = false;
    for (name, value) in query {
        match name.as_str() {
            "limit" => match value.parse::<usize>() {
                Ok(asked @ 1..=1_000) => limit = asked,
                _ => return Err(Problem::Invalid("limit: Input should be an integer from 1 to 1000".to_owned())),
            },
            "after_id" => {
                let after = place(value).ok_or_else(|| unknown_cursor("after_id"))?;
                ids.retain(|at| *at > after);
            }
            "before_id" => {
                let before = place(value).ok_or_else(|| unknown_cursor("before_id"))?;
                ids.retain(|at| *at < before);
                backwards = true;
            }
            other => return Err(Problem::Invalid(format!("{other}: Extra inputs are not permitted"))),
        }
    }
    let has_more = ids.len() > limit;
    if has_more && backwards {
        ids.drain(..ids.len() - limit);
    }
    ids.truncate(limit);
    let data: Vec<Value> = ids.iter().map(|at| entry(&MODELS[*at])).collect();
    let id = |at: Option<&usize>| at.map(|at| MODELS[*at].0);
    Ok(json!({"data": data, "has_more": has_more, "first_id": id(ids.first()), "last_id": id(ids.last())}))
}

/// The answer of `GET /v1/models/{id}`.
pub(super) fn one(id: &str) -> Option<Value> {
    MODELS.iter().find(|(known, ..)| *known == id).map(entry)
}

fn entry((id, name, day): &(&str, &str, &str)) -> Value {
    json!({"type": "model", "id": id, "display_name": name, "created_at": format!("{day}T00:00:00Z")})
}

fn unknown_cursor(name: &str) -> Problem {
    Problem::Invalid(format!("{name}: Model not found"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_models_refuse_what_older_ones_took() {
        let older = traits("claude-sonnet-4-5").expect("known");
        let middle = traits("claude-opus-4-6").expect("known");
        let newer = traits("claude-opus-5-5").expect("known");
        assert_eq!([older.prefill, middle.prefill, newer.prefill], [true, false, false]);
        assert_eq!([older.sampling, middle.sampling, newer.sampling], [true, true, false]);
        assert_eq!(traits("claude-1"), None);
    }

    #[test]
    fn the_pages_of_the_list_together_are_the_list() {
        let mut seen = Vec::new();
        let mut query = vec![("limit".to_owned(), "4".to_owned())];
        loop {
            let page = page(&query).expect("a page");
            seen.extend(page["data"].as_array().expect("a list").iter().map(|model| model["id"].clone()));
            if page["has_more"] == false {
                break;
            }
            query.truncate(1);
            query.push(("after_id".to_owned(), page["last_id"].as_str().expect("an id").to_owned()));
        }
        assert_eq!(seen, MODELS.map(|(id, ..)| id));
        let before = page(&[("before_id".to_owned(), MODELS[3].0.to_owned()), ("limit".to_owned(), "2".to_owned())]);
        assert_eq!(before.expect("a page")["first_id"], MODELS[1].0);
    }
}
