//! How the running server is.

use std::collections::BTreeMap;
use std::time::Duration;

use config::Config;
use net::Request;
use serde_json::{Value, json};

use super::check::{Check, Part, Who};
use crate::client::{Caller, Client, Runtime};
use crate::failure::Failure;
use crate::session::Session;

/// A round of the server's own probes takes up to 6 seconds.
const LIMIT: Duration = Duration::from_secs(7);

/// What is known of the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Server {
    /// None runs, and none claims to.
    Absent {
        /// Where it was looked for.
        url: String,
    },
    /// One wrote its address into the data folder and does not answer.
    Silent {
        /// The address.
        url: String,
        /// Its process, as it wrote.
        pid: Option<u32>,
    },
    /// One answers.
    Up {
        /// Where.
        url: String,
        /// Where its console is.
        console_url: Option<String>,
        /// How long it took to answer.
        took: Duration,
        /// Body of `/health`.
        health: Value,
        /// Service to state, when it would tell us.
        breakers: BTreeMap<String, String>,
        /// Why it would not.
        breakers_refused: Option<String>,
    },
}

/// Asks the server, if there is one.
pub(super) async fn ask(session: &Session, config: &Config, runtime: Option<&Runtime>) -> anyhow::Result<Server> {
    let caller = Caller::new(&config.secrets, &session.env, session.globals.role)?;
    let client = Client::new(&session.address(runtime, config), Some(caller), session.clock.clone())?;
    let url = client.url().to_owned();
    let began = session.clock.monotonic();
    let health = match client.exchange(Request::get("/health").deadline(LIMIT)).await {
        Ok(reply) => reply.json().unwrap_or(Value::Null),
        Err(Failure::Unreachable { .. }) => {
            return Ok(match runtime {
                Some(runtime) => Server::Silent { url, pid: runtime.pid },
                None => Server::Absent { url },
            });
        }
        Err(failure) => return Err(failure.into()),
    };
    let took = session.clock.monotonic().saturating_sub(began);
    let (breakers, breakers_refused) = match client.get("/circuit-breakers", &[]).await {
        Ok(answer) => (states(&answer), None),
        Err(failure) => (BTreeMap::new(), Some(failure.to_string())),
    };
    let console_url = runtime.and_then(|runtime| runtime.console_url.clone());
    Ok(Server::Up { url, console_url, took, health, breakers, breakers_refused })
}

fn states(answer: &Value) -> BTreeMap<String, String> {
    let members = answer.as_object().into_iter().flatten();
    members.filter_map(|(name, state)| Some((name.clone(), state.as_str()?.to_owned()))).collect()
}

impl Server {
    /// What its breaker for `service` says.
    pub(super) fn breaker(&self, service: &str) -> Option<&str> {
        match self {
            Self::Up { breakers, .. } => breakers.get(service).map(String::as_str),
            _ => None,
        }
    }

    /// Where the agents API answers.
    pub(super) fn agents_url(&self) -> Option<&str> {
        match self {
            Self::Up { url, health, .. } if health["status"].is_string() => Some(url),
            _ => None,
        }
    }

    /// Where the console answers, as the server wrote.
    pub(super) fn console_url(&self) -> Option<&str> {
        match self {
            Self::Up { console_url, .. } => console_url.as_deref(),
            _ => None,
        }
    }

    /// What is known, one line per thing that is wrong.
    pub(super) fn checks(&self) -> Vec<Check> {
        let check = |who| Check::ok(Part::Machine, "server", who, "");
        match self {
            Self::Absent { .. } => {
                vec![Check { found: "not running".to_owned(), ..check(Who::Absent) }.note("start it with: holly")]
            }
            Self::Silent { url, pid } => {
                let process = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
                let found = format!("said it is at {url}{process} and does not answer");
                vec![check(Who::Absent).fail(found, "it may have been killed: start it again with: holly")]
            }
            Self::Up { url, health, breakers_refused, took, .. } => {
                let up = check(Who::Real).took(*took);
                let first = match health["status"].as_str() {
                    Some(status @ ("healthy" | "degraded")) => {
                        Check { found: format!("{status} at {url}"), ..up.clone() }
                    }
                    Some(status) => {
                        up.clone().fail(format!("{status} at {url}"), "the lines below and its log say why")
                    }
                    None => up.clone().fail(
                        format!("what answers at {url} is not holly"),
                        "stop that program, or set PORT to a free port",
                    ),
                };
                let checks = health["checks"].as_object().into_iter().flatten();
                let failed = checks.filter(|(_, answers)| **answers == false).map(|(name, _)| {
                    let found = format!("{name} does not answer it");
                    if name == "postgres" {
                        up.clone().fail(found, check_remedy(name))
                    } else {
                        up.clone().warn(found, check_remedy(name))
                    }
                });
                let refused = breakers_refused.iter().map(|why| {
                    let remedy = "name the server's own data folder with --data-dir: tokens are signed with its key";
                    up.clone().fail(format!("does not accept our token: {why}"), remedy)
                });
                std::iter::once(first).chain(failed).chain(refused).collect()
            }
        }
    }

    pub(super) fn as_json(&self) -> Value {
        match self {
            Self::Absent { url } => json!({"running": false, "url": url}),
            Self::Silent { url, pid } => json!({"running": false, "url": url, "stale_pid": pid}),
            Self::Up { url, console_url, health, breakers, .. } => {
                json!({"running": true, "url": url, "console_url": console_url, "health": health, "breakers": breakers})
            }
        }
    }
}

fn check_remedy(name: &str) -> &'static str {
    match name {
        "postgres" => "see that the database runs and DATABASE_URL is right",
        "redis" => "see that Redis runs and REDIS_URL is right; nothing is lost meanwhile",
        "chromadb" => "see that Chroma runs, or set CHROMA_URL to nothing; search is lexical meanwhile",
        "ollama" => "see that Ollama runs and OLLAMA_BASE_URL is right",
        "shopify_api_version" => "set SHOPIFY_API_VERSION to a newer quarterly version",
        "api_keys_configured" => "set the keys that `holly config --explain` shows as unset",
        _ => "the server's log says more",
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    fn up(health: Value, breakers_refused: Option<String>) -> Server {
        let (url, took) = ("http://127.0.0.1:1".to_owned(), Duration::from_millis(3));
        Server::Up { url, console_url: None, took, health, breakers: BTreeMap::new(), breakers_refused }
    }

    fn states(server: &Server) -> Vec<State> {
        server.checks().iter().map(|check| check.state).collect()
    }

    #[test]
    fn a_server_that_nobody_started_is_not_wrong() {
        assert_eq!(states(&Server::Absent { url: "u".into() }), [State::Ok]);
        assert_eq!(states(&Server::Silent { url: "u".into(), pid: Some(7) }), [State::Fail]);
    }

    #[test]
    fn each_check_that_fails_comes_with_its_remedy() {
        let of = |status: &str, checks: Value| up(json!({"status": status, "checks": checks}), None);
        assert_eq!(states(&of("healthy", json!({"postgres": true}))), [State::Ok]);
        let degraded = of("degraded", json!({"postgres": true, "redis": false}));
        assert_eq!(states(&degraded), [State::Ok, State::Warn]);
        assert!(degraded.checks()[1].remedy.as_ref().unwrap().contains("REDIS_URL"));
        assert_eq!(states(&of("unhealthy", json!({"postgres": false}))), [State::Fail, State::Fail]);
        let other = up(Value::Null, Some("no".into()));
        assert_eq!((states(&other), other.agents_url()), (vec![State::Fail, State::Fail], None));
    }
}
