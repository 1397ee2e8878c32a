//! Ids in paths. A text that cannot be an id of its kind is answered 404 without asking anybody.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use domain::codes::Code;
use domain::ids::{AgentId, EffectId, OrderKey, RunId, TicketId, WorkflowId, is_slug};
use http::request::Parts;

use crate::error::ApiError;

macro_rules! path_id {
    ($(#[$doc:meta])* $name:ident($id:ty), $code:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub $id);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
                let text = only_param(parts, state).await?;
                let parse: fn(&str) -> Option<$id> = $parse;
                parse(&text).map(Self).ok_or_else(|| ApiError::new(Code::$code))
            }
        }
    };
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

path_id!(/** `{run_id}` */ RunPath(RunId), RunNotFound, parsed);
path_id!(/** `{effect_id}` */ EffectPath(EffectId), EffectNotFound, parsed);
path_id!(/** `{order_id}`: digits, with or without `shopify:` */ OrderPath(OrderKey), OrderNotFound, parsed);
path_id!(/** `{ticket_id}` */ TicketPath(TicketId), TicketNotFound, |text| {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number > 0).map(TicketId)
});
path_id!(/** `{thread_id}` */ ThreadPath(String), NotFound, |text| is_slug(text).then(|| text.to_owned()));

path_id!(/** `{job_id}` */ JobPath(String), JobNotFound, |text| is_slug(text).then(|| text.to_owned()));
path_id!(/** `{dlq_id}` */ LetterPath(i64), DeadLetterNotFound, |text| {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number > 0)
});
path_id!(/** `{run_id}`: a run id, or another span's */ TracePath(String), TraceNotFound, span_id);

/// `{run_id}` and `{span_id}`.
#[derive(Debug, Clone)]
pub struct SpanPath {
    /// The root.
    pub trace: String,
    /// The span.
    pub span: String,
}

impl<S: Send + Sync> FromRequestParts<S> for SpanPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params =
            RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::new(Code::NotFound))?;
        let named = |wanted: &str| params.iter().find(|(name, _)| *name == wanted).and_then(|(_, text)| span_id(text));
        let trace = named("run_id").ok_or_else(|| ApiError::new(Code::TraceNotFound))?;
        let span = named("span_id").ok_or_else(|| ApiError::new(Code::SpanNotFound))?;
        Ok(Self { trace, span })
    }
}

/// A run id or a UUID.
fn span_id(text: &str) -> Option<String> {
    let uuid = text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        });
    (uuid || text.parse::<RunId>().is_ok()).then(|| text.to_owned())
}

path_id!(/** `{agent_id}` */ AgentPath(AgentId), AgentNotFound, parsed);
path_id!(/** `{workflow_id}` */ WorkflowPath(WorkflowId), WorkflowNotFound, parsed);

macro_rules! path_version {
    ($(#[$doc:meta])* $name:ident($path:ident($id:ty))) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub $id, pub i64);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
                let $path(id) = $path::from_request_parts(parts, state).await?;
                let text = nth_param(parts, state, 1).await?;
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                // Versions are 32 bits wide in the database.
                let version = text.parse::<i32>().ok().filter(|number| digits && *number > 0);
                let version = version.ok_or_else(|| ApiError::new(Code::VersionNotFound))?;
                Ok(Self(id, i64::from(version)))
            }
        }
    };
}

path_version!(/** `{agent_id}` and `{version}` */ AgentVersionPath(AgentPath(AgentId)));
path_version!(/** `{workflow_id}` and `{version}` */ WorkflowVersionPath(WorkflowPath(WorkflowId)));

async fn only_param<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, ApiError> {
    nth_param(parts, state, 0).await
}

async fn nth_param<S: Send + Sync>(parts: &mut Parts, state: &S, n: usize) -> Result<String, ApiError> {
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::new(Code::NotFound))?;
    let found = params.iter().nth(n).map(|(_, value)| value.to_owned());
    found.ok_or_else(|| ApiError::new(Code::NotFound))
}
