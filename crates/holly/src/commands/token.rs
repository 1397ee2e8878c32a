//! `holly token`: prints one bearer token.

use std::time::Duration;

use api::token::{DEFAULT_LIFE, MAX_LIFE};
use clap::Args;
use domain::role::Role;
use secrecy::ExposeSecret as _;
use serde_json::json;

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
pub(crate) fn run(session: &Session, args: TokenArgs) -> anyhow::Result<Exit> {
    let config = session.load()?.config;
    let caller = Caller::new(&config.secrets, &session.env, args.token_role)?.named(args.subject);
    let token = caller.token_for(Duration::from_secs(args.ttl), session.clock.now())?;
    let value = json!({"token": token.expose_secret(), "role": args.token_role, "expires_in": args.ttl});
    session.out.either(&value, |_| token.expose_secret().to_owned())?;
    Ok(Exit::Done)
}
