//! A server that answers from a script and writes down what it was asked, and everything that stands on it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use clock::{ManualClock, SeededEntropy};
use connect::printful::Printful;
use connect::shopify::{Shopify, ShopifyAuth};
use connect::stripe::Stripe;
use connect::tools::{Clients, Settings, all};
use connect::{OrderBook, OrderBookError};
use domain::ids::{EffectId, OrderKey, RunId};
use domain::lease::Fence;
use domain::order::{Order, OrderFacts, merge};
use gateway::{Begin, BlockReason, CallContext, Ledger, LedgerError, Passed, Resolution, Resolved, Tool};
use net::{BaseUrl, Breakers, PlainHttp, SecretString, Upstream};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// The order of the fixtures.
pub(crate) const ORDER: &str = "5830137741322";
/// Where all of the shop's questions go.
pub(crate) const GRAPHQL: &str = "POST /admin/api/2026-10/graphql.json";
/// How its look-up at the printer is asked for.
pub(crate) const LOOK_UP: &str = "GET /v2/orders/@5830137741322";

/// What a request gets.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Json(u16, Value),
    /// With headers.
    With(u16, Value, Vec<(&'static str, String)>),
    /// It is acted on, and the connection closes without a reply.
    Dropped,
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

#[derive(Default)]
struct Script {
    answers: BTreeMap<String, VecDeque<Answer>>,
    seen: Vec<Seen>,
}

/// The fake and what stands on it. Dropping it stops the server.
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) clients: Clients,
    pub(crate) tools: Vec<Arc<dyn Tool>>,
    pub(crate) book: Arc<Book>,
    script: Arc<Mutex<Script>>,
    _tasks: JoinSet<()>,
}

pub(crate) fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// An order of version 2 in a status.
pub(crate) fn print_order(status: &str, total: &str) -> Value {
    json!({"data": {"id": 90_000_001, "external_id": ORDER, "store_id": 10, "shipping": "STANDARD", "status": status,
        "created_at": "2026-05-28T18:06:00Z", "updated_at": "2026-05-28T18:06:00Z",
        "recipient": {"name": "Ada Example"},
        "costs": {"calculation_status": "done", "currency": "USD", "total": total},
        "order_items": [{"id": 1, "source": "catalog", "catalog_variant_id": 4012, "quantity": 1}]}})
}

pub(crate) fn not_found() -> Answer {
    Answer::Json(404, json!({"type": "about:blank", "status": 404, "title": "Not Found", "details": "no such order"}))
}

impl World {
    /// With the client of an app instead of a static token.
    pub(crate) async fn with_app() -> Self {
        let secret = |text: &str| SecretString::from(text.to_owned());
        Self::start_with(ShopifyAuth::ClientCredentials { id: secret("app-id"), secret: secret("app-secret") }).await
    }

    pub(crate) async fn start() -> Self {
        Self::start_with(ShopifyAuth::Token(SecretString::from("shpat".to_owned() + "_fake"))).await
    }

    async fn start_with(auth: ShopifyAuth) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = Arc::new(Mutex::new(Script::default()));
        let router = axum::Router::new().fallback(serve).with_state(script.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let clock = Arc::new(ManualClock::at_epoch());
        let clients = clients_with(port, &clock, auth);
        let book = Arc::new(Book { rows: Mutex::default(), clock: clock.clone() });
        let settings = Settings { print_cap_usd_minor: 5000, currency: "usd".to_owned() };
        let tools = all(&clients, &settings, book.clone());
        Self { clock, clients, tools, book, script, _tasks: tasks }
    }

    /// The answers to `METHOD /path` in turn; the last one again and again. Anything else gets 599.
    pub(crate) fn on(&self, route: &str, answers: impl IntoIterator<Item = Answer>) {
        self.script.lock().unwrap().answers.insert(route.to_owned(), answers.into_iter().collect());
    }

    pub(crate) fn json(&self, route: &str, body: Value) {
        self.on(route, [Answer::Json(200, body)]);
    }

    /// A paid order in the shop, a native store at the printer that knows its variant, and no print yet.
    pub(crate) fn paid_order(&self) {
        self.json("POST /admin/api/2026-10/graphql.json", fixture("shopify_order"));
        self.json("GET /v2/stores", json!({"data": [{"id": 10, "type": "native", "name": "Fox"}]}));
        self.json("GET /store/variants/@44001", fixture("printful_v1_variant"));
        self.json(
            "POST /orders/estimate-costs",
            json!({"code": 200, "result": {"costs": {"currency": "USD", "total": "19.61"}}}),
        );
        self.on(LOOK_UP, [not_found()]);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.script.lock().unwrap().seen.clone()
    }

    pub(crate) fn count(&self, method: &str, path: &str) -> usize {
        self.seen().iter().filter(|seen| seen.method == method && seen.path == path).count()
    }

    pub(crate) fn tool(&self, id: &str) -> Arc<dyn Tool> {
        self.tools.iter().find(|tool| tool.spec().id.as_str() == id).unwrap().clone()
    }

    pub(crate) async fn read(&self, id: &str, params: Value) -> Result<Value, gateway::ToolError> {
        self.running(self.tool(id).read(&caller(), &params)).await
    }

    pub(crate) async fn resolve(&self, id: &str, params: Value) -> Result<Resolution, gateway::ToolError> {
        self.running(self.tool(id).resolve(&caller(), &params)).await
    }

    /// Resolves to a call.
    pub(crate) async fn call(&self, id: &str, params: Value) -> Resolved {
        match self.resolve(id, params).await.unwrap() {
            Resolution::Call(call) => *call,
            Resolution::Settled { result, .. } => unreachable!("settled: {result}"),
        }
    }

