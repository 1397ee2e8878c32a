//! Puts the console together: its table of routes, each behind its door, inside the layers that both servers share.

use std::fmt;
use std::sync::Arc;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};
use clock::{Ids, SharedClock};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use super::bench::Bench;
use super::bridge::Bridge;
use super::gate::{self, Door};
use super::lockout::Lockout;
use super::overview::OverviewCache;
use super::ports::{Accounts, Desk};
use super::session::Sessions;
use super::table;
use crate::app::{App, Parts};
use crate::layers::{cors, panic, path, trace};
use crate::token::TokenKeys;

/// Passwords hashed at once: each takes 19 MiB and a processor.
const HASHING: usize = 2;

/// What the console is made of besides the parts of the agents server.
#[derive(Clone)]
pub struct ConsoleParts {
    /// Users.
    pub accounts: Arc<dyn Accounts>,
    /// Figures and pictures.
    pub desk: Arc<dyn Desk>,
    /// Keys of the cookies.
    pub keys: TokenKeys,
    /// Live events; whoever builds the console runs it.
    pub bridge: Arc<Bridge>,
    /// Marks every cookie `Secure`; otherwise it follows the request.
    pub cookie_secure: bool,
}

impl fmt::Debug for ConsoleParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleParts").field("cookie_secure", &self.cookie_secure).finish_non_exhaustive()
    }
}

/// What the console's own handlers share.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

/// The inside of [`Console`].
pub struct Inner {
    pub(super) accounts: Arc<dyn Accounts>,
    pub(super) desk: Arc<dyn Desk>,
    pub(super) sessions: Sessions,
    pub(super) lockout: Lockout,
    pub(super) hashing: Semaphore,
    pub(super) bench: Bench,
    /// Places for those who are not signed in: they cannot take the places of those who are.
    pub(super) lobby: Bench,
    pub(super) overview: OverviewCache,
    pub(super) bridge: Arc<Bridge>,
    pub(super) cookie_secure: bool,
}

impl std::ops::Deref for Console {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

impl Console {
    fn new(parts: ConsoleParts, clock: &SharedClock, ids: &Ids) -> Self {
        let ConsoleParts { accounts, desk, keys, bridge, cookie_secure } = parts;
        Self(Arc::new(Inner {
            sessions: Sessions::new(keys, accounts.clone(), clock.clone(), ids.clone()),
            accounts,
            desk,
            lockout: Lockout::default(),
            hashing: Semaphore::new(HASHING),
            bench: Bench::default(),
            lobby: Bench::default(),
            overview: OverviewCache::default(),
            bridge,
            cookie_secure,
        }))
    }
}

/// The console server. Of `parts` the settings are its own (its origins); the rest is what the agents server has.
pub fn console_app(parts: Parts, console: ConsoleParts) -> Router {
    let app = App::new(parts);
    let console = Console::new(console, &app.clock, &app.ids);

    let mut router: Router<App> = Router::new();
    for entry in table::routes() {
        let door = Door { app: app.clone(), console: console.clone(), rules: entry.rules };
        let gated = entry.route.handler.route_layer(from_fn_with_state(door, gate::declared));
        router = router.route(entry.rules.facts.path, gated);
    }
    let both = (app.clone(), console.clone());
    let stray: Router = Router::new().fallback(gate::unknown_path).with_state(both.clone());
    let wrong_method = {
        let both = both.clone();
        move |request| gate::unknown_method(axum::extract::State(both.clone()), request)
    };
    let routed = router
        .method_not_allowed_fallback(wrong_method)
        .fallback_service(stray)
        .layer(Extension(console))
        .with_state(app.clone());

    Router::new()
        .fallback_service(routed)
        .layer(from_fn(path::clean))
        .layer(CatchPanicLayer::custom(panic::answer))
        .layer(from_fn_with_state(app.clone(), cors::cors))
        .layer(from_fn_with_state(app, trace::trace))
}
