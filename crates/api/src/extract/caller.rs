//! The identity behind a request.

use axum::extract::FromRequestParts;
use domain::codes::Code;
use domain::ticket::Decider;
use http::request::Parts;

use crate::error::ApiError;
use crate::layers::gate::Identity;

/// Who asks: the subject and role of the token, never a name in a body.
#[derive(Debug, Clone)]
pub struct By(pub Decider);

impl<S: Sync> FromRequestParts<S> for By {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Absent only on a route that is declared public, and such a route has nobody to ask for.
        let identity = parts.extensions.get::<Identity>().ok_or_else(|| ApiError::new(Code::AuthenticationRequired))?;
        Ok(Self(identity.0.decider()))
    }
}
