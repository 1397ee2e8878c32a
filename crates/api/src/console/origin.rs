//! Which pages may use the console. A browser sends the cookie along for any page, so whatever changes something must
//! come from a page of the console itself or of a listed origin.

use http::{HeaderMap, HeaderValue, header};

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// No page said so: no browser, or a plain navigation.
    Absent,
    /// A page of the console, or of a listed origin.
    Allowed,
    /// Any other page.
    Foreign,
}

/// Judges the `Origin` header: listed, or naming the host that the request was sent to.
#[must_use]
pub fn judge(headers: &HeaderMap, listed: &[String]) -> Origin {
    let mut sent = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = sent.next() else { return Origin::Absent };
    if sent.next().is_some() {
        return Origin::Foreign;
    }
    let is_listed = listed.iter().any(|one| one.as_bytes() == origin.as_bytes());
    if is_listed || is_same_host(origin, headers.get(header::HOST)) { Origin::Allowed } else { Origin::Foreign }
}

/// The scheme is not compared: behind a proxy that ends TLS it differs, and who can answer for this host name on one of
/// the two schemes can also on the other.
fn is_same_host(origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let (Ok(origin), Some(Ok(host))) = (origin.to_str(), host.map(HeaderValue::to_str)) else { return false };
    let (bare, default_port) = match origin.split_once("://") {
        Some(("http", bare)) => (bare, ":80"),
        Some(("https", bare)) => (bare, ":443"),
        _ => return false,
    };
    let host = host.strip_suffix(default_port).unwrap_or(host);
    let bare = bare.strip_suffix(default_port).unwrap_or(bare);
    !bare.is_empty() && bare.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(origin: &str, host: &str) -> Origin {
        let headers = [(header::ORIGIN, origin.parse().unwrap()), (header::HOST, host.parse().unwrap())];
        judge(&HeaderMap::from_iter(headers), &["http://localhost:3000".to_owned()])
    }

    #[test]
    fn only_the_console_itself_and_listed_origins_are_allowed() {
        for (origin, host) in [
            ("http://localhost:3000", "127.0.0.1:8060"),
            ("http://127.0.0.1:8060", "127.0.0.1:8060"),
            ("https://console.example", "console.example"),
            ("https://console.example", "console.example:443"),
            ("https://Console.example", "console.example"),
        ] {
            assert_eq!(judged(origin, host), Origin::Allowed, "{origin}");
        }
        for (origin, host) in [
            ("null", "127.0.0.1:8060"),
            ("", "127.0.0.1:8060"),
            ("http://evil.example", "console.example"),
            ("http://127.0.0.1:8061", "127.0.0.1:8060"),
            ("http://127.0.0.1", "127.0.0.1:8060"),
            ("https://console.example.evil", "console.example"),
            ("http://localhost:3000/", "127.0.0.1:8060"),
            ("file://console.example", "console.example"),
        ] {
            assert_eq!(judged(origin, host), Origin::Foreign, "{origin}");
        }
        assert_eq!(judge(&HeaderMap::new(), &[]), Origin::Absent);
    }
}
