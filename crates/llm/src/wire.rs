//! The real wire: one provider's upstream and its credential.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use net::{HeaderMap, HeaderName, Idempotency, NetError, NotSent, Request, SecretString, Upstream};
use serde_json::Value;

use crate::provider::Provider;
use crate::transport::{Incoming, Transport, TransportError};

/// Longest wait for the first byte of an answer.
const FIRST_BYTE: Duration = Duration::from_secs(60);

/// The protocol version that the codec speaks.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// How a provider knows us.
#[derive(Debug, Clone)]
pub enum Credential {
    /// It does not ask.
    None,
    /// `Authorization: Bearer`.
    Bearer(SecretString),
    /// A header of its own.
    Header(HeaderName, SecretString),
}

/// The way to one provider over HTTP.
#[derive(Debug, Clone)]
pub struct Wire {
    upstream: Upstream,
    credential: Credential,
    headers: HeaderMap,
}

impl Wire {
    /// The way to `upstream`.
    #[must_use]
    pub fn new(upstream: Upstream, credential: Credential) -> Self {
        Self { upstream, credential, headers: HeaderMap::new() }
    }

    /// The way to `provider` at `upstream`, presented as that provider wants it.
    #[must_use]
    pub fn of(provider: Provider, upstream: Upstream, key: Option<SecretString>) -> Self {
        let credential = match (provider, key) {
            (_, None) => Credential::None,
            (Provider::OpenAi | Provider::Ollama, Some(key)) => Credential::Bearer(key),
            (Provider::Anthropic, Some(key)) => Credential::Header(HeaderName::from_static("x-api-key"), key),
        };
        let wire = Self::new(upstream, credential);
        if provider != Provider::Anthropic {
            return wire;
        }
        wire.header(HeaderName::from_static("anthropic-version"), http::HeaderValue::from_static(ANTHROPIC_VERSION))
    }

    /// Adds a plain header to every request, such as a protocol version.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: http::HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    fn request(&self, path: &str, body: &Value, left: Duration) -> Request {
        // A second question is a second bill, and the next model may be the better answer: one attempt only.
        let request = Request::post(path, Idempotency::Unsafe).json(body);
        self.presented(request.deadline(left).attempt_timeout(FIRST_BYTE.min(left)))
    }

    /// With the credential and the plain headers.
    fn presented(&self, request: Request) -> Request {
        let request = match &self.credential {
            Credential::None => request,
            Credential::Bearer(secret) => request.bearer(secret),
            Credential::Header(name, secret) => request.secret_header(name.clone(), secret),
        };
        self.headers
            .iter()
            .fold(request, |request, (name, value)| request.header(name.clone(), value.to_str().unwrap_or_default()))
    }
}

fn transport_error(error: &NetError) -> TransportError {
    match error {
        NetError::NotSent { reason: NotSent::CircuitOpen { seconds_left }, .. } => {
            TransportError::CircuitOpen(Duration::from_secs(*seconds_left))
        }
        NetError::NotSent { reason: NotSent::Dns | NotSent::Connect, .. } => TransportError::Connect,
        NetError::NotSent { reason: NotSent::NoTimeLeft, .. } | NetError::Timeout { .. } => TransportError::Timeout,
        NetError::Reset { .. } => TransportError::Reset,
        NetError::TooLarge { .. } => TransportError::TooLarge,
        NetError::AfterUnclear { last } => transport_error(last),
        other => TransportError::Other(other.to_string()),
    }
}

#[async_trait]
impl Transport for Wire {
    async fn post(&self, path: &str, body: &Value, left: Duration) -> Result<Incoming, TransportError> {
        self.open("chat", self.request(path, body, left)).await
    }

    async fn get(&self, path: &str, query: &[(&str, &str)], left: Duration) -> Result<Incoming, TransportError> {
        let request = query.iter().fold(Request::get(path), |request, (name, value)| request.query(*name, *value));
        self.open("models", self.presented(request.deadline(left).attempt_timeout(left))).await
    }
}

impl Wire {
    async fn open(&self, operation: &'static str, request: Request) -> Result<Incoming, TransportError> {
        match self.upstream.open_stream(operation, request).await {
            Ok(reply) => {
                let body = reply.body.map(|piece| piece.map_err(|error| transport_error(&error)));
                Ok(Incoming { status: reply.status.as_u16(), headers: reply.headers, body: body.boxed() })
            }
            Err(NetError::Status { reply, .. }) => {
                let body = futures_util::stream::iter([Ok(reply.body)]).boxed();
                Ok(Incoming { status: reply.status.as_u16(), headers: reply.headers, body })
            }
            Err(error) => Err(transport_error(&error)),
        }
    }
}