    /// Lets a call through the door.
    pub(crate) async fn pass(&self, id: &str, call: &Resolved) -> Passed {
        let tool = self.tool(id);
        let begin = Begin {
            effect_id: EffectId::from_hex(&"a".repeat(32)),
            run_id: RunId::from_hex(&"b".repeat(16)),
            fence: fence(),
            payload_hash: String::new(),
            policy_version: String::new(),
            provider_key: call.provider_key.clone().unwrap_or_else(|| "key1".to_owned()),
            goal_level: None,
            order: None,
            ticket_id: None,
        };
        self.running(gateway::pass(&OpenLedger, tool.as_ref(), call, begin)).await.unwrap()
    }

    pub(crate) async fn reconcile(&self, id: &str, key: &str, call: &Resolved) -> gateway::Reconciled {
        self.reconcile_after(id, key, call, 1).await
    }

    pub(crate) async fn reconcile_after(
        &self,
        id: &str,
        key: &str,
        call: &Resolved,
        seconds: i64,
    ) -> gateway::Reconciled {
        let effect = EffectId::from_hex(&"a".repeat(32));
        let prepared = json!({"tool": id, "params": call.params, "call": call.call});
        self.running(self.tool(id).reconcile(&effect, key, &prepared, seconds)).await
    }

    /// Awaits `future` while the clock runs. The clock is slower than the limits of the calls, which stay out of reach.
    pub(crate) async fn running<T>(&self, future: impl Future<Output = T>) -> T {
        let run = async {
            loop {
                tokio::time::sleep(Duration::from_millis(1)).await;
                self.clock.advance(Duration::from_millis(250));
            }
        };
        tokio::select! {
            output = future => output,
            () = run => unreachable!("the clock runs for ever"),
        }
    }
}

/// Clients whose three upstreams are one loopback port.
pub(crate) fn clients(port: u16, clock: &Arc<ManualClock>) -> Clients {
    let secret = |text: &str| SecretString::from(text.to_owned() + "_fake");
    clients_with(port, clock, ShopifyAuth::Token(secret("shpat")))
}

fn clients_with(port: u16, clock: &Arc<ManualClock>, auth: ShopifyAuth) -> Clients {
    let breakers = Breakers::new(clock.clone());
    let upstream = |service: &'static str| {
        let base = BaseUrl::parse(&format!("http://127.0.0.1:{port}"), PlainHttp::NearOnly).unwrap();
        let mut settings = net::Settings::new(service, base);
        settings.attempt_timeout = Duration::from_secs(1_000_000);
        settings.operation_timeout = Duration::from_secs(1_000_000);
        match service {
            "stripe" => settings.retry = connect::stripe::RETRY,
            "printful" => settings.retry = connect::printful::RETRY,
            _ => {}
        }
        Upstream::new(settings, breakers.clone(), clock.clone(), Arc::new(SeededEntropy::new(1))).unwrap()
    };
    let secret = |text: &str| SecretString::from(text.to_owned() + "_fake");
    Clients {
        shopify: Shopify::new(upstream("shopify"), "2026-10", auth),
        stripe: Stripe::new(upstream("stripe"), secret("sk_test")),
        printful: Printful::new(upstream("printful"), secret("pf"), None),
    }
}

pub(crate) fn caller() -> CallContext {
    CallContext { run_id: None, agent_id: "operations".to_owned(), trigger_source: "test".to_owned() }
}

async fn serve(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let route = format!("{} {}", parts.method, parts.uri.path());
    let answer: Option<Answer> = {
        let mut script = script.lock().unwrap();
        script.seen.push(Seen {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: String::from_utf8(body.to_vec()).unwrap(),
        });
        let answers = script.answers.entry(route.clone()).or_default();
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    };
    match answer {
        Some(Answer::Json(status, body)) => reply(status, &body, Vec::new()),
        Some(Answer::With(status, body, headers)) => reply(status, &body, headers),
        // Unwinding ends the task of the connection, and with it the connection.
        Some(Answer::Dropped) => std::panic::resume_unwind(Box::new("dropped")),
        None => Response::builder().status(418).body(Body::from(format!("not scripted: {route}"))).unwrap(),
    }
}

fn reply(status: u16, body: &Value, headers: Vec<(&'static str, String)>) -> Response {
    let mut response = Response::builder().status(status).header("content-type", "application/json");
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body.to_string())).unwrap()
}

fn fence() -> Fence {
    Fence { owner: "test".to_owned(), epoch: 1 }
}

struct OpenLedger;

#[async_trait::async_trait]
impl Ledger for OpenLedger {
    async fn begin(&self, _begin: &Begin) -> Result<Result<(), BlockReason>, LedgerError> {
        Ok(Ok(()))
    }
}

/// Order rows in memory.
pub(crate) struct Book {
    rows: Mutex<BTreeMap<OrderKey, Order>>,
    clock: Arc<ManualClock>,
}

#[async_trait::async_trait]
impl OrderBook for Book {
    async fn merge(&self, facts: &OrderFacts) -> Result<Order, OrderBookError> {
        let now = clock::Clock::now(&*self.clock);
        let mut rows = self.rows.lock().unwrap();
        let merged = merge(rows.get(&facts.order_key), facts, now).order;
        rows.insert(facts.order_key.clone(), merged.clone());
        Ok(merged)
    }

    async fn get(&self, key: &OrderKey) -> Result<Option<Order>, OrderBookError> {
        Ok(self.rows.lock().unwrap().get(key).cloned())
    }
}
