//! `holly token`: prints one bearer token.

use std::time::Duration;

use api::token::{DEFAULT_LIFE, MAX_LIFE};
use clap::Args;
use config::{Config, Database};
use domain::role::Role;
use secrecy::ExposeSecret as _;
use serde_json::json;
use store::audit::{self, AuditEntry};
use store::{Db, Target};

use crate::cli::values;
use crate::client::Caller;
use crate::failure::Exit;
use crate::session::Session;

/// Arguments of `token`.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// What the token allows: viewer, operator, admin or webhook
    #[arg(long = "role", id = "token_role", value_name = "ROLE", value_parser = values::token_role)]
    token_role: Role,
    /// How long it lives, 1 to 86400
    #[arg(
        long, value_name = "SECONDS", default_value_t = DEFAULT_LIFE.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=MAX_LIFE.as_secs())
    )]
    ttl: u64,
    /// Whose it is; otherwise cli:USER
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    subject: Option<String>,
}

/// Prints the token and nothing else.
pub(crate) async fn run(session: &Session, args: TokenArgs) -> anyhow::Result<Exit> {
    let config = session.load()?.config;
    let caller = Caller::new(&config.secrets, &session.env, args.token_role)?.named(args.subject.clone());
    let token = caller.token_for(Duration::from_secs(args.ttl), session.clock.now())?;
    write_down(session, &config, caller.subject(), &args).await;
    let value = json!({"token": token.expose_secret(), "role": args.token_role, "expires_in": args.ttl});
    session.out.either(&value, |_| token.expose_secret().to_owned())?;
    Ok(Exit::Done)
}

/// How long the database may take; a token is needed most when something is wrong.
const DATABASE_WAIT: Duration = Duration::from_secs(3);

/// Puts the new token into the audit: whose, which role, how long, made by whom. A database that is not there is no
/// reason to refuse: whoever can read the signing key could make the token without this command.
async fn write_down(session: &Session, config: &Config, subject: &str, args: &TokenArgs) {
    let target = match &config.database {
        // No server has run on this folder yet.
        Database::Sqlite { path } if !path.exists() => return,
        Database::Sqlite { path } => Target::Sqlite { path: path.clone() },
        Database::Postgres { url, .. } => Target::Postgres { url: url.expose_secret().to_owned(), pool_size: 1 },
    };
    let entry = AuditEntry {
        ts: session.clock.now(),
        actor: Some(crate::client::who(&session.env)),
        role: None,
        ip: None,
        action: "token.created".to_owned(),
        target: Some(subject.to_owned()),
        outcome: "ok".to_owned(),
        request_id: None,
        details: json!({"role": args.token_role, "expires_in": args.ttl}),
    };
    let written = async {
        let db = Db::open(&target).await?;
        let mut tx = db.begin().await?;
        audit::insert(&mut tx, &entry).await?;
        tx.commit().await?;
        db.close().await;
        Ok::<(), store::StoreError>(())
    };
    match tokio::time::timeout(DATABASE_WAIT, written).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the new token was not written down in the audit"),
        Err(_) => tracing::warn!("the new token was not written down in the audit: the database did not answer"),
    }
}
