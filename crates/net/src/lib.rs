//! The way out of the process over HTTP.
//!
//! One [`Upstream`] per service holds its base address, time limits, retry policy and size cap, and shares the service's
//! breaker with every other caller through [`Breakers`]. A call is a [`Request`] with the name of its operation; it ends
//! in a [`Reply`] or in a [`NetError`] that says what a caller of a mutation must know: did anything leave the process,
//! and was the answer clear ([`NetError::certainty`]).
//!
//! This is the only crate that builds HTTP clients. It never follows a redirect, never logs a body, an address with its
//! query or a credential, never repeats a mutation that the upstream cannot recognise as the same one, and knows no
//! upstream by its meaning: shapes of requests and errors belong to the crates above.

mod attempt;
mod base_url;
mod breakers;
mod crypto;
mod error;
pub mod ndjson;
mod reply;
mod request;
pub mod retry;
pub mod sse;
mod stream;
mod upstream;

pub use base_url::{BaseUrl, BaseUrlError, PlainHttp};
pub use breakers::{Admission, BreakerStatus, Breakers, CircuitOpen, SERVICES};
pub use crypto::install_crypto;
pub use error::{Certainty, NetError, NotSent};
pub use http::{HeaderMap, HeaderName, Method, StatusCode};
pub use reply::Reply;
pub use request::{Idempotency, Request, encode_segment};
pub use retry::RetryPolicy;
pub use secrecy::SecretString;
pub use sse::SseError;
pub use stream::{ByteStream, StreamReply};
pub use upstream::{BuildError, Settings, USER_AGENT, Upstream};
