//! The provider's error bodies.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::fault::{Fault, FaultKind};

/// Why there is no message, in the provider's kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The request is wrong; the sentence begins with the place.
    Invalid(String),
    /// No key, or one that is not known.
    Unauthorized(&'static str),
    /// A model that does not exist here.
    UnknownModel(String),
    /// No such address.
    UnknownPath,
    /// Too many requests; try again after so many seconds.
    RateLimited(u32),
    /// The account has no credit left.
    OutOfCredit,
    /// The provider failed.
    Server,
    /// The provider has no room.
    Overloaded,
}

impl Problem {
    /// The words for a planted fault that takes an answer's place.
    #[must_use]
    pub fn of(fault: Fault) -> Self {
        match fault.kind {
            FaultKind::RateLimit => Self::RateLimited(fault.seconds),
            FaultKind::Credit => Self::OutOfCredit,
            FaultKind::Overloaded => Self::Overloaded,
            _ => Self::Server,
        }
    }

    /// Seconds until the limit resets, when that is the problem.
    #[must_use]
    pub fn limited_for(&self) -> Option<u32> {
        match self {
            Self::RateLimited(seconds) => Some(*seconds),
            _ => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) | Self::OutOfCredit => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::UnknownModel(_) | Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Server => StatusCode::INTERNAL_SERVER_ERROR,
            // The provider's own number, which no standard knows.
            Self::Overloaded => StatusCode::from_u16(529).unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    /// The member `error` of the body.
    #[must_use]
    pub fn to_error(&self) -> Value {
        let (kind, message) = match self {
            Self::Invalid(message) => ("invalid_request_error", message.clone()),
            Self::Unauthorized(message) => ("authentication_error", (*message).to_owned()),
            Self::UnknownModel(model) => ("not_found_error", format!("model: {model}")),
            Self::UnknownPath => ("not_found_error", "Not Found".to_owned()),
            Self::RateLimited(_) => (
                "rate_limit_error",
                "This request would exceed your organization's rate limit of 50 requests per minute.".to_owned(),
            ),
            Self::OutOfCredit => (
                "invalid_request_error",
                "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade \
                 or purchase credits."
                    .to_owned(),
            ),
            Self::Server => ("api_error", "Internal server error".to_owned()),
            Self::Overloaded => ("overloaded_error", "Overloaded".to_owned()),
        };
        json!({"type": kind, "message": message})
    }
}

/// A problem as the answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub problem: Problem,
    /// Id of the request; the same in the body and in the header.
    pub request_id: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"type": "error", "error": self.problem.to_error(), "request_id": self.request_id});
        let mut response = (self.problem.status(), Json(body)).into_response();
        if let Some(seconds) = self.problem.limited_for() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // Whether the caller's own retries make sense.
        let again = matches!(self.problem, Problem::RateLimited(_) | Problem::Server | Problem::Overloaded);
        let again = HeaderValue::from_static(if again { "true" } else { "false" });
        response.headers_mut().insert("x-should-retry", again);
        response
    }
}
