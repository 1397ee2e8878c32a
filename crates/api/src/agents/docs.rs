//! `/openapi.json` and `/docs`: the document of this server, as data and as a page.

use std::sync::OnceLock;

use axum::body::Body;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::Value;

use crate::openapi::{Operation, agents_document, schema};

fn document_text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| agents_document().to_string())
}

/// GET `/openapi.json`
pub async fn document() -> Response {
    let mut response = Response::new(Body::from(document_text()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(crate) fn document_doc() -> Operation {
    Operation::new("show_openapi", "Service", "This document").answer(200, "OpenAPI 3.1", schema::any_object())
}

/// GET `/docs`
pub async fn page() -> Response {
    let mut response = Html(page_text(&agents_document())).into_response();
    // The page needs nothing but itself, so nothing else may load.
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    );
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

pub(crate) fn page_doc() -> Operation {
    Operation::new("show_docs", "Service", "This document as a page").html("The page")
}

fn page_text(document: &Value) -> String {
    let mut page = String::from(concat!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Holly Grace agents API</title>",
        "<style>body{font:15px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}",
        "code,pre{background:#f3f3f3;padding:.1rem .3rem}pre{overflow:auto;padding:.6rem}summary{cursor:pointer}</style>",
        "<h1>Holly Grace agents API</h1>",
    ));
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let word = |name: &str| escape(operation[name].as_str().unwrap_or_default());
            let pretty = serde_json::to_string_pretty(operation).unwrap_or_default();
            page.push_str(&format!(
                "<details><summary><code>{} {}</code> {} ({})</summary><p>{}</p><pre>{}</pre></details>",
                method.to_uppercase(),
                escape(path),
                word("summary"),
                word("x-access"),
                word("description"),
                escape(&pretty),
            ));
        }
    }
    page
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
