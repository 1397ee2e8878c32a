//! Both servers over one played engine, and the console's users, played too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use api::console::ports::{
    Account, Accounts, AgentFacts, Attempt, DeadLetterFigures, Desk, RunFigures, SpendFigures, TicketFigures,
    WorkflowPicture,
};
use api::console::session::{COOKIE, Sessions};
use api::console::{Bridge, password};
use api::ports::AppError;
use api::socket::Sockets;
use api::token::TokenKeys;
use api::{ConsoleParts, Parts, Settings, console_app};
use axum::Router;
use axum::body::Body;
use clock::{Clock, Ids, ManualClock};
use domain::codes::Code;
use domain::role::Role;
use domain::time::Timestamp;
use domain::workflow::builtins;
use http::{Request, header};
use serde_json::Value;

use crate::app::{Answer, TestApp, builder, unlimited};
use crate::engine::PlayedEngine;

pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const ROLES: [Role; 3] = [Role::Viewer, Role::Operator, Role::Admin];

fn hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| password::hash(PASSWORD, &Ids::random()).unwrap()).clone()
}

#[derive(Default)]
pub(crate) struct PlayedAccounts {
    pub(crate) users: Mutex<BTreeMap<String, Account>>,
    pub(crate) revoked: Mutex<BTreeSet<String>>,
    pub(crate) attempts: Mutex<Vec<Attempt>>,
    pub(crate) down: AtomicBool,
}

impl PlayedAccounts {
    fn works(&self) -> Result<(), AppError> {
        if self.down.load(Ordering::SeqCst) { Err(AppError::database("no connection")) } else { Ok(()) }
    }

    pub(crate) fn change(&self, email: &str, change: impl FnOnce(&mut Account)) {
        change(self.users.lock().unwrap().get_mut(email).unwrap());
    }
}

#[async_trait::async_trait]
impl Accounts for PlayedAccounts {
    async fn find(&self, email: &str) -> Result<Option<Account>, AppError> {
        self.works()?;
        Ok(self.users.lock().unwrap().get(email).cloned())
    }

    async fn any(&self) -> Result<bool, AppError> {
        self.works()?;
        Ok(self.users.lock().unwrap().values().any(|user| !user.disabled))
    }

    async fn is_revoked(&self, jti: &str) -> Result<bool, AppError> {
        self.works()?;
        Ok(self.revoked.lock().unwrap().contains(jti))
    }

    async fn revoke(&self, jti: &str, _: Timestamp) -> Result<(), AppError> {
        self.works()?;
        self.revoked.lock().unwrap().insert(jti.to_owned());
        Ok(())
    }

    async fn record(&self, attempt: Attempt) -> Result<(), AppError> {
        self.works()?;
        self.attempts.lock().unwrap().push(attempt);
        Ok(())
    }
}

struct PlayedDesk(Arc<PlayedEngine>);

#[async_trait::async_trait]
impl Desk for PlayedDesk {
    async fn tickets(&self, _: Timestamp) -> Result<TicketFigures, AppError> {
        self.0.works().map(|()| TicketFigures { pending: 3, high: 1, expiring_1h: 0 })
    }

    async fn runs(&self, _: Timestamp) -> Result<RunFigures, AppError> {
        self.0.works().map(|()| RunFigures { running: 1, waiting_approval: 3, failed_24h: 2 })
    }

    async fn dead_letters(&self) -> Result<DeadLetterFigures, AppError> {
        self.0.works().map(|()| DeadLetterFigures { unresolved: 4 })
    }

    async fn spend(&self, _: Timestamp) -> Result<SpendFigures, AppError> {
        self.0.works().map(|()| SpendFigures { today_usd: 0.25, budget_usd: None })
    }

