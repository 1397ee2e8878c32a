//! The table of all routes of the console: first its own, then one line for each path that it shares with the agents
//! server. A shared line takes every method that the agents table declares for the path, with the same handler, role,
//! body and operation.

use std::time::Duration;

use domain::role::Role::{Operator, Viewer};

use super::fallback::{self, Fallback};
use super::{breakers, bulk, document, execute, graph, health, live, login, overview};
use crate::route::{BodyKind, Route, RouteFacts, get, post};
use crate::routes::agents;

/// Time of a request unless said otherwise.
const USUAL: Duration = Duration::from_secs(30);
/// Time of a look at the health.
const SHORT: Duration = Duration::from_secs(10);
/// Time of a request that starts work.
const LONG: Duration = Duration::from_secs(120);

/// Largest body of a sign-in: an address, a password, and room for JSON.
const LOGIN_BODY: usize = 8 * 1024;
/// Time of a retry, which waits a minute for its end.
const RETRY: Duration = Duration::from_secs(75);

/// One route of the console.
#[derive(Debug)]
pub struct ConsoleRoute {
    /// The route, under its console path.
    pub route: Route,
    /// What the door needs to know.
    pub rules: Rules,
}

/// What holds for a route at the door, besides what every route declares.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The facts of the route.
    pub facts: RouteFacts,
    /// Keys of an outage.
    pub fallback: Fallback,
    /// Longest time.
    pub limit: Duration,
    /// The path of the agents server whose functions it runs.
    pub mirrors: Option<&'static str>,
}

/// A path that both servers have.
#[derive(Debug, Clone, Copy)]
pub struct Shared {
    /// On the console.
    pub console: &'static str,
    /// On the agents server.
    pub agents: &'static str,
    /// Keys of an outage.
    pub fallback: Fallback,
    /// Longest time.
    pub limit: Duration,
}

macro_rules! shared {
    ($path:literal) => {
        shared!($path, NONE)
    };
    ($path:literal, $fallback:ident) => {
        shared!($path, $fallback, USUAL)
    };
    ($path:literal, $fallback:ident, $limit:expr) => {
        Shared { console: concat!("/api", $path), agents: $path, fallback: fallback::$fallback, limit: $limit }
    };
}

/// The paths that both servers have.
pub const SHARED: &[Shared] = &[
    shared!("/graph/metadata", METADATA),
    shared!("/agents", AGENTS),
    shared!("/agents/{agent_id}"),
    shared!("/agents/{agent_id}/versions"),
    shared!("/agents/{agent_id}/versions/{version}"),
    shared!("/agents/{agent_id}/default"),
    shared!("/tools", TOOLS),
    shared!("/workflows", WORKFLOWS),
    shared!("/workflows/{workflow_id}"),
    shared!("/workflows/{workflow_id}/versions"),
    shared!("/workflows/{workflow_id}/versions/{version}"),
    shared!("/tower/runs/start"),
    shared!("/tower/runs", RUNS),
    shared!("/tower/runs/{run_id}"),
    shared!("/tower/runs/{run_id}/events", EVENTS),
    shared!("/tower/runs/{run_id}/snapshot"),
    shared!("/tower/runs/{run_id}/effects"),
    shared!("/tower/runs/{run_id}/resume"),
    shared!("/tower/runs/{run_id}/cancel"),
    shared!("/tower/runs/{run_id}/pause"),
    shared!("/tower/runs/{run_id}/continue"),
    shared!("/tower/runs/{run_id}/retry"),
    shared!("/tower/runs/{run_id}/fork"),
    shared!("/tower/inbox", TICKETS),
    shared!("/tower/tickets/{ticket_id}"),
    shared!("/tower/tickets/{ticket_id}/decide"),
    shared!("/tower/effects/{effect_id}"),
    shared!("/executions/{thread_id}/checkpoints"),
    shared!("/scheduler/jobs", JOBS),
    shared!("/scheduler/trigger/{job_id}"),
    shared!("/scheduler/jobs/{job_id}/pause"),
    shared!("/scheduler/jobs/{job_id}/resume"),
    shared!("/scheduler/dlq", ENTRIES),
    shared!("/scheduler/dlq/{dlq_id}/retry", NONE, RETRY),
    shared!("/orders"),
    shared!("/orders/{order_id}"),
    shared!("/traces", TRACES),
    shared!("/traces/{run_id}"),
    shared!("/traces/{run_id}/spans/{span_id}"),
    shared!("/costs/summary"),
    shared!("/webhooks/status"),
    shared!("/logs", LOGS),
];

