//! One clean path per request: decoded once, checked, and encoded again in one way, so that the router, the permission
//! check and the log cannot understand it differently.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::codes::Code;
use http::uri::PathAndQuery;
use http::{HeaderMap, Uri};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::error::ApiError;

/// Longest path and query, bytes.
const MAX_LINE_BYTES: usize = 8 * 1024;
/// Names and values of all headers, bytes.
const MAX_HEADER_BYTES: usize = 32 * 1024;
/// What a path cannot contain as it is.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'%')
    .add(b'\\')
    .add(b'^')
    .add(b'|');

/// Refuses unclean paths and oversized heads, and hands on the clean form.
pub async fn clean(mut request: Request, next: Next) -> Response {
    if header_bytes(request.headers()) > MAX_HEADER_BYTES {
        return ApiError::new(Code::HeadersTooLarge).into_response();
    }
    match clean_uri(request.uri()) {
        Ok(Some(uri)) => *request.uri_mut() = uri,
        Ok(None) => {}
        Err(code) => return ApiError::new(code).into_response(),
    }
    next.run(request).await
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

/// The clean form of `uri`; none when it is clean already.
fn clean_uri(uri: &Uri) -> Result<Option<Uri>, Code> {
    let path = uri.path();
    let query = uri.query().unwrap_or_default();
    if path.len() + query.len() + 1 > MAX_LINE_BYTES {
        return Err(Code::RequestLineTooLong);
    }
    if query.contains("%00") {
        return Err(Code::NulCharacter);
    }
    let lower = path.to_ascii_lowercase();
    if lower.contains("%2f") || lower.contains("%5c") {
        return Err(Code::InvalidPath);
    }
    let decoded = percent_decode_str(path).decode_utf8().map_err(|_| Code::InvalidPath)?;
    let unclean = !decoded.starts_with('/')
        || decoded.contains("//")
        || decoded.contains('\\')
        || decoded.split('/').any(|segment| segment == ".." || segment == ".")
        || decoded.chars().any(char::is_control);
    if unclean {
        return Err(Code::InvalidPath);
    }
    let encoded = utf8_percent_encode(&decoded, ENCODED).to_string();
    if encoded == path {
        return Ok(None);
    }
    let line = if uri.query().is_some() { format!("{encoded}?{query}") } else { encoded };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(line.parse::<PathAndQuery>().map_err(|_| Code::InvalidPath)?);
    Uri::from_parts(parts).map(Some).map_err(|_| Code::InvalidPath)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cleaned(text: &str) -> Result<String, Code> {
        let uri: Uri = text.parse().unwrap();
        clean_uri(&uri).map(|clean| clean.unwrap_or(uri).to_string())
    }

    #[test]
    fn a_path_is_decoded_exactly_once() {
        assert_eq!(cleaned("/%68ealth").unwrap(), "/health");
        assert_eq!(cleaned("/a%2541?q=%41").unwrap(), "/a%2541?q=%41");
        assert_eq!(cleaned("/a%20b").unwrap(), "/a%20b");
    }

    #[test]
    fn whatever_could_mean_another_path_is_refused() {
        for path in [
            "/a/../b",
            "/a/%2e%2e/b",
            "//health",
            "/a//b",
            "/a%2Fb",
            "/a%2fb",
            "/a%5cb",
            "/a%00",
            "/%ff",
            "/a/.",
            "/a%0ab",
        ] {
            assert_eq!(cleaned(path), Err(Code::InvalidPath), "{path}");
        }
        assert_eq!(cleaned("/a?q=%00"), Err(Code::NulCharacter));
        assert_eq!(cleaned(&format!("/{}", "a".repeat(9000))), Err(Code::RequestLineTooLong));
        assert!(cleaned("/a..b").is_ok());
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(path in "/[a-z%0-9A-F./ -]{0,30}") {
            if let Ok(uri) = path.parse::<Uri>()
                && let Ok(Some(once)) = clean_uri(&uri)
            {
                prop_assert_eq!(clean_uri(&once), Ok(None));
            }
        }
    }
}
