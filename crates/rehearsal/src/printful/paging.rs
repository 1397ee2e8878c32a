//! Pages by limit and offset, in both versions.

use std::collections::HashMap;

use axum::response::Response;
use http::StatusCode;

use super::failure;

/// Limit and offset that are asked for.
///
/// # Errors
/// The provider's refusal when they are no numbers or out of range.
pub(super) fn read(params: &HashMap<String, String>) -> Result<(usize, usize), Box<Response>> {
    let number = |name: &str, default: usize, most: usize| match params.get(name).map(|text| text.parse::<usize>()) {
        None => Ok(default),
        Some(Ok(number)) if number <= most && (name != "limit" || number > 0) => Ok(number),
        Some(_) => {
            let message = format!("{name} must be a whole number within its range (limit: 1 to 100)");
            Err(Box::new(failure(StatusCode::BAD_REQUEST, "BadRequest", &message)))
        }
    };
    Ok((number("limit", 20, 100)?, number("offset", 0, usize::MAX / 2)?))
}
