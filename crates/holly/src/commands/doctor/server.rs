//! How the running server is.

use std::collections::BTreeMap;
use std::time::Duration;

use config::Config;
use net::Request;
use serde_json::{Value, json};

use crate::client::{Caller, Client, Runtime};
use crate::failure::Failure;
use crate::session::Session;

/// A round of the server's own probes takes up to 6 seconds.
const LIMIT: Duration = Duration::from_secs(10);

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
        /// Body of `/health`.
        health: Value,
        /// Service to state, when it would tell us.
        breakers: BTreeMap<String, String>,
        /// Why it would not.
        breakers_refused: Option<String>,
    },
}

/// Asks the server, if there is one.
pub(super) async fn ask(session: &Session, config: &Config) -> anyhow::Result<Server> {
    let runtime = Runtime::read(&config.data_dir)?;
    let caller = Caller::new(&config.secrets, &session.env, session.globals.role)?;
    let client = Client::new(&session.address(runtime.as_ref(), config), Some(caller), session.clock.clone())?;
    let url = client.url().to_owned();
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
    let (breakers, breakers_refused) = match client.get("/circuit-breakers", &[]).await {
        Ok(answer) => (states(&answer), None),
        Err(failure) => (BTreeMap::new(), Some(failure.to_string())),
    };
    Ok(Server::Up { url, health, breakers, breakers_refused })
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

    /// One line.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Absent { url } => format!("not running (looked at {url}); start it with: holly"),
            Self::Silent { url, .. } => format!("does not answer at {url}"),
            Self::Up { url, health, .. } => {
                format!("{} at {url}", health["status"].as_str().unwrap_or("something that is not holly"))
            }
        }
    }

    /// What is wrong, in sentences.
    pub(super) fn wrongs(&self) -> Vec<String> {
        match self {
            Self::Absent { .. } => Vec::new(),
            Self::Silent { url, pid } => {
                let process = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
                vec![format!(
                    "a server{process} said it is at {url} but does not answer; it may have been killed: start it again with: holly"
                )]
            }
            Self::Up { health, breakers_refused, .. } => {
                let checks = health["checks"].as_object().into_iter().flatten();
                let failed = checks.filter(|(_, answers)| **answers == false).map(|(name, _)| check_remedy(name));
                let unwell = match health["status"].as_str() {
                    Some("healthy" | "degraded") => None,
                    Some(status) => Some(format!("the server is {status}")),
                    None => Some("what answers is not holly; is the port taken by another program?".to_owned()),
                };
                let refused = breakers_refused.iter().map(|why| format!("the server does not accept our token: {why}"));
                unwell.into_iter().chain(failed).chain(refused).collect()
            }
        }
    }

    pub(super) fn as_json(&self) -> Value {
        match self {
            Self::Absent { url } => json!({"running": false, "url": url}),
            Self::Silent { url, pid } => json!({"running": false, "url": url, "stale_pid": pid}),
            Self::Up { url, health, breakers, .. } => {
                json!({"running": true, "url": url, "health": health, "breakers": breakers})
            }
        }
    }
}

fn check_remedy(name: &str) -> String {
    let remedy = match name {
        "postgres" => "see that the database runs and DATABASE_URL is right",
        "redis" => "see that Redis runs and REDIS_URL is right; nothing is lost meanwhile",
        "chromadb" => "see that Chroma runs, or set CHROMA_URL to nothing; search is lexical meanwhile",
        "ollama" => "see that Ollama runs and OLLAMA_BASE_URL is right",
        "api_keys_configured" => "set the keys that `holly config --explain` shows as unset",
        _ => "the server's log says more",
    };
    format!("{name} does not answer: {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(status: &str, checks: Value) -> Server {
        let health = json!({"status": status, "checks": checks});
        Server::Up { url: "u".into(), health, breakers: BTreeMap::new(), breakers_refused: None }
    }

    #[test]
    fn a_server_that_nobody_started_is_not_wrong() {
        assert!(Server::Absent { url: "u".into() }.wrongs().is_empty());
        assert_eq!(Server::Silent { url: "u".into(), pid: Some(7) }.wrongs().len(), 1);
    }

    #[test]
    fn each_check_that_fails_comes_with_its_remedy() {
        assert!(up("healthy", json!({"postgres": true})).wrongs().is_empty());
        let wrongs = up("degraded", json!({"postgres": true, "redis": false})).wrongs();
        assert_eq!(wrongs.len(), 1);
        assert!(wrongs[0].contains("REDIS_URL"));
        assert_eq!(up("unhealthy", json!({"postgres": false})).wrongs().len(), 2);
        let other = Server::Up {
            url: "u".into(),
            health: Value::Null,
            breakers: BTreeMap::new(),
            breakers_refused: Some("no".into()),
        };
        assert_eq!(other.wrongs().len(), 2);
    }
}
