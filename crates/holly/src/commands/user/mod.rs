//! `holly user`: who may sign in to the console. Works on the database itself, so that the first user can be added
//! before anybody can sign in.

mod change;
mod list;
mod password;

use anyhow::Context as _;
use clap::Subcommand;
use config::Config;
use domain::role::Role;
use domain::time::Timestamp;
use serde_json::json;
use store::audit::{self, AuditEntry};
use store::{Db, Tx};

use crate::app;
use crate::cli::values;
use crate::failure::{Exit, Failure};
use crate::session::Session;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// List the users of the console
    List,
    /// Add a user; prints the password that was made for them
    Add {
        /// Their e-mail address
        #[arg(value_parser = email)]
        email: String,
        /// What they may do: viewer, operator or admin
        #[arg(long = "role", id = "user_role", value_name = "ROLE", default_value = "viewer", value_parser = values::caller_role)]
        user_role: Role,
        /// Take the password from standard input instead of making one
        #[arg(long)]
        stdin: bool,
    },
    /// Give a user another role
    Role {
        /// Their e-mail address
        #[arg(value_parser = email)]
        email: String,
        /// What they may do: viewer, operator or admin
        #[arg(value_name = "ROLE", value_parser = values::caller_role)]
        new_role: Role,
    },
    /// Shut a user out: they are signed out within seconds and cannot sign in again
    Disable {
        /// Their e-mail address
        #[arg(value_parser = email)]
        email: String,
    },
    /// Let a user in again who was shut out
    Enable {
        /// Their e-mail address
        #[arg(value_parser = email)]
        email: String,
    },
    /// Give a user a new password and print it; they are signed out within seconds
    Password(password::PasswordArgs),
}

/// Runs one command.
pub(crate) async fn run(session: &Session, command: UserCommand) -> anyhow::Result<Exit> {
    let config = session.load_for_call()?.config;
    let db = app::open_database(&config, &session.clock).await.context("the database cannot be opened")?;
    let desk = Desk { session, config: &config, db: &db };
    let done = match command {
        UserCommand::List => list::run(&desk).await,
        UserCommand::Add { email, user_role, stdin } => change::add(&desk, &email, user_role, stdin).await,
        UserCommand::Role { email, new_role } => change::role(&desk, &email, new_role).await,
        UserCommand::Disable { email } => change::disabled(&desk, &email, true).await,
        UserCommand::Enable { email } => change::disabled(&desk, &email, false).await,
        UserCommand::Password(args) => password::run(&desk, args).await,
    };
    db.close().await;
    done
}

/// What the commands work with.
struct Desk<'d> {
    session: &'d Session,
    config: &'d Config,
    db: &'d Db,
}

impl Desk<'_> {
    fn now(&self) -> Timestamp {
        self.session.clock.now()
    }

    /// Writes down what was done to whom, in the same transaction.
    async fn audit(&self, tx: &mut Tx, action: &str, email: &str) -> anyhow::Result<()> {
        let entry = AuditEntry {
            ts: self.now(),
            actor: Some(crate::client::who(&self.session.env)),
            role: None,
            ip: None,
            action: action.to_owned(),
            target: Some(email.to_owned()),
            outcome: "ok".to_owned(),
            request_id: None,
            details: json!({}),
        };
        Ok(audit::insert(tx, &entry).await?)
    }
}

fn unknown(email: &str) -> anyhow::Error {
    Failure::Bad(format!("there is no user {email}; `holly user list` shows who there is")).into()
}

/// An e-mail address, in lower case as it is stored.
fn email(text: &str) -> Result<String, String> {
    let text = text.trim().to_lowercase();
    let (name, host) = text.rsplit_once('@').ok_or("an e-mail address has an @")?;
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if name.is_empty() || host.is_empty() || text.len() > 254 || text.chars().any(odd) {
        return Err("that is no e-mail address".to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_stored_in_lower_case_and_nonsense_is_refused() {
        assert_eq!(email(" Owner@Shop.Example ").as_deref(), Ok("owner@shop.example"));
        for wrong in ["", "owner", "@shop", "owner@", "a b@shop", "a\u{0}@shop"] {
            assert!(email(wrong).is_err(), "{wrong:?}");
        }
    }
}
