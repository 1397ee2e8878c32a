//! Puts the server together: the table of routes, each behind its gate, inside the layers.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use clock::{Ids, SharedClock};
use tower_http::catch_panic::CatchPanicLayer;

use crate::agents::health::HealthCache;
use crate::layers::{cors, gate, panic, path, rate::RateLimiter, trace};
use crate::ports::{
    AuditTrail, Breakers, Catalog, ControlTower, HealthProbe, Jobs, Ledgers, LiveFeed, LogBook, Revocations,
};
use crate::route::Route;
use crate::routes;
use crate::settings::Settings;
use crate::socket::Sockets;
use crate::token::TokenKeys;

/// What the server is made of.
#[derive(Clone)]
pub struct Parts {
    /// The engine.
    pub tower: Arc<dyn ControlTower>,
    /// Traces and costs.
    pub ledgers: Arc<dyn Ledgers>,
    /// The probes.
    pub health: Arc<dyn HealthProbe>,
    /// The breakers.
    pub breakers: Arc<dyn Breakers>,
    /// Agents, tools, workflows.
    pub catalog: Arc<dyn Catalog>,
    /// Recent log lines.
    pub logs: Arc<dyn LogBook>,
    /// Live events.
    pub live: Arc<dyn LiveFeed>,
    /// The open sockets.
    pub sockets: Sockets,
    /// The scheduler.
    pub jobs: Arc<dyn Jobs>,
    /// Who tried what.
    pub audit: Arc<dyn AuditTrail>,
    /// Revoked tokens.
    pub revocations: Arc<dyn Revocations>,
    /// Keys of the tokens.
    pub tokens: TokenKeys,
    /// Time.
    pub clock: SharedClock,
    /// Names of requests.
    pub ids: Ids,
    /// Surroundings.
    pub settings: Settings,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What handlers and layers share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// The inside of [`App`].
pub struct Shared {
    pub(crate) tower: Arc<dyn ControlTower>,
    pub(crate) ledgers: Arc<dyn Ledgers>,
    pub(crate) health: HealthCache,
    pub(crate) breakers: Arc<dyn Breakers>,
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) logs: Arc<dyn LogBook>,
    pub(crate) live: Arc<dyn LiveFeed>,
    pub(crate) sockets: Sockets,
    pub(crate) jobs: Arc<dyn Jobs>,
    pub(crate) audit: Arc<dyn AuditTrail>,
    pub(crate) revocations: Arc<dyn Revocations>,
    pub(crate) tokens: TokenKeys,
    pub(crate) clock: SharedClock,
    pub(crate) ids: Ids,
    pub(crate) settings: Settings,
    pub(crate) limiter: RateLimiter,
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The agents server.
pub fn agents_app(parts: Parts) -> Router {
    assemble(routes::agents(), parts)
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            tower,
            ledgers,
            health,
            breakers,
            catalog,
            logs,
            live,
            sockets,
            jobs,
            audit,
            revocations,
            tokens,
            clock,
            ids,
            settings,
        } = parts;
        let limiter = RateLimiter::new(settings.rates);
        let health = HealthCache::new(health, clock.clone());
        Self(Arc::new(Shared {
            tower,
            ledgers,
            health,
            breakers,
            catalog,
            logs,
            live,
            sockets,
            jobs,
            audit,
            revocations,
            tokens,
            clock,
            ids,
            settings,
            limiter,
        }))
    }
}

fn assemble(table: Vec<Route>, parts: Parts) -> Router {
    let app = App::new(parts);
    let mut router: Router<App> = Router::new();
    for route in table {
        let gated = route.handler.route_layer(from_fn_with_state((app.clone(), route.facts), gate::declared));
        router = router.route(route.facts.path, gated);
    }
    let routed =
        router.method_not_allowed_fallback(gate::unknown_method).fallback(gate::unknown_path).with_state(app.clone());

    // The path is cleaned before the router sees it, so the router is a service inside one that has no routes.
    Router::new()
        .fallback_service(routed)
        .layer(from_fn(path::clean))
        .layer(CatchPanicLayer::custom(panic::answer))
        .layer(from_fn_with_state(app.clone(), cors::cors))
        .layer(from_fn_with_state(app, trace::trace))
}
