//! The bytes of a body, within the limit of the route and in good time.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use domain::codes::Code;
use http::{Extensions, HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::error::ApiError;
use crate::route::RouteFacts;

/// How long a body may take: a client that sends a byte now and then would hold its connection for ever.
const BODY_TIME: Duration = Duration::from_secs(30);

/// Reads a body.
///
/// # Errors
/// `body_too_large` (announced or real), `request_timeout`, `invalid_body` when it breaks off.
pub async fn read(headers: &HeaderMap, extensions: &Extensions, body: Body) -> Result<Bytes, ApiError> {
    let limit = extensions.get::<RouteFacts>().map_or(0, |facts| facts.body.limit());
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::new(Code::BodyTooLarge));
    }
    let collected = tokio::time::timeout(BODY_TIME, Limited::new(body, limit).collect());
    match collected.await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::new(Code::BodyTooLarge)),
        Ok(Err(_)) => Err(ApiError::because(Code::InvalidBody, "The request body broke off")),
        Err(_) => Err(ApiError::new(Code::RequestTimeout)),
    }
}

/// A body as it came, for routes that check its signature.
#[derive(Debug, Clone)]
pub struct RawBody(pub Bytes);

impl<S: Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        read(&parts.headers, &parts.extensions, body).await.map(Self)
    }
}
