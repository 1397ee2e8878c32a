//! Cross-origin requests. Written here because the rules are narrower than a library's: an origin that is not listed
//! gets no header at all, not even on an answer it will never be allowed to read.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::app::App;

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
const REQUEST_HEADERS: &str = "Authorization, Content-Type, X-Request-Id";
const MAX_AGE_SECONDS: &str = "600";

/// Answers every OPTIONS, and marks the answers to listed origins.
pub async fn cors(State(app): State<App>, request: Request, next: Next) -> Response {
    let listed =
        request.headers().get(header::ORIGIN).filter(|origin| is_listed(origin, &app.settings.cors_origins)).cloned();
    let mut response = if request.method() == Method::OPTIONS {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::OK;
        if listed.is_some() {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_SECONDS));
        }
        response
    } else {
        next.run(request).await
    };
    mark(response.headers_mut(), listed);
    response
}

fn is_listed(origin: &HeaderValue, origins: &[String]) -> bool {
    origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes())
}

fn mark(headers: &mut HeaderMap, listed: Option<HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = listed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("X-Request-Id"));
    }
}
