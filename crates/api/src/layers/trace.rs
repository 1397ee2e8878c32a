//! The outermost layer: a name for each request, its line in the log, the body of errors and the headers that every
//! answer carries.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tracing::Instrument;

use crate::app::App;
use crate::error::render;
use crate::layers::client::came_over_https;
use crate::layers::offered;
use crate::route::RouteFacts;

/// Header that names a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The name of a request; errors show it as `trace_id`.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Names, logs, renders.
pub async fn trace(State(app): State<App>, mut request: Request, next: Next) -> Response {
    offered::take(&mut request);
    let id = given_id(request.headers()).unwrap_or_else(|| app.ids.hex(16));
    let method = request.method().clone();
    let https = came_over_https(request.extensions(), request.headers(), &app.settings.trusted_proxies);
    let started = app.clock.monotonic();
    request.extensions_mut().insert(RequestId(id.clone()));

    let span = tracing::info_span!("request", request.id = %id);
    async move {
        let mut response = render(next.run(request).await, &id);
        if method == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        // Only the path's template: a path or query as sent may hold anything.
        let route = response.extensions().get::<RouteFacts>().map_or("unmatched", |facts| facts.path);
        let duration_ms = app.clock.monotonic().saturating_sub(started).as_millis();
        tracing::debug!(%method, route, status = response.status().as_u16(), duration_ms, "answered");
        protect(response.headers_mut(), https);
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }
    .instrument(span)
    .await
}

fn given_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    ((1..=64).contains(&text.len()) && text.bytes().all(plain)).then(|| text.to_owned())
}

fn protect(headers: &mut HeaderMap, https: bool) {
    const ALWAYS: [(HeaderName, HeaderValue); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    ];
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    // Only files say themselves how long they keep.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}
