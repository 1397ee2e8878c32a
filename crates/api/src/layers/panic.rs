//! A handler that panics ends its request, not the server, and tells the caller nothing of why.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::error::ApiError;
use crate::ports::AppError;

/// The answer of a request whose handler panicked.
#[must_use]
pub fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no text");
    ApiError::from(AppError::internal(format!("a handler panicked: {text}"))).into_response()
}
