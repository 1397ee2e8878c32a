//! `/api/openapi.json`: the document of this server.

use std::sync::OnceLock;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};

use crate::openapi::{Operation, console_document, schema};

/// GET `/api/openapi.json`
pub async fn show() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| console_document().to_string());
    let mut response = Response::new(Body::from(text.as_str()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(super) fn show_doc() -> Operation {
    Operation::new("show_openapi", "Service", "This document").answer(200, "OpenAPI 3.1", schema::any_object())
}
