//! Addresses: of listeners, services, proxies and browsers.

use std::net::IpAddr;

use ipnet::IpNet;
use secrecy::SecretString;
use url::{Host, Url};

use super::{Parser, is_development_credential, is_placeholder};
use crate::mode::Mode;

pub(crate) const IP: Parser<IpAddr> = Parser {
    accepts: "an IP address such as 127.0.0.1, 0.0.0.0 or ::1",
    parse: |text, _| match text {
        "localhost" => Ok(IpAddr::from([127, 0, 0, 1])),
        _ => text.parse().map_err(|_| "is not an IP address"),
    },
};

pub(crate) const PROXIES: Parser<Vec<IpNet>> = Parser {
    accepts: "a comma list of networks such as 10.0.0.0/8; a single address stands for itself",
    parse: |text, _| {
        items(text)
            .map(|item| item.parse::<IpNet>().or_else(|_| item.parse::<IpAddr>().map(IpNet::from)))
            .collect::<Result<_, _>>()
            .map_err(|_| "holds an entry that is neither a network nor an address")
    },
};

pub(crate) const ORIGINS: Parser<Vec<String>> = Parser {
    accepts: "a comma list of exact origins such as https://shop.example; `*` is refused, a missing scheme means http",
    parse: |text, _| {
        let mut origins = Vec::new();
        for item in items(text) {
            let origin = origin(item)?;
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        Ok(origins)
    },
};

/// A service that we call and whose base URL may be replaced.
pub(crate) const SERVICE_URL: Parser<String> = Parser {
    accepts: "an https:// URL without user name, query or fragment; http:// only for private hosts or in rehearsal",
    parse: |text, mode| {
        let url = web_url(text)?;
        if url.scheme() == "http" && mode == Mode::Live && !is_private(url.host()) {
            return Err("uses http for a host that is not private");
        }
        Ok(text.trim_end_matches('/').to_owned())
    },
};

pub(crate) const HTTPS_URL: Parser<SecretString> = Parser {
    accepts: "an https:// URL; http:// only for private hosts or in rehearsal",
    parse: |text, mode| {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        match url.scheme() {
            "https" => Ok(text.into()),
            "http" if mode == Mode::Rehearsal || is_private(url.host()) => Ok(text.into()),
            _ => Err("does not start with https://"),
        }
    },
};

pub(crate) const PUBLIC_URL: Parser<String> = Parser {
    accepts: "an http:// or https:// URL without user name, query or fragment",
    parse: |text, _| web_url(text).map(|_| text.trim_end_matches('/').to_owned()),
};

pub(crate) const SOCKET_URL: Parser<SecretString> = Parser {
    accepts: "a ws:// or wss:// URL",
    parse: |text, _| match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "ws" | "wss") && url.has_host() => Ok(text.into()),
        _ => Err("is not a ws:// or wss:// URL"),
    },
};

pub(crate) const DATABASE_URL: Parser<SecretString> = Parser {
    accepts: "a postgres:// or postgresql:// URL, with sslmode=require (or stricter) unless its host is private",
    parse: |text, mode| {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err("does not start with postgres:// or postgresql://");
        }
        let option = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let socket = option("host").is_some_and(|host| host.starts_with('/'))
            || url.host_str().is_some_and(|host| host.to_ascii_lowercase().starts_with("%2f"));
        let encrypted = option("sslmode")
            .or_else(|| option("ssl-mode"))
            .is_some_and(|ssl| matches!(ssl.to_ascii_lowercase().as_str(), "require" | "verify-ca" | "verify-full"));
        if !encrypted && !socket && !is_private(url.host()) {
            return Err("names a host that is not private without asking for TLS");
        }
        refuse_weak_password(&url, mode)?;
        Ok(text.into())
    },
};

pub(crate) const REDIS_URL: Parser<SecretString> = Parser {
    accepts: "a redis:// or rediss:// URL",
    parse: |text, mode| {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        if !matches!(url.scheme(), "redis" | "rediss") || !url.has_host() {
            return Err("does not start with redis:// or rediss:// and a host");
        }
        refuse_weak_password(&url, mode)?;
        Ok(text.into())
    },
};

pub(crate) const HOST_NAME: Parser<String> = Parser {
    accepts: "a host name",
    parse: |text, _| match Host::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("is not a host name"),
    },
};

