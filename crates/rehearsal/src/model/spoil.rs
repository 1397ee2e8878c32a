//! Planted faults at a model's wire, before the provider's own words for them.

use std::convert::Infallible;
use std::io;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::stream::{iter, once};
use sha2::{Digest, Sha256};

use crate::fault::{Fault, FaultKind};
use crate::model_host::ModelHost;

/// What a fault does to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoil {
    /// A refusal takes its place, and nothing is acted on.
    Instead(Fault),
    /// Its text is cut and ends there as if that were all.
    Cut,
    /// The connection breaks in the middle of it.
    Break,
    /// The provider gives up in the middle of it and says so.
    Overloaded,
    /// The connection closes without an answer.
    HangUp,
}

/// The fault that is due at `upstream`, if any.
pub(super) fn take(host: &dyn ModelHost, upstream: &str) -> Option<Spoil> {
    let fault = host.take_fault(upstream)?;
    match fault.kind {
        FaultKind::RateLimit | FaultKind::Credit | FaultKind::Error => Some(Spoil::Instead(fault)),
        FaultKind::Malformed => Some(Spoil::Cut),
        FaultKind::BreakStream => Some(Spoil::Break),
        FaultKind::Overloaded => Some(Spoil::Overloaded),
        FaultKind::DropReply => Some(Spoil::HangUp),
        // The listener's business; they never come out of the host.
        FaultKind::Refuse | FaultKind::Delay | FaultKind::Duplicate => None,
    }
}

/// One JSON body.
pub(super) fn whole(mut text: String, spoil: Option<Spoil>) -> Response {
    let body = match spoil {
        Some(Spoil::Break) => {
            cut(&mut text);
            broken(vec![text])
        }
        Some(Spoil::Cut) => {
            cut(&mut text);
            Body::from(text)
        }
        _ => Body::from(text),
    };
    marked(([(header::CONTENT_TYPE, "application/json")], body).into_response(), spoil)
}

/// A body that arrives event by event, under the given content type.
pub(super) fn streamed(mut events: Vec<String>, content_type: &'static str, spoil: Option<Spoil>) -> Response {
    let body = match spoil {
        Some(Spoil::Break) => {
            middle(&mut events);
            broken(events)
        }
        Some(Spoil::Cut) => {
            middle(&mut events);
            if let Some(last) = events.last_mut() {
                cut(last);
            }
            sent(events)
        }
        _ => sent(events),
    };
    let head = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")];
    marked((head, body).into_response(), spoil)
}

/// Tells the log of requests what happened to an answer whose status does not show it.
fn marked(mut response: Response, spoil: Option<Spoil>) -> Response {
    let kind = match spoil {
        Some(Spoil::Break) => FaultKind::BreakStream,
        Some(Spoil::Cut) => FaultKind::Malformed,
        Some(Spoil::Overloaded) => FaultKind::Overloaded,
        Some(Spoil::Instead(_) | Spoil::HangUp) | None => return response,
    };
    response.extensions_mut().insert(kind);
    response
}

/// Keeps the first half of the events, at least one.
pub(super) fn middle(events: &mut Vec<String>) {
    events.truncate((events.len() / 2).max(1));
}

fn sent(events: Vec<String>) -> Body {
    Body::from_stream(iter(events.into_iter().map(|event| Ok::<_, Infallible>(Bytes::from(event)))))
}

/// The pieces, and then no proper end: the connection is torn down after they have left.
fn broken(pieces: Vec<String>) -> Body {
    let pieces = iter(pieces.into_iter().map(|piece| Ok(Bytes::from(piece))));
    // A body that fails at once takes with it what the server has not sent yet; one that lets it wait does not.
    let end = once(async {
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    Body::from_stream(pieces.chain(end))
}

/// Cuts `text` in the middle.
fn cut(text: &mut String) {
    let mut end = text.len() / 2;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

/// An id that shows where the answer came from: the same request at the same moment has the same one.
pub(super) fn request_id(body: &[u8], now_us: i64) -> String {
    let digest = Sha256::new().chain_update(body).chain_update(now_us.to_be_bytes()).finalize();
    format!("rehearsal-{}", hex::encode(&digest[..12]))
}
