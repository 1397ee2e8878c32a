//! Refusals of a request for its parameters.

use http::StatusCode;
use serde_json::Value;

use super::failure_body;

/// Status and body of an answer.
pub(super) type Outcome = (StatusCode, Value);

/// A request that is wrong in one parameter.
pub(super) fn invalid(message: &str, code: Option<&str>, param: &str) -> Outcome {
    (StatusCode::BAD_REQUEST, failure_body("invalid_request_error", code, message, Some(param)))
}

/// A parameter that must be there.
pub(super) fn missing_param(name: &str) -> Outcome {
    invalid(&format!("Missing required param: {name}."), Some("parameter_missing"), name)
}
