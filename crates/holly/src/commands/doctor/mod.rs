//! `holly doctor`: what is real, rehearsed or absent, what is wrong, and how to put it right. Works without a server.

mod page;
mod server;
mod upstreams;

use config::{Config, Database, Warning};
use serde_json::{Value, json};

use crate::failure::{Exit, Failure};
use crate::session::Session;

pub(crate) use server::Server;
use upstreams::Row;

/// What was found.
#[derive(Debug)]
struct Findings {
    mode: &'static str,
    effects: &'static str,
    data_dir: String,
    database: &'static str,
    warnings: Vec<String>,
    server: Server,
    upstreams: Vec<Row>,
}

/// Exit code 1 when something is wrong, 78 when the configuration is.
pub(crate) async fn run(session: &Session) -> anyhow::Result<Exit> {
    let loaded = session.load()?;
    let server = server::ask(session, &loaded.config).await?;
    let findings = gather(&loaded.config, &loaded.warnings, server);
    session.out.either(&as_json(&findings), |out| page::render(&findings, out))?;
    match findings.wrongs().first() {
        None => Ok(Exit::Done),
        Some(_) if session.out.is_json() => Ok(Exit::Failed),
        Some(first) => Err(Failure::Bad(first.clone()).into()),
    }
}

fn gather(config: &Config, warnings: &[Warning], server: Server) -> Findings {
    Findings {
        mode: config.mode.as_str(),
        effects: config.effects.as_str(),
        data_dir: config.data_dir.display().to_string(),
        database: match config.database {
            Database::Sqlite { .. } => "sqlite",
            Database::Postgres { .. } => "postgres",
        },
        warnings: warnings.iter().map(ToString::to_string).collect(),
        upstreams: upstreams::rows(config, &server),
        server,
    }
}

impl Findings {
    /// What is wrong, in sentences; what is merely not used is not.
    fn wrongs(&self) -> Vec<String> {
        let upstreams = self.upstreams.iter().filter_map(|row| row.wrong.clone());
        self.server.wrongs().into_iter().chain(upstreams).collect()
    }
}

fn as_json(findings: &Findings) -> Value {
    json!({
        "well": findings.wrongs().is_empty(),
        "wrong": findings.wrongs(),
        "mode": findings.mode,
        "effects": findings.effects,
        "data_dir": findings.data_dir,
        "database": findings.database,
        "warnings": findings.warnings,
        "server": findings.server.as_json(),
        "upstreams": findings.upstreams.iter().map(Row::as_json).collect::<Vec<_>>(),
    })
}
