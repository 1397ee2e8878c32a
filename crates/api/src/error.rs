//! From a refusal to an answer.
//!
//! A handler returns an [`ApiError`]; its response carries the refusal as an extension, and the outermost layer, which
//! alone knows the trace id, writes the body ([`render`]). So every error of the server has one shape, and the chain of
//! a 5xx is logged once, here.

use std::error::Error;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use domain::codes::{Class, Code};
use domain::role::Role;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::ports::{AppError, FieldError};

/// An error on its way out.
#[derive(Debug, Clone)]
pub struct ApiError(Arc<Problem>);

#[derive(Debug)]
struct Problem {
    app: AppError,
    retry_after: Option<u64>,
    /// `status` member that providers of webhooks are answered with.
    webhook_status: Option<&'static str>,
    /// Wording of the console.
    console: Wording,
}

/// How the console words an answer that the agents server words otherwise.
#[derive(Debug, Clone, Default)]
struct Wording {
    /// The sentence is the member `detail` instead of `error`, and no bearer token is asked for.
    detail: bool,
    /// Sentence in place of the code's.
    sentence: Option<&'static str>,
    /// Further members.
    members: Map<String, Value>,
}

impl ApiError {
    /// A refusal with the code's own sentence.
    #[must_use]
    pub fn new(code: Code) -> Self {
        AppError::new(code).into()
    }

    /// A refusal with a sentence of its own.
    #[must_use]
    pub fn because(code: Code, message: impl Into<String>) -> Self {
        AppError::because(code, message).into()
    }

    /// Wrong members of a body or a query.
    #[must_use]
    pub fn fields(code: Code, details: Vec<FieldError>) -> Self {
        let message = match details.first() {
            Some(first) if first.field.is_empty() => format!("{}: {}", code.message(), first.message),
            Some(first) => format!("{}: {}: {}", code.message(), first.field, first.message),
            None => code.message().to_owned(),
        };
        AppError::because(code, message).with_details(details).into()
    }

    /// The caller is too fast.
    #[must_use]
    pub fn rate_limited(retry_after: u64) -> Self {
        Self(Arc::new(Problem {
            app: AppError::new(Code::RateLimited),
            retry_after: Some(retry_after),
            webhook_status: None,
            console: Wording::default(),
        }))
    }

    /// The role is below `needed`.
    #[must_use]
    pub fn role_too_low(needed: Role) -> Self {
        AppError::role_too_low(needed).into()
    }

    /// The same refusal as a provider of webhooks expects it: with a `status` member, and when the store is down with
    /// the seconds after which to deliver again.
    #[must_use]
    pub fn for_webhook(self) -> Self {
        let mut problem = self.into_problem();
        let (webhook_status, retry_after) = match problem.app.code.class() {
            Class::Unauthenticated => ("unauthorized", None),
            Class::RateLimited => ("rejected", problem.retry_after),
            Class::Unavailable | Class::Internal => ("unavailable", Some(30)),
            _ => ("rejected", None),
        };
        problem.retry_after = retry_after;
        problem.webhook_status = Some(webhook_status);
        Self(Arc::new(problem))
    }

    /// The same refusal as the console words those of sign-in, of origins and of its rate limit: the sentence is the
    /// member `detail`.
    #[must_use]
    pub(crate) fn into_detail(self) -> Self {
        let mut problem = self.into_problem();
        problem.console.detail = true;
        Self(Arc::new(problem))
    }

    /// The same refusal with further members.
    #[must_use]
    pub(crate) fn with_members(self, members: Map<String, Value>) -> Self {
        let mut problem = self.into_problem();
        problem.console.members = members;
        Self(Arc::new(problem))
    }

    /// The same refusal with another sentence and further members.
    #[must_use]
    pub(crate) fn reworded(self, sentence: &'static str, members: Map<String, Value>) -> Self {
        let mut problem = self.into_problem();
        problem.console.sentence = Some(sentence);
        problem.console.members = members;
        Self(Arc::new(problem))
    }

