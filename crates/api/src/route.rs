//! What is declared of a route.

use std::fmt;

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use domain::role::Role;
use http::Method;

use crate::app::App;
use crate::openapi::Operation;

/// Largest JSON body and webhook delivery, bytes.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Whoever signed the body; the handler has the signature checked.
    Signed,
    /// A token with at least this role.
    Role(Role),
    /// The same, or one of the service identity `webhook`.
    RoleOrWebhook(Role),
}

impl Access {
    /// The least role in the order of people; none where no token is needed.
    #[must_use]
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Public | Self::Signed => None,
            Self::Role(role) | Self::RoleOrWebhook(role) => Some(role),
        }
    }

    /// Whether a token with `role` may.
    #[must_use]
    pub fn admits(self, role: Role) -> bool {
        match self {
            Self::Public | Self::Signed => true,
            Self::Role(needed) => role.includes(needed),
            Self::RoleOrWebhook(needed) => role == Role::Webhook || role.includes(needed),
        }
    }
}

/// Which limit counts the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateClass {
    /// Not counted; for signed routes the handler counts bad signatures itself.
    Exempt,
    /// Reads.
    Read,
    /// Writes.
    Write,
    /// Writes that start work.
    Costly,
}

/// What a route does with the body of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// Nothing: it is not read.
    None,
    /// JSON, at most so many bytes.
    Json(usize),
    /// Bytes, at most so many.
    Raw(usize),
    /// Nothing: the connection becomes a WebSocket. A handshake is let through whoever sends it, and refused by a
    /// close code afterwards.
    Socket,
}

impl BodyKind {
    /// The limit in bytes.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::None | Self::Socket => 0,
            Self::Json(limit) | Self::Raw(limit) => limit,
        }
    }
}

/// The facts of a route that layers and extractors need while a request runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteFacts {
    /// Path template.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// How often.
    pub rate: RateClass,
    /// How large.
    pub body: BodyKind,
}

/// One route of the table.
pub struct Route {
    /// The method; GET answers HEAD too.
    pub method: Method,
    /// The rest.
    pub facts: RouteFacts,
    /// What the OpenAPI document says.
    pub operation: Operation,
    /// The handler, not yet behind the gate.
    pub(crate) handler: MethodRouter<App>,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("method", &self.method).field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// A read.
pub(crate) fn get<H, T>(path: &'static str, role: Role, handler: H, operation: fn() -> Operation) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    let facts = RouteFacts { path, access: Access::Role(role), rate: RateClass::Read, body: BodyKind::None };
    Route { method: Method::GET, facts, operation: operation(), handler: on(MethodFilter::GET, handler) }
}

/// A write with a JSON body of the usual size.
pub(crate) fn post<H, T>(path: &'static str, role: Role, handler: H, operation: fn() -> Operation) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    let facts =
        RouteFacts { path, access: Access::Role(role), rate: RateClass::Write, body: BodyKind::Json(BODY_LIMIT) };
    Route { method: Method::POST, facts, operation: operation(), handler: on(MethodFilter::POST, handler) }
}

impl Route {
    /// Open to everybody.
    pub(crate) fn public(mut self) -> Self {
        self.facts.access = Access::Public;
        self
    }

    /// Open to whoever signed the raw body; bad signatures are counted by the handler.
    pub(crate) fn signed(mut self) -> Self {
        self.facts.access = Access::Signed;
        self.facts.rate = RateClass::Exempt;
        self.facts.body = BodyKind::Raw(BODY_LIMIT);
        self
    }

    /// Takes no body: it is not read.
    pub(crate) fn without_body(mut self) -> Self {
        self.facts.body = BodyKind::None;
        self
    }

    /// Open to the service identity `webhook` too.
    pub(crate) fn for_webhook(mut self) -> Self {
        if let Access::Role(role) = self.facts.access {
            self.facts.access = Access::RoleOrWebhook(role);
        }
        self
    }

    /// Takes a body of at most `limit` bytes.
    pub(crate) fn at_most(mut self, limit: usize) -> Self {
        self.facts.body = BodyKind::Json(limit);
        self
    }

    /// Counted with the routes that start work.
    pub(crate) fn costly(mut self) -> Self {
        self.facts.rate = RateClass::Costly;
        self
    }

    /// A WebSocket.
    pub(crate) fn socket(mut self) -> Self {
        self.facts.body = BodyKind::Socket;
        self
    }

    /// Not counted.
    pub(crate) fn uncounted(mut self) -> Self {
        self.facts.rate = RateClass::Exempt;
        self
    }
}
