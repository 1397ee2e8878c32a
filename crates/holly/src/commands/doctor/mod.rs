//! `holly doctor`: what is real, rehearsed or absent, what is wrong, and how to put it right.
//!
//! Works without a server. Everything outside is asked one harmless question, all at once, each for five seconds at the
//! most; nothing outside is changed. Exit code 1 when something fails, 78 when the configuration does.

mod check;
mod machine;
mod models;
mod page;
mod server;
mod storage;
mod upstreams;
mod ways;

use config::{Config, Upstream, Warning, Wiring};
use domain::guardrails::Redactor;
use llm::Provider;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::client::Runtime;
use crate::failure::Exit;
use crate::session::Session;

use check::{Check, State, Who};
use server::Server;
use upstreams::Asking;

/// What was found.
#[derive(Debug)]
struct Findings {
    mode: &'static str,
    effects: &'static str,
    data_dir: String,
    server: Server,
    checks: Vec<Check>,
}

/// Looks at everything and tells.
pub(crate) async fn run(session: &Session) -> anyhow::Result<Exit> {
    let loaded = session.load()?;
    let config = &loaded.config;
    let running = Runtime::read(&config.data_dir)?;
    let server = server::ask(session, config, running.as_ref()).await?;
    let checks = look(session, config, &loaded.warnings, &server, running.as_ref()).await;
    let findings = Findings {
        mode: config.mode.as_str(),
        effects: config.effects.as_str(),
        data_dir: config.data_dir.display().to_string(),
        server,
        checks: clean(config, checks),
    };
    session.out.either(&as_json(&findings), |out| page::render(&findings, out))?;
    Ok(if findings.worst() == State::Fail { Exit::Failed } else { Exit::Done })
}

/// Makes all checks, at once as far as they wait for anybody.
async fn look(
    session: &Session,
    config: &Config,
    warnings: &[Warning],
    server: &Server,
    running: Option<&Runtime>,
) -> Vec<Check> {
    // The addresses of a server that was killed lead nowhere, or to somebody else.
    let running = running.filter(|_| server.agents_url().is_some());
    let asking = Asking { session, config, server, running };
    let (clock, database, redis, shopify, stripe, printful, anthropic, openai, ollama) = tokio::join!(
        machine::clock(session, config),
        storage::database(session, config),
        storage::redis(session, config),
        asking.shopify(),
        asking.stripe(),
        asking.printful(),
        asking.models(Upstream::Anthropic, Provider::Anthropic),
        asking.models(Upstream::OpenAi, Provider::OpenAi),
        asking.models(Upstream::Ollama, Provider::Ollama),
    );
    let mut checks = vec![machine::settings(warnings), machine::data_folder(config), machine::secrets(config), clock];
    checks.extend(machine::ports(config, server));
    checks.extend(server.checks());
    checks.extend([database, redis]);
    checks.extend(shopify);
    checks.extend([stripe, printful, anthropic, openai, ollama]);
    checks
}

/// Who answers in an upstream's name.
fn who(config: &Config, upstream: Upstream) -> Who {
    match config.wiring(upstream) {
        Wiring::Real { .. } => Who::Real,
        Wiring::Rehearsed => Who::Rehearsed,
        Wiring::Absent => Who::Absent,
    }
}

/// Takes secrets out of words that came from outside.
fn clean(config: &Config, checks: Vec<Check>) -> Vec<Check> {
    let redactor = Redactor::new(config.secret_values().iter().map(|secret| secret.expose_secret().to_owned()));
    checks.into_iter().map(|check| Check { found: redactor.redact(&check.found), ..check }).collect()
}

impl Findings {
    fn worst(&self) -> State {
        self.checks.iter().map(|check| check.state).max().unwrap_or(State::Ok)
    }

    fn of(&self, state: State) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |check| check.state == state)
    }
}

fn as_json(findings: &Findings) -> Value {
    json!({
        "well": findings.worst() != State::Fail,
        "failed": findings.of(State::Fail).count(),
        "warned": findings.of(State::Warn).count(),
        "version": env!("CARGO_PKG_VERSION"),
        "mode": findings.mode,
        "effects": findings.effects,
        "data_dir": findings.data_dir,
        "server": findings.server.as_json(),
        "checks": findings.checks.iter().map(Check::as_json).collect::<Vec<_>>(),
    })
}
