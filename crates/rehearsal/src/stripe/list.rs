//! Lists: filtered, the newest first, a page at a time in either direction.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::form::Form;
use super::refused::{Outcome, invalid};

/// Parameters every list takes.
const PAGING: [&str; 4] = ["limit", "starting_after", "ending_before", "expand"];

/// The page of `all` that `form` asks for; besides paging it takes the parameters `filters`.
pub(super) fn page(all: Vec<Value>, form: &Form, path: &str, filters: &[&str]) -> Response {
    match cut(all, form, path, filters) {
        Ok(page) => Json(page).into_response(),
        Err((status, body)) => (status, Json(body)).into_response(),
    }
}

fn cut(mut all: Vec<Value>, form: &Form, path: &str, filters: &[&str]) -> Result<Value, Outcome> {
    form.only(&[&PAGING, filters].concat())?;
    let limit = match form.get("limit").map(str::parse::<usize>) {
        None => 10,
        Some(Ok(limit @ 1..=100)) => limit,
        Some(_) => return Err(invalid("Limit must be between 1 and 100", Some("parameter_invalid_integer"), "limit")),
    };
    if filters.contains(&"created") {
        within(&mut all, form)?;
    }
    all.sort_by(|a, b| (b["created"].as_i64(), b["id"].as_str()).cmp(&(a["created"].as_i64(), a["id"].as_str())));
    let place = |name: &str| {
        let Some(id) = form.get(name) else { return Ok(None) };
        let found = all.iter().position(|row| row["id"] == id);
        found.map(Some).ok_or_else(|| invalid(&format!("No such object: '{id}'"), Some("resource_missing"), name))
    };
    let (data, has_more): (Vec<Value>, bool) = match (place("starting_after")?, place("ending_before")?) {
        (Some(_), Some(_)) => {
            let message = "You can only pass one of these parameters: starting_after, ending_before.";
            return Err(invalid(message, None, "ending_before"));
        }
        (_, Some(end)) => {
            let start = end.saturating_sub(limit);
            (all[start..end].to_vec(), start > 0)
        }
        (after, None) => {
            let start = after.map_or(0, |at| at + 1);
            let end = all.len().min(start + limit);
            (all[start..end].to_vec(), end < all.len())
        }
    };
    Ok(json!({"object": "list", "url": path, "has_more": has_more, "data": data}))
}

/// Keeps what was made within `created[…]`.
fn within(all: &mut Vec<Value>, form: &Form) -> Result<(), Outcome> {
    type Holds = fn(i64, i64) -> bool;
    let bounds: [(&str, Holds); 5] = [
        ("created[gte]", |at, bound| at >= bound),
        ("created[gt]", |at, bound| at > bound),
        ("created[lte]", |at, bound| at <= bound),
        ("created[lt]", |at, bound| at < bound),
        ("created", |at, bound| at == bound),
    ];
    for (name, holds) in bounds {
        let Some(text) = form.get(name) else { continue };
        let bound: i64 = text
            .parse()
            .map_err(|_| invalid(&format!("Invalid integer: {text}"), Some("parameter_invalid_integer"), name))?;
        all.retain(|row| row["created"].as_i64().is_some_and(|at| holds(at, bound)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(query: &str) -> Result<(Vec<u64>, bool), Outcome> {
        let all = (1..=7_u64).map(|n| json!({"id": format!("ch_{n}"), "created": n})).collect();
        let page = cut(all, &Form::parse(query), "/v1/charges", &["created"])?;
        let number = |row: &Value| row["created"].as_u64().unwrap();
        Ok((page["data"].as_array().unwrap().iter().map(number).collect(), page["has_more"] == true))
    }

    #[test]
    fn pages_go_both_ways() {
        assert_eq!(ids("limit=3").unwrap(), (vec![7, 6, 5], true));
        assert_eq!(ids("limit=3&starting_after=ch_5").unwrap(), (vec![4, 3, 2], true));
        assert_eq!(ids("limit=3&starting_after=ch_2").unwrap(), (vec![1], false));
        assert_eq!(ids("limit=3&ending_before=ch_2").unwrap(), (vec![5, 4, 3], true));
        assert_eq!(ids("limit=9&ending_before=ch_5").unwrap(), (vec![7, 6], false));
        assert_eq!(ids("created[gte]=3&created[lt]=5").unwrap(), (vec![4, 3], false));
    }

    #[test]
    fn what_a_list_does_not_take_is_refused() {
        for query in ["limit=0", "limit=101", "page=2", "starting_after=ch_9", "created[gte]=x", "created[from]=1"] {
            assert!(ids(query).is_err(), "{query}");
        }
        assert!(ids("starting_after=ch_1&ending_before=ch_2").is_err());
    }
}
