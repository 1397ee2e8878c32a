//! `holly migrate`: brings the schema up to date, as each start does too.

use anyhow::Context as _;
use config::{Config, Database};
use secrecy::ExposeSecret as _;
use serde_json::json;
use store::{Db, Target};

use crate::failure::Exit;
use crate::session::Session;

/// Migrations need one connection; a second keeps a lock apart from the work.
const POOL: u32 = 2;

/// Applies what is missing and says what that was.
pub(crate) async fn run(session: &Session) -> anyhow::Result<Exit> {
    let config = session.load()?.config;
    let db = Db::open(&target(&config)).await.context("the database cannot be opened")?;
    let done = db.migrate(session.clock.now()).await.context("the schema cannot be brought up to date")?;
    db.close().await;
    session.out.either(&json!({"applied": done.applied, "version": done.version}), |_| {
        if done.applied.is_empty() {
            return format!("the schema is up to date (version {})", done.version);
        }
        let numbers = done.applied.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        format!("applied {numbers}; the schema is at version {}", done.version)
    })?;
    Ok(Exit::Done)
}

fn target(config: &Config) -> Target {
    match &config.database {
        Database::Sqlite { path } => Target::Sqlite { path: path.clone() },
        Database::Postgres { url, migration_url } => {
            let url = migration_url.as_ref().unwrap_or(url).expose_secret().to_owned();
            Target::Postgres { url, pool_size: POOL }
        }
    }
}
