//! The provider's error bodies.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::fault::{Fault, FaultKind};
use crate::model::conversation::ChatMessage;

/// Requests that the account may send in a minute.
pub(super) const REQUESTS_PER_MINUTE: u64 = 500;

/// An answer that is no completion, in the provider's own words and shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The body is no JSON, or a member is missing, of the wrong type, or contradicts another.
    Invalid {
        /// What is wrong.
        message: String,
        /// The member at fault.
        param: Option<String>,
        /// The provider's name of the mistake.
        code: Option<&'static str>,
    },
    /// An earlier response is referred to that does not exist: none are kept here.
    PreviousNotFound(String),
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
        Self::Invalid { message: message.into(), param: Some(param.into()), code: None }
    }

    fn coded(param: &str, message: String, code: &'static str) -> Self {
        Self::Invalid { message, param: Some(param.to_owned()), code: Some(code) }
    }

    pub(super) fn missing(param: &str) -> Self {
        Self::coded(param, format!("Missing required parameter: '{param}'."), "missing_required_parameter")
    }

    pub(super) fn wrong_type(param: &str, expected: &str) -> Self {
        Self::coded(param, format!("Invalid type for '{param}': expected {expected}."), "invalid_type")
    }

    pub(super) fn unknown_parameter(param: &str) -> Self {
        Self::coded(param, format!("Unknown parameter: '{param}'."), "unknown_parameter")
    }

    pub(super) fn unsupported(param: &str) -> Self {
        let message = format!("Unsupported parameter: '{param}' is not supported with this model.");
        Self::coded(param, message, "unsupported_parameter")
    }

    pub(super) fn below_minimum(param: &str, least: u64, got: u64) -> Self {
        let message = format!(
            "Invalid '{param}': integer below minimum value. Expected a value >= {least}, but got {got} instead."
        );
        Self::coded(param, message, "integer_below_min_value")
    }

    pub(super) fn invalid_schema(param: &str, message: &str) -> Self {
        Self::coded(param, message.to_owned(), "invalid_function_parameters")
    }

    /// The body as an object.
    pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Self> {
        let whole = |message: String| Self::Invalid { message, param: None, code: None };
        match serde_json::from_slice(body) {
            Ok(Value::Object(body)) => Ok(body),
            Ok(_) => Err(whole("The body must be a JSON object.".to_owned())),
            Err(error) => Err(whole(format!("We could not parse the JSON body of your request: {error}."))),
        }
    }

    /// The provider answers in free JSON only when the conversation says so.
    pub(super) fn unless_json_is_named(messages: &[ChatMessage], param: &str) -> Result<(), Self> {
        let named = messages.iter().any(|message| match message {
            ChatMessage::System(text) | ChatMessage::User(text) => text.to_lowercase().contains("json"),
            _ => false,
        });
        if named {
            return Ok(());
        }
        let message =
            format!("'{param}' must contain the word 'json' in some form, to use a format of type 'json_object'.");
        Err(Self::invalid(param, message))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Invalid { .. } | Self::PreviousNotFound(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::UnknownModel(_) => StatusCode::NOT_FOUND,
            Self::RateLimited(_) | Self::OutOfCredit => StatusCode::TOO_MANY_REQUESTS,
            Self::Server => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(&self) -> Value {
        let (message, kind, param, code) = match self {
            Self::Invalid { message, param, code } => {
                (message.clone(), "invalid_request_error", param.as_deref(), *code)
            }
            Self::PreviousNotFound(id) => (
                format!("Previous response with id '{id}' not found."),
                "invalid_request_error",
                Some("previous_response_id"),
                Some("previous_response_not_found"),
            ),
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
            limits(headers, 0, &format!("{seconds}s"));
        }
        response
    }
}

/// The account's limit of requests, as each answer tells it.
pub(super) fn limits(headers: &mut HeaderMap, remaining: u64, reset: &str) {
    headers.insert("x-ratelimit-limit-requests", HeaderValue::from(REQUESTS_PER_MINUTE));
    headers.insert("x-ratelimit-remaining-requests", HeaderValue::from(remaining));
    if let Ok(reset) = HeaderValue::from_str(reset) {
        headers.insert("x-ratelimit-reset-requests", reset);
    }
}
