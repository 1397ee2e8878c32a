//! The files of the web UI, embedded in the binary (read from the folder in debug builds).
//!
//! Files with a hash in their name never change and are kept for a year; the page that names them is asked for anew
//! each time. A path that is no file is a page of the UI when a browser asks for one.

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::codes::Code;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde_json::json;

use crate::app::App;
use crate::error::ApiError;

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Dist;

const PAGE: &str = "index.html";
const KEEP_FOR_A_YEAR: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");
/// The page may load its own files, pictures of products, and sockets of this host; nothing else runs in it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: https:; style-src 'self' 'unsafe-inline'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
);
const HOW_TO_BUILD: &str = "the web UI is not built in; `cargo xtask run` builds it and serves it";

/// Whether the web UI is there.
#[must_use]
pub fn is_built_in() -> bool {
    Dist::get(PAGE).is_some()
}

/// Answers a GET outside `/api` and `/ws`.
#[must_use]
pub fn answer(app: &App, path: &str, headers: &HeaderMap) -> Response {
    let name = path.trim_start_matches('/');
    if name.is_empty() {
        return if accepts_html(headers) && is_built_in() { page(headers) } else { service(app) };
    }
    if let Some(response) = file(name, headers) {
        return response;
    }
    // A missing script must not be answered with a page, or the browser would try to run it.
    let is_page = accepts_html(headers) && !name.starts_with("assets/");
    if is_page && is_built_in() { page(headers) } else { ApiError::new(Code::NotFound).into_response() }
}

fn service(app: &App) -> Response {
    let mut body = json!({"service": "holly-grace", "version": app.settings.version});
    if !is_built_in() {
        body["console"] = json!(HOW_TO_BUILD);
    }
    Json(body).into_response()
}

fn page(headers: &HeaderMap) -> Response {
    file(PAGE, headers).unwrap_or_else(|| ApiError::new(Code::NotFound).into_response())
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|kind| kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/html"))
}

fn file(name: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Dist::get(name)?;
    let kind = HeaderValue::from_str(plain.metadata.mimetype()).ok()?;
    let is_html = kind.as_bytes().starts_with(b"text/html");
    let (encoding, file) = best_form(name, plain, headers);
    let tag = tag(&file, encoding);
    let mut response = if known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(file.data.into_owned()))
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, with_charset(kind));
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    out.insert(header::CACHE_CONTROL, if name.starts_with("assets/") { KEEP_FOR_A_YEAR } else { ASK_EACH_TIME });
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    if let Some(encoding) = encoding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if is_html {
        out.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    }
    Some(response)
}

/// The smallest form that was built and that the client understands.
fn best_form(name: &str, plain: EmbeddedFile, headers: &HeaderMap) -> (Option<&'static str>, EmbeddedFile) {
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        let wanted = accepts.split(',').any(|one| {
            let mut parts = one.split(';').map(str::trim);
            parts.next() == Some(encoding) && !parts.any(|part| matches!(part, "q=0" | "q=0.0"))
        });
        if wanted && let Some(packed) = Dist::get(&format!("{name}.{ending}")) {
            return (Some(encoding), packed);
        }
    }
    (None, plain)
}

fn tag(file: &EmbeddedFile, encoding: Option<&str>) -> String {
    use std::fmt::Write as _;
    let mut tag = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..12] {
        let _ = write!(tag, "{byte:02x}");
    }
    if let Some(encoding) = encoding {
        let _ = write!(tag, "-{encoding}");
    }
    tag.push('"');
    tag
}

fn known(headers: &HeaderMap, tag: &str) -> bool {
    let sent = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sent.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
}

fn with_charset(kind: HeaderValue) -> HeaderValue {
    match kind.to_str() {
        Ok("text/html") => HeaderValue::from_static("text/html; charset=utf-8"),
        Ok("text/css") => HeaderValue::from_static("text/css; charset=utf-8"),
        Ok("text/javascript") => HeaderValue::from_static("text/javascript; charset=utf-8"),
        _ => kind,
    }
}
