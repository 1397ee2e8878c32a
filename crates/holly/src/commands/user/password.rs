//! `holly user password`: a new one, or in rehearsal a look at the one that was made at the first start.

use std::io::Read as _;

use anyhow::Context as _;
use api::console::password;
use clap::Args;
use clock::Ids;
use config::Mode;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use store::console_users;

use super::{Desk, email, unknown};
use crate::failure::{Exit, Failure};

/// Arguments of `password`.
#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    /// Their e-mail address
    #[arg(value_parser = email, required_unless_present = "show")]
    email: Option<String>,
    /// Take the password from standard input instead of making one
    #[arg(long, conflicts_with = "show")]
    stdin: bool,
    /// Rehearsal only: show how to sign in, without changing anything
    #[arg(long)]
    show: bool,
}

pub(super) async fn run(desk: &Desk<'_>, args: PasswordArgs) -> anyhow::Result<Exit> {
    match args.email {
        Some(email) if !args.show => renew(desk, &email, args.stdin).await,
        _ => show(desk).await,
    }
}

async fn renew(desk: &Desk<'_>, email: &str, from_stdin: bool) -> anyhow::Result<Exit> {
    let chosen = if from_stdin { Chosen::read()? } else { Chosen::make()? };
    let hash = chosen.hash()?;
    let mut tx = desk.db.begin().await?;
    if !console_users::set_password(&mut tx, email, &hash).await? {
        return Err(unknown(email));
    }
    desk.audit(&mut tx, "console.user_password", email).await?;
    tx.commit().await.context("the password could not be written")?;
    let made = chosen.made.as_ref().map(|made| made.expose_secret().to_owned());
    desk.session.out.either(&json!({"email": email, "password": made}), |_| match &made {
        Some(made) => format!("the new password of {email} is {made} (shown once)"),
        None => format!("{email} has the new password"),
    })?;
    Ok(Exit::Done)
}

async fn show(desk: &Desk<'_>) -> anyhow::Result<Exit> {
    if desk.config.mode != Mode::Rehearsal {
        return Err(Failure::Usage("--show is for rehearsals; in live mode no password is kept".into()).into());
    }
    let console = &desk.config.groups.console;
    let (Some(email), Some(secret)) = (&console.user_email, &console.user_password) else {
        let text = "the settings name no password to show (HOLLY_CONSOLE_USER_PASSWORD_HASH is set)";
        return Err(Failure::Bad(text.into()).into());
    };
    let email = email.to_lowercase();
    let user = console_users::get(desk.db, &email).await?;
    let user = user.ok_or_else(|| Failure::Bad(format!("{email} is added when the server starts")))?;
    if !password::verify(secret.expose_secret(), Some(&user.password_hash)) {
        let text = format!(
            "{email} was given another password, which is not kept; make a new one with: holly user password {email}"
        );
        return Err(Failure::Bad(text).into());
    }
    let plain = secret.expose_secret();
    desk.session.out.either(&json!({"email": email, "password": plain}), |_| {
        format!("sign in as {email} with the password {plain}")
    })?;
    Ok(Exit::Done)
}

/// A password that a user is about to have.
pub(super) struct Chosen {
    secret: SecretString,
    /// The same, when it was made here and has to be told.
    pub(super) made: Option<SecretString>,
}

impl Chosen {
    /// A new password.
    pub(super) fn make() -> anyhow::Result<Self> {
        let secret = SecretString::from(config::new_password().context("there is no random source")?);
        Ok(Self { made: Some(secret.clone()), secret })
    }

    /// The first line of standard input.
    pub(super) fn read() -> anyhow::Result<Self> {
        let mut text = String::new();
        std::io::stdin().lock().take(4096).read_to_string(&mut text).context("standard input cannot be read")?;
        let line = text.lines().next().unwrap_or_default();
        let length = line.chars().count();
        if !(password::MIN_CHARS..=password::MAX_CHARS).contains(&length) {
            let text = format!("a password has {} to {} characters", password::MIN_CHARS, password::MAX_CHARS);
            return Err(Failure::Usage(text).into());
        }
        Ok(Self { secret: SecretString::from(line), made: None })
    }

    pub(super) fn hash(&self) -> anyhow::Result<String> {
        Ok(password::hash(self.secret.expose_secret(), &Ids::random())?)
    }
}
