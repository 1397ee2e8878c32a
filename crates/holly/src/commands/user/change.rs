//! `holly user add`, `role`, `disable` and `enable`.

use anyhow::Context as _;
use domain::role::Role;
use secrecy::ExposeSecret as _;
use serde_json::json;
use store::console_users;

use super::{Desk, password, unknown};
use crate::failure::{Exit, Failure};

pub(super) async fn add(desk: &Desk<'_>, email: &str, role: Role, from_stdin: bool) -> anyhow::Result<Exit> {
    let chosen = if from_stdin { password::Chosen::read()? } else { password::Chosen::make()? };
    let hash = chosen.hash()?;
    let mut tx = desk.db.begin().await?;
    if !console_users::add(&mut tx, email, &hash, role, desk.now()).await? {
        let text = format!("there is a user {email} already; `holly user password` gives them a new password");
        return Err(Failure::Bad(text).into());
    }
    desk.audit(&mut tx, "console.user_added", email).await?;
    tx.commit().await.context("the user could not be written")?;
    let made = chosen.made.as_ref().map(|made| made.expose_secret().to_owned());
    desk.session.out.either(&json!({"email": email, "role": role, "password": made}), |_| match &made {
        Some(made) => format!("added {email} as {}; the password is {made} (shown once)", role.as_str()),
        None => format!("added {email} as {}", role.as_str()),
    })?;
    Ok(Exit::Done)
}

pub(super) async fn role(desk: &Desk<'_>, email: &str, role: Role) -> anyhow::Result<Exit> {
    let mut tx = desk.db.begin().await?;
    if !console_users::set_role(&mut tx, email, role).await? {
        return Err(unknown(email));
    }
    desk.audit(&mut tx, "console.user_role", email).await?;
    tx.commit().await.context("the user could not be written")?;
    desk.session.out.either(&json!({"email": email, "role": role}), |_| format!("{email} is {} now", role.as_str()))?;
    Ok(Exit::Done)
}

pub(super) async fn disabled(desk: &Desk<'_>, email: &str, disabled: bool) -> anyhow::Result<Exit> {
    let since = disabled.then(|| desk.now());
    let mut tx = desk.db.begin().await?;
    if !console_users::set_disabled(&mut tx, email, since).await? {
        return Err(unknown(email));
    }
    let action = if disabled { "console.user_disabled" } else { "console.user_enabled" };
    desk.audit(&mut tx, action, email).await?;
    tx.commit().await.context("the user could not be written")?;
    desk.session.out.either(&json!({"email": email, "disabled": disabled}), |_| {
        let what = if disabled { "cannot sign in any more" } else { "may sign in again" };
        format!("{email} {what}")
    })?;
    Ok(Exit::Done)
}
