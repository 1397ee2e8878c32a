//! Where the server is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use config::Config;

use super::runtime::Runtime;

/// Where the server is looked for, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Base address of the agents API.
    pub(crate) url: String,
}

impl Address {
    /// The address that a person named.
    pub(crate) fn named(url: &str) -> Self {
        Self { url: url.trim_end_matches('/').to_owned() }
    }
}

/// The address of the agents API: what a running server wrote into the data folder, else what the settings say.
pub(crate) fn agents_address(runtime: Option<&Runtime>, config: &Config) -> Address {
    match runtime {
        Some(runtime) => Address::named(&runtime.agents_url),
        None => Address { url: listening(config.groups.server.host, config.groups.server.port) },
    }
}

/// A server that listens on every address is called on the loopback one.
fn listening(host: IpAddr, port: u16) -> String {
    let host = match host {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        host => host,
    };
    format!("http://{}", SocketAddr::new(host, port))
}

#[cfg(test)]
mod tests {
    use config::EnvSource;

    use super::*;

    #[test]
    fn a_running_server_is_found_where_it_says_and_else_where_the_settings_say() {
        let folder = tempfile::tempdir().unwrap();
        let source = EnvSource::fixed(folder.path(), [("HOST", "0.0.0.0"), ("PORT", "9000")]);
        let config = Config::load(&source).unwrap().config;
        assert_eq!(agents_address(None, &config).url, "http://127.0.0.1:9000");
        let runtime = Runtime { agents_url: "http://127.0.0.1:41234/".into(), ..Runtime::default() };
        assert_eq!(agents_address(Some(&runtime), &config).url, "http://127.0.0.1:41234");
    }

    #[test]
    fn an_address_of_the_sixth_version_has_brackets() {
        assert_eq!(listening("::".parse().unwrap(), 1), "http://[::1]:1");
        assert_eq!(listening("10.0.0.8".parse().unwrap(), 80), "http://10.0.0.8:80");
    }
}
