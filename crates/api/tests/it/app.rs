//! A server with a played engine and a clock that stands still.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::layers::client::Peer;
use api::settings::Rates;
use api::socket::Sockets;
use api::token::{DEFAULT_LIFE, TokenKeys};
use api::{Parts, Settings, agents_app};
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use clock::{Clock, Ids, ManualClock};
use domain::role::Role;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower_service::ServiceExt;

use crate::engine::{
    PlayedAudit, PlayedBreakers, PlayedEngine, PlayedFeed, PlayedLogs, PlayedProbe, PlayedRevocations,
};
use crate::played_catalog::PlayedCatalog;
use crate::played_jobs::PlayedJobs;

pub(crate) struct TestApp {
    pub(crate) parts: Parts,
    pub(crate) router: Router,
    pub(crate) engine: Arc<PlayedEngine>,
    pub(crate) audit: Arc<PlayedAudit>,
    pub(crate) logs: Arc<PlayedLogs>,
    pub(crate) feed: Arc<PlayedFeed>,
    pub(crate) sockets: Sockets,
    pub(crate) stop: CancellationToken,
    pub(crate) probe: Arc<PlayedProbe>,
    pub(crate) revocations: Arc<PlayedRevocations>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) keys: TokenKeys,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {:?}", self.bytes))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Asserts that this is a well-formed error with `code`.
    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!((self.status.as_u16(), body["code"].as_str()), (status, Some(code)), "{body}");
        assert!(body["error"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        assert_eq!(body["trace_id"].as_str(), self.header("x-request-id"), "{body}");
        body
    }
}

impl TestApp {
    pub(crate) fn new() -> Self {
        Self::with(unlimited())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let clock = Arc::new(ManualClock::at_epoch());
        let engine = Arc::new(PlayedEngine::default());
        let audit = Arc::new(PlayedAudit::default());
        let logs = Arc::new(PlayedLogs(std::sync::Mutex::default(), engine.clone()));
        let feed = Arc::new(PlayedFeed::default());
        let stop = CancellationToken::new();
        let sockets = Sockets::new(stop.clone());
        let probe = Arc::new(PlayedProbe::default());
        let revocations = Arc::new(PlayedRevocations::default());
        let keys = TokenKeys::new(&"k".repeat(32), None).unwrap();
        let parts = Parts {
            tower: engine.clone(),
            ledgers: engine.clone(),
            health: probe.clone(),
            breakers: Arc::new(PlayedBreakers),
            catalog: Arc::new(PlayedCatalog(engine.clone())),
            logs: logs.clone(),
            live: feed.clone(),
            sockets: sockets.clone(),
            jobs: Arc::new(PlayedJobs),
            audit: audit.clone(),
            revocations: revocations.clone(),
            tokens: keys.clone(),
            clock: clock.clone(),
            ids: Ids::random(),
            settings,
        };
        let router = agents_app(parts.clone());
        Self { parts, router, audit, logs, engine, feed, sockets, stop, probe, revocations, clock, keys }
    }

    pub(crate) fn token(&self, role: Role) -> String {
        self.token_of("tester", role)
    }

    pub(crate) fn token_of(&self, subject: &str, role: Role) -> String {
        self.keys.mint(&Ids::random(), subject, role, DEFAULT_LIFE, self.clock.now()).unwrap()
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_to(&self.router, request).await
    }

    pub(crate) async fn send_to(&self, router: &Router, mut request: Request<Body>) -> Answer {
        if request.extensions().get::<Peer>().is_none() {
            request.extensions_mut().insert(Peer(SocketAddr::from(([203, 0, 113, 1], 4711))));
        }
        let response = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// A request as `role`; `body` goes as JSON.
    pub(crate) async fn ask(&self, role: Role, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = builder(method, path).header(header::AUTHORIZATION, format!("Bearer {}", self.token(role)));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.send(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()).await
    }

    pub(crate) async fn get(&self, role: Role, path: &str) -> Answer {
        self.ask(role, "GET", path, None).await
    }

    pub(crate) async fn post(&self, role: Role, path: &str, body: Value) -> Answer {
        self.ask(role, "POST", path, Some(body)).await
    }

    /// Bytes as they are, declared as JSON, from an admin.
    pub(crate) async fn post_bytes(&self, path: &str, bytes: impl Into<Body>) -> Answer {
        let request = builder("POST", path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token(Role::Admin)))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(bytes.into()).unwrap()).await
    }
}

/// Settings without limits of rate.
pub(crate) fn unlimited() -> Settings {
    Settings { rates: Rates { costly: 0, writes: 0, reads: 0 }, ..Settings::default() }
}

pub(crate) fn builder(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path)
}

/// The path of a template with ids that exist.
pub(crate) fn filled(template: &str) -> String {
    template
        .replace("{run_id}", crate::engine::RUN)
        .replace("{ticket_id}", "42")
        .replace("{effect_id}", crate::engine::EFFECT)
        .replace("{thread_id}", crate::engine::RUN)
        .replace("{order_id}", "5830137741322")
        .replace("{job_id}", "order_check")
        .replace("{dlq_id}", "3")
        .replace("{agent_id}", "revenue")
        .replace("{workflow_id}", "default")
        .replace("{version}", "1")
        .replace("{span_id}", crate::engine::SPAN)
        .replace("{job_id}", "order_check")
        .replace("{dlq_id}", "3")
        .replace("{*topic}", "orders/paid")
}
