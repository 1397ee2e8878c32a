//! Where an upstream lives, checked once at start.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// Whether an address without TLS may leave for any host or only for a near one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainHttp {
    /// Only loopback and private hosts. The rule of live operation.
    NearOnly,
    /// Any host. The rule of rehearsal.
    Anywhere,
}

/// Why a text is no base address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not an address at all.
    #[error("not a URL; expected something like `https://api.example.com`")]
    NotAUrl,
    /// A scheme other than `https` or `http`.
    #[error("the scheme must be `https` (or `http` for a loopback or private host)")]
    Scheme,
    /// It carries a user name, a password, a query or a fragment.
    #[error("a base URL has no user name, password, query or fragment; credentials have settings of their own")]
    Extras,
    /// No TLS to a host that is neither loopback nor private.
    #[error("`http` is accepted only for loopback and private hosts; use `https`")]
    PlainToPublicHost,
}

/// A checked base address: scheme, host, port and a path without a slash at its end.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Reads and checks `text`.
    ///
    /// # Errors
    /// When it is no address, or one that the rules of [`PlainHttp`] refuse. The text itself is not repeated in the
    /// error: somebody may have put a password into it.
    pub fn parse(text: &str, plain: PlainHttp) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| BaseUrlError::NotAUrl)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(BaseUrlError::NotAUrl)?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::Extras);
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if plain == PlainHttp::Anywhere || is_near(host) => Ok(Self(url)),
            "http" => Err(BaseUrlError::PlainToPublicHost),
            _ => Err(BaseUrlError::Scheme),
        }
    }

    /// Whether calls to it are unencrypted.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// The address of `path` below the base; none when the result would leave scheme, host or port of the base.
    pub(crate) fn join(&self, path: &str, query: &[(String, String)]) -> Option<Url> {
        if !path.starts_with('/') || path.contains(['?', '#', '\\']) {
            return None;
        }
        let mut url = Url::parse(&format!("{}{path}", self.0.as_str().trim_end_matches('/'))).ok()?;
        if url.origin() != self.0.origin() {
            return None;
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Some(url)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Loopback or private by literal address, or a name that only a local resolver answers.
fn is_near(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        Err(_) => {
            let name = host.trim_end_matches('.');
            // A name without a dot is a neighbour in the same compose network or hosts file.
            !name.contains('.') || [".localhost", ".local", ".internal"].iter().any(|suffix| name.ends_with(suffix))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near_only(text: &str) -> Result<String, BaseUrlError> {
        BaseUrl::parse(text, PlainHttp::NearOnly).map(|url| url.to_string())
    }

    #[test]
    fn tls_goes_anywhere_and_plain_http_only_near() {
        for near in
            ["http://127.0.0.1:9", "http://[::1]:9", "http://10.0.0.8", "http://localhost:1", "http://ollama:11434"]
        {
            assert!(near_only(near).is_ok(), "{near}");
        }
        for public in ["http://api.stripe.com", "http://8.8.8.8", "http://169.254.169.254", "http://172.32.0.1"] {
            assert_eq!(near_only(public), Err(BaseUrlError::PlainToPublicHost), "{public}");
            assert!(BaseUrl::parse(public, PlainHttp::Anywhere).is_ok());
        }
        assert_eq!(near_only("https://api.stripe.com/").unwrap(), "https://api.stripe.com");
    }

    #[test]
    fn credentials_and_queries_have_no_place_in_a_base_url() {
        for text in ["https://me:secret@x.com", "https://me@x.com", "https://x.com?key=1", "https://x.com/#a"] {
            let error = near_only(text).unwrap_err();
            assert_eq!(error, BaseUrlError::Extras);
            assert!(!error.to_string().contains("secret"));
        }
        assert_eq!(near_only("ftp://x.com"), Err(BaseUrlError::Scheme));
        assert_eq!(near_only("x.com"), Err(BaseUrlError::NotAUrl));
    }

    #[test]
    fn a_path_never_leaves_its_host() {
        let base = BaseUrl::parse("https://api.example.com/v1/", PlainHttp::NearOnly).unwrap();
        let pairs = [("created[gte]".to_owned(), "1 2".to_owned())];
        assert_eq!(
            base.join("/charges", &pairs).unwrap().as_str(),
            "https://api.example.com/v1/charges?created%5Bgte%5D=1+2"
        );
        assert_eq!(base.join("//evil.com/x", &[]).unwrap().host_str(), Some("api.example.com"));
        for bad in ["charges", "@evil.com", "/a?b", "/a#b", "/\\evil.com"] {
            assert!(base.join(bad, &[]).is_none(), "{bad}");
        }
    }
}
