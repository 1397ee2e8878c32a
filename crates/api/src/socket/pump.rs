//! The loop of one open socket.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use clock::SharedClock;
use tokio_util::bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::{Close, Feed, Pass};

/// How often a client is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// How long it may take to answer, and how long one frame may take to be sent.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a client may take to confirm that the socket is closed.
const FAREWELL: Duration = Duration::from_secs(3);

/// Why the loop ended.
enum End {
    /// This side closes.
    Close(Close),
    /// The other side closed.
    Left,
    /// Nobody is there any more.
    Dead,
}

/// Pushes events until something ends the socket, then ends it properly.
pub(super) async fn push(
    mut socket: WebSocket,
    pass: Pass,
    feed: Box<dyn Feed>,
    stop: &CancellationToken,
    clock: &SharedClock,
) {
    match converse(&mut socket, pass, feed, stop, clock).await {
        End::Close(why) => close(socket, why, clock).await,
        End::Left => drain(socket, clock).await,
        End::Dead => {}
    }
}

/// Says why, and waits a moment for the confirmation.
pub(super) async fn close(mut socket: WebSocket, why: Close, clock: &SharedClock) {
    let (code, reason) = why.code_and_reason();
    let frame = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
    if send(&mut socket, frame, clock).await {
        drain(socket, clock).await;
    }
}

/// Reads what is still under way, so that the closing handshake can end.
async fn drain(mut socket: WebSocket, clock: &SharedClock) {
    let rest = async { while let Some(Ok(_)) = socket.recv().await {} };
    tokio::select! {
        () = rest => {}
        () = clock.sleep(FAREWELL) => {}
    }
}

async fn converse(
    socket: &mut WebSocket,
    pass: Pass,
    mut feed: Box<dyn Feed>,
    stop: &CancellationToken,
    clock: &SharedClock,
) -> End {
    let life = (pass.until - clock.now()).to_std().unwrap_or_default();
    let mut expiry = clock.sleep(life);
    let mut next_look = clock.sleep(PING_EVERY);
    let mut awaiting_pong = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return End::Close(Close::GoingAway),
            () = &mut expiry => return End::Close(Close::Unauthenticated),
            () = &mut next_look => {
                if awaiting_pong {
                    return End::Dead;
                }
                if !(pass.still_good)().await {
                    return End::Close(Close::Unauthenticated);
                }
                if !send(socket, Message::Ping(Bytes::new()), clock).await {
                    return End::Dead;
                }
                awaiting_pong = true;
                next_look = clock.sleep(PATIENCE);
            }
            received = socket.recv() => {
                if let Some(end) = judged(received) {
                    return end;
                }
                // Whatever arrives shows that somebody is there.
                if awaiting_pong {
                    awaiting_pong = false;
                    next_look = clock.sleep(PING_EVERY);
                }
            }
            text = feed.next() => {
                if !send(socket, Message::Text(text.as_ref().into()), clock).await {
                    return End::Dead;
                }
            }
        }
    }
}

/// What a message of the client leads to; none: nothing, the socket only pushes.
fn judged(received: Option<Result<Message, axum::Error>>) -> Option<End> {
    match received {
        None => Some(End::Dead),
        Some(Ok(Message::Close(_))) => Some(End::Left),
        Some(Ok(Message::Binary(_))) => Some(End::Close(Close::Binary)),
        Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_))) => None,
        // The library tells an oversized message from a broken one in its sentence only.
        Some(Err(error)) if error.to_string().contains("too long") => Some(End::Close(Close::TooBig)),
        Some(Err(_)) => Some(End::Close(Close::Protocol)),
    }
}

/// Whether `message` could be sent in time.
async fn send(socket: &mut WebSocket, message: Message, clock: &SharedClock) -> bool {
    tokio::select! {
        sent = socket.send(message) => sent.is_ok(),
        () = clock.sleep(PATIENCE) => false,
    }
}
