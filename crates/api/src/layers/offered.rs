//! Tokens that come in another place than the `Authorization` header, because browsers cannot set headers on a
//! WebSocket: a subprotocol `bearer.<jwt>`, or the query parameter `token`.

use axum::extract::Request;
use http::uri::PathAndQuery;
use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};

/// Only paths below this may be opened so.
const SOCKETS: &str = "/ws/";
/// What a subprotocol that is a token starts with.
pub const SUBPROTOCOL: &str = "bearer.";

/// The token, taken out of the request.
#[derive(Debug, Clone)]
pub struct Offered(SecretString);

impl Offered {
    /// The token.
    #[must_use]
    pub fn token(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Moves a token from the query into the extensions. This runs before anything else sees the request, so that the query
/// with the token cannot get into a log line, a span or an error.
pub fn take(request: &mut Request) {
    if !request.uri().path().starts_with(SOCKETS) {
        return;
    }
    if let Some((uri, token)) = without_token(request.uri()) {
        *request.uri_mut() = uri;
        request.extensions_mut().insert(Offered(token.into()));
    }
}

/// `uri` without its parameter `token`, and the value of that; several tokens are none that counts.
fn without_token(uri: &Uri) -> Option<(Uri, String)> {
    let query = uri.query()?;
    let (tokens, rest): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| pair.split('=').next() == Some("token"));
    let value = match tokens.as_slice() {
        [] => return None,
        [one] => one.split_once('=').map_or("", |(_, value)| value),
        _ => "",
    };
    let token = percent_decode_str(value).decode_utf8_lossy().into_owned();
    let line = if rest.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), rest.join("&")) };
    let mut parts = uri.clone().into_parts();
    // What was one part of a valid line is valid; were it not, nothing of the query stays.
    parts.path_and_query = Some(line.parse().unwrap_or_else(|_| PathAndQuery::from_static("/")));
    Some((Uri::from_parts(parts).unwrap_or_default(), token))
}

/// The subprotocol that is a token, whole, as the client offered it.
#[must_use]
pub fn subprotocol(headers: &HeaderMap) -> Option<String> {
    let offered = headers.get_all(http::header::SEC_WEBSOCKET_PROTOCOL).iter();
    let mut names = offered.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')).map(str::trim);
    names.find(|name| name.starts_with(SUBPROTOCOL)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(uri: &str) -> Option<(String, String)> {
        without_token(&uri.parse().unwrap()).map(|(uri, token)| (uri.to_string(), token))
    }

    #[test]
    fn the_token_leaves_the_query_and_nothing_else_does() {
        assert_eq!(taken("/ws/events?token=a.b-c_d"), Some(("/ws/events".into(), "a.b-c_d".into())));
        assert_eq!(taken("/ws/events?a=1&token=x%2Ey&b=2"), Some(("/ws/events?a=1&b=2".into(), "x.y".into())));
        assert_eq!(taken("/ws/events?tokens=x"), None);
        assert_eq!(taken("/ws/events"), None);
    }

    #[test]
    fn two_tokens_are_none() {
        assert_eq!(taken("/ws/events?token=x&token=y"), Some(("/ws/events".into(), String::new())));
        assert_eq!(taken("/ws/events?token"), Some(("/ws/events".into(), String::new())));
    }

    #[test]
    fn the_subprotocol_is_found_among_others() {
        let headers = HeaderMap::from_iter([(
            http::header::SEC_WEBSOCKET_PROTOCOL,
            http::HeaderValue::from_static("holly, bearer.abc"),
        )]);
        assert_eq!(subprotocol(&headers).as_deref(), Some("bearer.abc"));
        assert_eq!(subprotocol(&HeaderMap::new()), None);
    }
}
