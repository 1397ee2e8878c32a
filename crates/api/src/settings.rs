//! What the API needs to be told about its surroundings.

use ipnet::IpNet;

/// Settings of one server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The words `mode` and `effects` of the health answer.
    pub mode: &'static str,
    /// `on` or `off`.
    pub effects: &'static str,
    /// Version shown by `/`.
    pub version: &'static str,
    /// Origins that browsers may call from, exact, without a trailing slash.
    pub cors_origins: Vec<String>,
    /// Networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Requests a minute and caller; 0: no limit.
    pub rates: Rates,
}

/// Requests a minute and caller for each class of route; 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Routes that start work.
    pub costly: u32,
    /// Other writes.
    pub writes: u32,
    /// Reads.
    pub reads: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self { costly: 60, writes: 120, reads: 600 }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: "rehearsal",
            effects: "on",
            version: env!("CARGO_PKG_VERSION"),
            cors_origins: vec!["http://localhost:3000".to_owned(), "http://localhost:8050".to_owned()],
            trusted_proxies: Vec::new(),
            rates: Rates::default(),
        }
    }
}
