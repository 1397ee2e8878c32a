//! The server's error bodies.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::fault::{Fault, FaultKind};

/// An answer that is no chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The request is wrong.
    Invalid(String),
    /// A key that is not known.
    Unauthorized,
    /// A model that is not pulled.
    UnknownModel(String),
    /// Too many requests; try again after so many seconds.
    RateLimited(u32),
    /// A hosted account has used up what it paid for.
    OutOfCredit,
    /// The server failed.
    Server,
    /// An address of the real server that is not played here.
    NotRehearsed,
}

impl Refusal {
    /// The words for a planted fault that takes an answer's place.
    #[must_use]
    pub fn of(fault: Fault) -> Self {
        match fault.kind {
            FaultKind::RateLimit => Self::RateLimited(fault.seconds),
            FaultKind::Credit => Self::OutOfCredit,
            _ => Self::Server,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message) = match &self {
            Self::Invalid(message) => (StatusCode::BAD_REQUEST, message.clone()),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized".to_owned()),
            Self::UnknownModel(model) => {
                (StatusCode::NOT_FOUND, format!("model \"{model}\" not found, try pulling it first"))
            }
            Self::RateLimited(_) => (StatusCode::TOO_MANY_REQUESTS, "too many concurrent requests".to_owned()),
            Self::OutOfCredit => (
                StatusCode::PAYMENT_REQUIRED,
                "you have reached your weekly usage limit, please upgrade to continue".to_owned(),
            ),
            Self::Server => {
                (StatusCode::INTERNAL_SERVER_ERROR, "llama runner process has terminated: exit status 2".to_owned())
            }
            Self::NotRehearsed => (StatusCode::NOT_IMPLEMENTED, "the rehearsal does not play this address".to_owned()),
        };
        let mut response = (status, Json(json!({"error": message}))).into_response();
        if let Self::RateLimited(seconds) = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
