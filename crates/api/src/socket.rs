//! WebSockets that push live events: one handshake and one loop for every server and path.
//!
//! Who a socket belongs to is decided before the handshake, but a refusal is told after it, as a close code: a browser
//! shows its script nothing of a refused handshake, so an unfit token or origin is accepted first and closed at once.

mod pump;

use std::fmt;
use std::sync::Arc;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;
use clock::SharedClock;
use domain::time::Timestamp;
use futures_util::future::BoxFuture;
use http::{HeaderMap, header};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ports::LiveFrames;

/// Largest message a client may send, bytes.
pub const MAX_CLIENT_BYTES: usize = 256 * 1024;

/// Why a socket is closed by this side. The number is the close code, the text its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// The server stops.
    GoingAway,
    /// The client broke the protocol.
    Protocol,
    /// The client sent bytes where only text is understood.
    Binary,
    /// The client sent more than [`MAX_CLIENT_BYTES`].
    TooBig,
    /// No token, or one that does not count or counts no longer.
    Unauthenticated,
    /// The role is too low, or the origin is not allowed.
    Forbidden,
}

impl Close {
    /// Close code and reason.
    #[must_use]
    pub const fn code_and_reason(self) -> (u16, &'static str) {
        match self {
            Self::GoingAway => (1001, "the server stops"),
            Self::Protocol => (1002, "protocol error"),
            Self::Binary => (1003, "only text is accepted"),
            Self::TooBig => (1009, "messages have at most 256 KiB"),
            Self::Unauthenticated => (4001, "invalid or expired credentials"),
            Self::Forbidden => (4003, "forbidden"),
        }
    }
}

/// For how long somebody may keep a socket.
#[derive(Clone)]
pub struct Pass {
    /// End of the credentials.
    pub until: Timestamp,
    /// Whether they still count; asked before each ping, so a revocation closes the socket within seconds.
    pub still_good: Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>,
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass").field("until", &self.until).finish_non_exhaustive()
    }
}

/// The outcome of authentication, in the extensions of every handshake behind a route that is a socket.
#[derive(Debug, Clone)]
pub struct Entry(pub Result<Pass, Close>);

/// The open sockets of a server.
#[derive(Debug, Clone, Default)]
pub struct Sockets {
    stop: CancellationToken,
    open: TaskTracker,
}

impl Sockets {
    /// Sockets that close with 1001 when `stop` is cancelled.
    #[must_use]
    pub fn new(stop: CancellationToken) -> Self {
        Self { stop, open: TaskTracker::new() }
    }

    /// Returns when the server stops; what is open for long ends then by itself.
    pub async fn stopping(&self) {
        self.stop.cancelled().await;
    }

    /// Returns when no socket is open; call it after the server has stopped taking connections.
    pub async fn closed(&self) {
        self.open.close();
        self.open.wait().await;
    }
}

/// Whether a request asks for a socket.
#[must_use]
pub fn is_handshake(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|text| text.split(',').any(|part| part.trim().eq_ignore_ascii_case("websocket")))
}

/// What a socket pushes: texts, each a frame. Subscribed before the handshake is answered, so that nothing after it is
/// missed.
#[async_trait::async_trait]
pub trait Feed: Send {
    /// The next text. Waits for ever when there is none; safe to cancel.
    async fn next(&mut self) -> Arc<str>;
}

/// Every live event, as it comes.
pub struct Everything(pub Box<dyn LiveFrames>);

impl fmt::Debug for Everything {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Everything").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Feed for Everything {
    async fn next(&mut self) -> Arc<str> {
        self.0.next().await.to_text().into()
    }
}

/// Answers the handshake and then pushes `feed` until the client leaves, the pass ends or the server stops. A refused
/// entry is accepted and closed with its code.
pub fn open(
    upgrade: WebSocketUpgrade,
    entry: Entry,
    feed: Box<dyn Feed>,
    sockets: Sockets,
    clock: SharedClock,
) -> Response {
    let Sockets { stop, open } = sockets;
    let run = move |socket: WebSocket| {
        open.track_future(async move {
            match entry.0 {
                Ok(pass) => pump::push(socket, pass, feed, &stop, &clock).await,
                Err(close) => pump::close(socket, close, &clock).await,
            }
        })
    };
    upgrade.max_message_size(MAX_CLIENT_BYTES).max_frame_size(MAX_CLIENT_BYTES).on_upgrade(run)
}
