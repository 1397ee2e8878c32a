//! The wire, as this crate needs it: a post or a read that answers with a status, headers and a body in pieces.
//!
//! An implementation owns the provider's address, its credential, its breaker, the size cap and the limit on silence
//! (60 s without a byte). It makes one attempt, follows no redirect and repeats nothing.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use http::HeaderMap;
use serde_json::Value;

use crate::classify::{Detail, ErrorClass, Failure};

/// The pieces of a body.
pub type Body = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// An answer whose body is still to come.
pub struct Incoming {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("status", &self.status).finish_non_exhaustive()
    }
}

/// No answer, or one that broke off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing was sent: the breaker is open.
    #[error("the breaker is open for {0:?} more")]
    CircuitOpen(Duration),
    /// No connection.
    #[error("no connection")]
    Connect,
    /// No answer, or no further byte, in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke.
    #[error("the connection broke")]
    Reset,
    /// The answer is longer than the cap.
    #[error("the answer is too long")]
    TooLarge,
    /// Anything else, without a secret in it.
    #[error("{0}")]
    Other(String),
}

impl TransportError {
    pub(crate) fn failure(&self) -> Failure {
        let class = match self {
            Self::Timeout => ErrorClass::Timeout,
            Self::CircuitOpen(_) | Self::Connect | Self::Reset => ErrorClass::ServerError,
            Self::TooLarge | Self::Other(_) => ErrorClass::Unknown,
        };
        let plain = Failure::new(class, self.to_string());
        match self {
            Self::CircuitOpen(left) => Failure { detail: Detail::CircuitOpen, retry_after: Some(*left), ..plain },
            _ => plain,
        }
    }
}

/// The way to one provider.
#[async_trait]
pub trait Transport: Send + Sync + fmt::Debug {
    /// Posts `body` to `path` below the provider's base address. `left`: the time that the whole call may take.
    ///
    /// # Errors
    /// When no status line came back. Any status is an answer.
    async fn post(&self, path: &str, body: &Value, left: Duration) -> Result<Incoming, TransportError>;

    /// Reads `path` below the provider's base address, for a free list.
    ///
    /// # Errors
    /// As [`Transport::post`].
    async fn get(&self, path: &str, query: &[(&str, &str)], left: Duration) -> Result<Incoming, TransportError>;
}
