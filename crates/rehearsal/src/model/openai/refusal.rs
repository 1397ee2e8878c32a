//! The provider's error bodies.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::fault::{Fault, FaultKind};

/// An answer that is no completion, in the provider's own words and shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The body is no JSON, or a member is missing, of the wrong type, or contradicts another.
    Invalid {
        /// What is wrong.
        message: String,
        /// The member at fault.
        param: Option<String>,
    },
    /// No key, or one that is not known.
    Unauthorized,
    /// A model that does not exist here.
    UnknownModel(String),
    /// Too many requests; try again after so many seconds.
    RateLimited(u64),
    /// The account has no credit left.
    OutOfCredit,
    /// The provider failed.
    Server,
}

impl Refusal {
    /// The words for a planted fault that takes an answer's place.
    #[must_use]
    pub fn of(fault: Fault) -> Self {
        match fault.kind {
            FaultKind::RateLimit => Self::RateLimited(fault.seconds.into()),
            FaultKind::Credit => Self::OutOfCredit,
            _ => Self::Server,
        }
    }

    /// An invalid request with the member at fault.
    #[must_use]
    pub fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into(), param: Some(param.into()) }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Invalid { .. } => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::UnknownModel(_) => StatusCode::NOT_FOUND,
            Self::RateLimited(_) | Self::OutOfCredit => StatusCode::TOO_MANY_REQUESTS,
            Self::Server => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(&self) -> serde_json::Value {
        let (message, kind, param, code) = match self {
            Self::Invalid { message, param } => (message.clone(), "invalid_request_error", param.as_deref(), None),
            Self::Unauthorized => (
                "Incorrect API key provided. This is the rehearsal; it knows only the key it was started with."
                    .to_owned(),
                "invalid_request_error",
                None,
                Some("invalid_api_key"),
            ),
            Self::UnknownModel(model) => (
                format!("The model `{model}` does not exist or you do not have access to it."),
                "invalid_request_error",
                Some("model"),
                Some("model_not_found"),
            ),
            Self::RateLimited(seconds) => (
                format!("Rate limit reached for requests per minute. Please try again in {seconds}s."),
                "requests",
                None,
                Some("rate_limit_exceeded"),
            ),
            Self::OutOfCredit => (
                "You exceeded your current quota, please check your plan and billing details.".to_owned(),
                "insufficient_quota",
                None,
                Some("insufficient_quota"),
            ),
            Self::Server => {
                ("The server had an error while processing your request.".to_owned(), "server_error", None, None)
            }
        };
        json!({"error": {"message": message, "type": kind, "param": param, "code": code}})
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(self.body())).into_response();
        if let Self::RateLimited(seconds) = self {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            headers.insert("x-ratelimit-limit-requests", HeaderValue::from(500_u64));
            headers.insert("x-ratelimit-remaining-requests", HeaderValue::from(0_u64));
            if let Ok(value) = HeaderValue::from_str(&format!("{seconds}s")) {
                headers.insert("x-ratelimit-reset-requests", value);
            }
        }
        response
    }
}