/// Paths of the agents server that the console has in a form of its own or not at all.
pub const AGENTS_ONLY: &[&str] = &[
    "/",
    "/health",
    "/health/live",
    "/docs",
    "/openapi.json",
    "/circuit-breakers",
    "/graph/definition",
    "/ws/events",
    "/agent/invoke",
    "/agent/batch",
    "/agent/direct/invoke",
    "/agent/direct/stream",
    "/webhooks/shopify",
    "/webhooks/shopify/{*topic}",
    "/webhooks/stripe",
    "/webhooks/printful",
];

/// The routes, in the order of the document.
#[must_use]
#[rustfmt::skip]
pub fn routes() -> Vec<ConsoleRoute> {
    let mut table = vec![
        own(post("/api/auth/login", Viewer, login::login, login::login_doc).public().at_most(LOGIN_BODY), fallback::NONE, USUAL),
        own(get("/api/auth/me", Viewer, login::me, login::me_doc), fallback::NONE, USUAL),
        own(post("/api/auth/logout", Viewer, login::logout, login::logout_doc).public().without_body(), fallback::NONE, USUAL),
        own(post("/api/auth/refresh", Viewer, login::refresh, login::refresh_doc).without_body(), fallback::NONE, USUAL),
        own(get("/api/health", Viewer, health::show, health::show_doc).public().uncounted(), fallback::NONE, SHORT),
        own(get("/api/health/circuit-breakers", Viewer, breakers::list, breakers::list_doc), fallback::NONE, SHORT),
        own(get("/api/openapi.json", Viewer, document::show, document::show_doc), fallback::NONE, USUAL),
        own(get("/api/overview", Viewer, overview::show, overview::show_doc), fallback::NONE, USUAL),
        own(get("/api/graph/definition", Viewer, graph::show, graph::show_doc), fallback::GRAPH, USUAL),
        own(post("/api/execute", Operator, execute::execute, execute::execute_doc).costly(), fallback::NONE, LONG),
        own(post("/api/tower/tickets/bulk-decide", Operator, bulk::decide, bulk::decide_doc), fallback::NONE, LONG),
        own(get("/ws/execution", Viewer, live::execution, live::execution_doc).socket(), fallback::NONE, USUAL),
        own(get("/ws/logs", Viewer, live::logs, live::logs_doc).socket(), fallback::NONE, USUAL),
    ];
    table.extend(shared_routes());
    table
}

fn own(route: Route, fallback: Fallback, limit: Duration) -> ConsoleRoute {
    let rules = Rules { facts: route.facts, fallback, limit, mirrors: None };
    ConsoleRoute { route, rules }
}

fn shared_routes() -> Vec<ConsoleRoute> {
    let line = |route: &Route| SHARED.iter().find(|shared| shared.agents == route.facts.path);
    agents()
        .into_iter()
        .filter_map(|mut route| {
            let shared = line(&route)?;
            route.facts.path = shared.console;
            let rules = Rules {
                facts: route.facts,
                fallback: shared.fallback,
                limit: shared.limit,
                mirrors: Some(shared.agents),
            };
            Some(ConsoleRoute { route, rules })
        })
        .collect()
}

impl ConsoleRoute {
    /// Whether a cookie is needed.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.rules.facts.access.role().is_some()
    }

    /// Whether it becomes a socket.
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.rules.facts.body == BodyKind::Socket
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_path_of_the_agents_server_is_shared_or_named_as_its_own() {
        let there: BTreeSet<_> = agents().iter().map(|route| route.facts.path).collect();
        let shared: BTreeSet<_> = SHARED.iter().map(|shared| shared.agents).collect();
        let only: BTreeSet<_> = AGENTS_ONLY.iter().copied().collect();
        assert_eq!(shared.intersection(&only).next(), None);
        let spoken_of: BTreeSet<_> = shared.union(&only).copied().collect();
        let forgotten: Vec<_> = there.difference(&spoken_of).collect();
        assert!(forgotten.is_empty(), "add {forgotten:?} to SHARED or to AGENTS_ONLY");
        let gone: Vec<_> = spoken_of.difference(&there).collect();
        assert!(gone.is_empty(), "the agents server has no {gone:?}");
    }

    #[test]
    fn no_route_is_declared_twice() {
        let table = routes();
        let distinct: BTreeSet<_> =
            table.iter().map(|entry| (entry.route.method.to_string(), entry.route.facts.path)).collect();
        assert_eq!(distinct.len(), table.len());
        assert!(table.iter().all(|entry| entry.route.facts.path.starts_with("/api/") || entry.is_socket()));
    }
}