    /// Nobody else holds an error that was just made, so its cause is kept for the log.
    fn into_problem(self) -> Problem {
        Arc::try_unwrap(self.0).unwrap_or_else(|shared| Problem {
            app: AppError::because(shared.app.code, shared.app.message.clone())
                .with_details(shared.app.details.clone()),
            retry_after: shared.retry_after,
            webhook_status: shared.webhook_status,
            console: shared.console.clone(),
        })
    }

    /// The registered code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.app.code
    }

    /// The status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code().class().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn body(&self, trace_id: &str) -> Value {
        let problem = &*self.0;
        let server_fault = self.status().is_server_error();
        let words = &problem.console;
        let message = words.sentence.unwrap_or(if server_fault {
            problem.app.code.message()
        } else {
            problem.app.message.as_str()
        });
        let mut body = Map::new();
        if let Some(status) = problem.webhook_status {
            body.insert("status".into(), json!(status));
        }
        body.insert(if words.detail { "detail" } else { "error" }.into(), json!(message));
        body.insert("code".into(), json!(problem.app.code.as_str()));
        body.insert("trace_id".into(), json!(trace_id));
        if !server_fault {
            if let Some(seconds) = problem.retry_after {
                body.insert("retry_after".into(), json!(seconds));
            }
            if !problem.app.details.is_empty() {
                body.insert("details".into(), json!(problem.app.details));
            }
            if !problem.app.violations.is_empty() {
                body.insert("violations".into(), json!(problem.app.violations));
            }
        }
        body.extend(words.members.clone());
        Value::Object(body)
    }
}

impl From<AppError> for ApiError {
    fn from(app: AppError) -> Self {
        Self(Arc::new(Problem { app, retry_after: None, webhook_status: None, console: Wording::default() }))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if self.status() == StatusCode::UNAUTHORIZED && !self.0.console.detail {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status() == StatusCode::UPGRADE_REQUIRED {
            response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the body of an error. A response that is an error without having said why gets the code of its status, so
/// that no answer of a library leaves in a shape of its own.
#[must_use]
pub fn render(mut response: Response, trace_id: &str) -> Response {
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        None if response.status().is_client_error() || response.status().is_server_error() => {
            let speaks_json =
                response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
            if speaks_json {
                return response;
            }
            ApiError::new(code_of(response.status()))
        }
        None => return response,
    };
    if error.status().is_server_error() {
        log_failure(&error.0.app);
    }
    let (mut parts, _) = response.into_parts();
    const STALE: [HeaderName; 2] = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
    for name in STALE {
        parts.headers.remove(name);
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, axum::body::Body::from(error.body(trace_id).to_string()))
}

fn code_of(status: StatusCode) -> Code {
    let same = |code: &&Code| code.class().http_status() == status.as_u16();
    match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::BAD_REQUEST => Code::InvalidBody,
        _ => Code::ALL.iter().find(same).copied().unwrap_or(Code::Internal),
    }
}

/// Logs the whole chain of a failure, once.
fn log_failure(error: &AppError) {
    let Some(source) = error.source() else {
        tracing::error!(error.code = error.code.as_str(), "request failed without a recorded cause");
        return;
    };
    let mut chain = source.to_string();
    let mut next = source.source();
    while let Some(cause) = next {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        next = cause.source();
    }
    tracing::error!(error.code = error.code.as_str(), error = chain, "request failed");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_fault_says_nothing_of_its_cause() {
        let error: ApiError = AppError::database("postgres://user:secret@host refused").into();
        let body = error.body("t1");
        assert_eq!(body, json!({"error": "Database unavailable", "code": "database_unavailable", "trace_id": "t1"}));
    }

    #[test]
    fn every_status_of_a_library_has_a_code() {
        for status in [400, 401, 403, 404, 405, 408, 413, 414, 415, 422, 429, 431, 500, 503, 418, 504] {
            let rendered = render(StatusCode::from_u16(status).unwrap().into_response(), "t");
            assert_eq!(rendered.headers()[header::CONTENT_TYPE], "application/json");
        }
        assert_eq!(code_of(StatusCode::METHOD_NOT_ALLOWED), Code::MethodNotAllowed);
    }
}