    async fn workflow(&self, workflow_id: Option<&str>) -> Result<WorkflowPicture, AppError> {
        self.0.works()?;
        if workflow_id.is_some_and(|id| id != "default") {
            return Err(AppError::new(Code::NotFound));
        }
        let agent = AgentFacts {
            agent_id: "operations".into(),
            display_name: "Operations".into(),
            channel_id: "K3".into(),
            model_id: "gpt4o_mini".into(),
            model_provider: Some("openai".into()),
        };
        Ok(WorkflowPicture { definition: builtins().remove(0).definition, agents: vec![agent] })
    }
}

/// The two servers.
pub(crate) struct ConsoleApp {
    pub(crate) agents: TestApp,
    pub(crate) router: Router,
    pub(crate) accounts: Arc<PlayedAccounts>,
    pub(crate) sessions: Sessions,
    pub(crate) bridge: Arc<Bridge>,
}

/// The e-mail of the played user with this role.
pub(crate) fn email(role: Role) -> String {
    format!("{}@shop.example", role.as_str())
}

impl ConsoleApp {
    pub(crate) fn new() -> Self {
        Self::with(Settings { cors_origins: vec!["http://localhost:3000".into()], ..unlimited() })
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let agents = TestApp::new();
        let accounts = Arc::new(PlayedAccounts::default());
        for role in ROLES {
            let account = Account { email: email(role), password_hash: hash(), role, disabled: false };
            accounts.users.lock().unwrap().insert(account.email.clone(), account);
        }
        let bridge = Bridge::new(&Ids::random());
        let keys = TokenKeys::for_console(None, &"k".repeat(32), None).unwrap();
        let clock: Arc<ManualClock> = agents.clock.clone();
        let router = console_app(
            Parts { sockets: Sockets::new(agents.stop.clone()), settings, ..agents.parts.clone() },
            ConsoleParts {
                accounts: accounts.clone(),
                desk: Arc::new(PlayedDesk(agents.engine.clone())),
                keys: keys.clone(),
                bridge: bridge.clone(),
                cookie_secure: false,
            },
        );
        let sessions = Sessions::new(keys.clone(), accounts.clone(), clock, Ids::random());
        Self { agents, router, accounts, sessions, bridge }
    }

    /// A fresh cookie's value for the user with this role.
    pub(crate) fn token(&self, role: Role) -> String {
        let account = self.accounts.users.lock().unwrap()[&email(role)].clone();
        self.sessions.open(&account, self.agents.clock.now()).unwrap().token
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.agents.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.agents.send_to(&self.router, request).await
    }

    /// A request with this cookie; `body` goes as JSON.
    pub(crate) async fn with_cookie(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = builder(method, path).header(header::COOKIE, format!("{COOKIE}={token}"));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.send(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()).await
    }

    /// A request of the user with this role.
    pub(crate) async fn ask(&self, role: Role, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.with_cookie(&self.token(role), method, path, body).await
    }

    pub(crate) async fn get(&self, role: Role, path: &str) -> Answer {
        self.ask(role, "GET", path, None).await
    }

    pub(crate) async fn post(&self, role: Role, path: &str, body: Value) -> Answer {
        self.ask(role, "POST", path, Some(body)).await
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        let body = serde_json::json!({"email": email, "password": password}).to_string();
        let request = builder("POST", "/api/auth/login").header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

impl Answer {
    /// Asserts that this is a refusal of the door.
    #[track_caller]
    pub(crate) fn assert_detail(&self, status: u16, code: &str, detail: &str) {
        let body = self.json();
        assert_eq!((self.status.as_u16(), body["code"].as_str()), (status, Some(code)), "{body}");
        assert_eq!(body["detail"], detail, "{body}");
        assert_eq!(body["trace_id"].as_str(), self.header("x-request-id"), "{body}");
        assert_eq!(self.header("www-authenticate"), None, "a browser is not asked for a bearer token");
    }

    /// The value of the cookie that this answer sets.
    pub(crate) fn cookie(&self) -> Option<String> {
        let line = self.header("set-cookie")?;
        Some(line.strip_prefix("holly_token=")?.split(';').next()?.to_owned())
    }
}
