//! What is written down about who tried what.

use std::net::IpAddr;

use domain::role::Role;

/// One entry of the audit that the API itself makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// What, e.g. `role.refused`.
    pub action: &'static str,
    /// Subject of the token.
    pub actor: Option<String>,
    /// Role of the token.
    pub role: Option<Role>,
    /// Where from.
    pub ip: Option<IpAddr>,
    /// On what: method and path template.
    pub target: String,
    /// `ok`, `denied` or `failed`.
    pub outcome: &'static str,
    /// Trace of the request.
    pub request_id: Option<String>,
}

/// Takes entries and writes them down; never waits and never fails a request.
pub trait AuditTrail: Send + Sync {
    /// Takes one entry.
    fn record(&self, event: AuditEvent);
}
