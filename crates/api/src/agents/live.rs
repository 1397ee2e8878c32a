//! `/ws/events`: everything that happens, while it happens.

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use domain::codes::Code;
use http::HeaderMap;

use crate::app::App;
use crate::error::ApiError;
use crate::layers::offered;
use crate::openapi::{Operation, schema};
use crate::socket::{self, Close, Entry, Everything};

/// Subprotocol that a client may name besides its token, so that the token need not be repeated in the answer.
const PROTOCOL: &str = "holly";

/// GET `/ws/events`
pub async fn events(
    State(app): State<App>,
    entry: Option<Extension<Entry>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    // Without an entry the request was no handshake, and passed the gate as any other read.
    let Some(Extension(entry)) = entry else { return Err(ApiError::new(Code::UpgradeRequired)) };
    let upgrade = upgrade.map_err(|_| match &entry.0 {
        Ok(_) => ApiError::new(Code::UpgradeRequired),
        Err(Close::Forbidden) => ApiError::new(Code::Forbidden),
        Err(_) => ApiError::new(Code::InvalidCredentials),
    })?;
    // A browser fails the handshake unless one of the subprotocols it offered is chosen.
    let chosen = [Some(PROTOCOL.to_owned()), offered::subprotocol(&headers)];
    let upgrade = upgrade.protocols(chosen.into_iter().flatten());
    let feed = Box::new(Everything(app.live.subscribe()));
    Ok(socket::open(upgrade, entry, feed, app.sockets.clone(), app.clock.clone()))
}

pub(crate) fn events_doc() -> Operation {
    Operation::new("watch_events", "Live", "WebSocket: one JSON object for each event, as it happens")
        .describe(
            "Handshake with `Authorization: Bearer`, subprotocol `bearer.<jwt>` (offer `holly` too and the token is not \
             repeated in the answer) or `?token=`. Closed with 4001 when the token is missing, wrong, expired or revoked, \
             with 4003 when the role is too low or the `Origin` is not listed, with 1001 when the server stops. \
             `{\"type\":\"events_dropped\",\"count\":n}` tells how many events were lost because they were not read in \
             time. Messages of the client are ignored.",
        )
        .query("token", "A token, for clients that can set no header", schema::text())
        .upgrade()
        .refuses(&[Code::UpgradeRequired])
}
