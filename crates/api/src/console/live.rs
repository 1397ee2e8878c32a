//! `/ws/execution` and `/ws/logs`: what happens, to the browsers.

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use domain::codes::Code;
use serde_json::{Value, json};

use super::app::Console;
use super::bridge::{BEHIND, RING};
use super::watcher::{Filter, Level, Watcher};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::openapi::{Operation, schema};
use crate::socket::{self, Entry};

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// GET `/ws/execution`
pub async fn execution(
    State(app): State<App>,
    Extension(console): Extension<Console>,
    entry: Option<Extension<Entry>>,
    mut query: Query,
    upgrade: Upgrade,
) -> Result<Response, ApiError> {
    let since = since(&mut query);
    let types = query.text("types").map(|text| text.split(',').map(|one| one.trim().to_owned()).collect());
    let filter = Filter { types, run_id: query.text("run_id"), ..Filter::default() };
    query.finish()?;
    open(app, console, entry, upgrade, filter, since)
}

/// GET `/ws/logs`
pub async fn logs(
    State(app): State<App>,
    Extension(console): Extension<Console>,
    entry: Option<Extension<Entry>>,
    mut query: Query,
    upgrade: Upgrade,
) -> Result<Response, ApiError> {
    let since = since(&mut query);
    let filter = Filter {
        types: Some(vec!["log".to_owned()]),
        run_id: query.text("run_id"),
        level: query.parsed("level", "`error`, `warning`, `info` or `debug`", Level::parse),
        agent: query.text("agent"),
        text: query.text("q").map(|text| text.to_lowercase()),
    };
    query.finish()?;
    open(app, console, entry, upgrade, filter, since)
}

fn since(query: &mut Query) -> Option<u64> {
    query.parsed("since", "a number from 0 on", |text| text.parse().ok())
}

fn open(
    app: App,
    console: Console,
    entry: Option<Extension<Entry>>,
    upgrade: Upgrade,
    filter: Filter,
    since: Option<u64>,
) -> Result<Response, ApiError> {
    let (Some(Extension(entry)), Ok(upgrade)) = (entry, upgrade) else {
        return Err(ApiError::new(Code::UpgradeRequired));
    };
    let frames = Watcher::new(console.bridge.clone(), filter, since, app.clock.clone());
    Ok(socket::open(upgrade, entry, Box::new(frames), app.sockets.clone(), app.clock.clone()))
}

fn described(operation: Operation) -> Operation {
    operation
        .describe(
            "Opened by the cookie from a page of the console or of a listed origin. Each event carries `seq` and `epoch`. \
             The first frame is `bridge_status`, which comes again at every change; `heartbeat` comes every 15 seconds; \
             `resync` when `since` cannot be replayed; `events_dropped` with a `count` when the browser fell behind. \
             Closed with 4001 when nobody is signed in any more, with 4003 for another origin or too low a role, with \
             1001 when the server stops.",
        )
        .query("since", "Replay what follows this `seq`", whole_from_zero())
        .query("run_id", "Only of this run", schema::text_up_to(200))
        .upgrade()
        .refuses(&[Code::UpgradeRequired])
}

fn whole_from_zero() -> Value {
    json!({"type": "integer", "minimum": 0, "description": format!("of the last {RING} events; a browser may be {BEHIND} behind")})
}

pub(super) fn execution_doc() -> Operation {
    let operation = Operation::new("watch_execution", "Live", "WebSocket: every live event, as it happens");
    described(operation).query("types", "Only these types, a comma list", schema::text_up_to(500))
}

pub(super) fn logs_doc() -> Operation {
    described(Operation::new("watch_logs", "Live", "WebSocket: lines of the log, as they are written"))
        .query("level", "Only of at least this level", schema::one_of(&Level::WORDS))
        .query("agent", "Only of this agent", schema::text_up_to(200))
        .query("q", "Only with this text in the message", schema::text_up_to(200))
}