/// A mail host that may carry its port.
pub(crate) const LISTENER: Parser<(String, u16)> = Parser {
    accepts: "a host name, or host:port; the port is 993 when it is left out",
    parse: |text, _| {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| "has a port that is no number up to 65535")?),
            None => (text, 993),
        };
        Host::parse(host).map_err(|_| "is not a host name")?;
        Ok((host.to_owned(), port))
    },
};

fn refuse_weak_password(url: &Url, mode: Mode) -> Result<(), &'static str> {
    match url.password() {
        Some(password) if mode == Mode::Live && is_development_credential(password) => {
            Err("carries the password of the local development services, which live mode refuses")
        }
        Some(password) if mode == Mode::Live && is_placeholder(password) => Err("carries a placeholder as password"),
        _ => Ok(()),
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn origin(item: &str) -> Result<String, &'static str> {
    if item.contains('*') {
        return Err("holds a `*`; each origin must be written out");
    }
    let full = if item.contains("://") { item.to_owned() } else { format!("http://{item}") };
    let url = Url::parse(&full).map_err(|_| "holds an entry that is no origin")?;
    if !matches!(url.scheme(), "http" | "https") || !matches!(url.path(), "" | "/") || has_extras(&url) {
        return Err("holds an entry with more than scheme, host and port");
    }
    Ok(url.origin().ascii_serialization())
}

fn web_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("does not start with https:// or http://");
    }
    if has_extras(&url) {
        return Err("carries a user name, query or fragment");
    }
    Ok(url)
}

fn has_extras(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some()
}

/// Loopback, private ranges, and names that only a private resolver knows. The parser of a scheme it does not know
/// leaves addresses as names, so a name is tried as an address too.
pub(crate) fn is_private(host: Option<Host<&str>>) -> bool {
    match host {
        None => true,
        Some(Host::Ipv4(ip)) => is_private_address(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => is_private_address(IpAddr::V6(ip)),
        Some(Host::Domain(name)) => match name.parse::<IpAddr>() {
            Ok(ip) => is_private_address(ip),
            Err(_) => {
                let name = name.to_ascii_lowercase();
                !name.contains('.') || [".local", ".internal", ".localhost"].iter().any(|end| name.ends_with(end))
            }
        },
    }
}

fn is_private_address(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_database_host_needs_tls() {
        let ok = |text: &str| (DATABASE_URL.parse)(text, Mode::Live).is_ok();
        assert!(!ok("postgres://u@db.example.com/holly"));
        assert!(ok("postgres://u@db.example.com/holly?sslmode=require"));
        assert!(ok("postgresql://u@10.1.2.3:5432/holly"));
        assert!(ok("postgres://u@postgres/holly"));
        assert!(ok("postgres://u@localhost/holly?host=/run/postgresql"));
        assert!(!ok("postgres://u@8.8.8.8/holly"));
        assert!(!ok("mysql://u@localhost/holly"));
    }

    #[test]
    fn development_passwords_are_refused_in_live_only() {
        let url = "postgres://holly:".to_owned() + "holly-dev-only@localhost/holly";
        assert!((DATABASE_URL.parse)(&url, Mode::Live).is_err());
        assert!((DATABASE_URL.parse)(&url, Mode::Rehearsal).is_ok());
    }

    #[test]
    fn origins_are_exact_and_get_a_scheme() {
        let read = |text: &str| (ORIGINS.parse)(text, Mode::Live);
        assert_eq!(
            read(" localhost:3000, https://a.example/ ,").unwrap(),
            ["http://localhost:3000", "https://a.example"]
        );
        assert!(read("*").is_err());
        assert!(read("https://*.example").is_err());
        assert!(read("https://a.example/path").is_err());
    }

    #[test]
    fn plain_http_to_a_stranger_is_refused_in_live() {
        assert!((SERVICE_URL.parse)("http://api.example.com", Mode::Live).is_err());
        assert!((SERVICE_URL.parse)("http://api.example.com", Mode::Rehearsal).is_ok());
        assert!(
            (SERVICE_URL.parse)("http://127.0.0.1:9000/", Mode::Live).is_ok_and(|url| url == "http://127.0.0.1:9000")
        );
        assert!((SERVICE_URL.parse)("https://u:p@api.example.com", Mode::Live).is_err());
    }

    #[test]
    fn a_proxy_may_be_a_network_or_an_address() {
        assert_eq!((PROXIES.parse)("10.0.0.0/8, 192.168.1.5", Mode::Live).unwrap().len(), 2);
        assert!((PROXIES.parse)("10.0.0.0/40", Mode::Live).is_err());
    }
}
