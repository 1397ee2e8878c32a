//! The user whom the settings name, put into the table as an administrator at start.

use anyhow::{Context, Result};
use api::console::password;
use clock::{Ids, SharedClock};
use config::{Config, Source};
use domain::role::Role;
use secrecy::{ExposeSecret as _, SecretString};
use store::{Db, console_users};

/// How somebody signs in for the first time.
#[derive(Debug)]
pub(super) enum FirstUser {
    /// The rehearsal made one just now; this is the only time its password is shown unasked.
    Made { email: String, password: SecretString },
    /// Users are there.
    There,
    /// Nobody can sign in.
    Nobody,
}

/// Puts the user of the settings into the table. A password that the rehearsal made is written once, so that another
/// one given later stays; one that was set counts at each start.
pub(super) async fn put(
    config: &Config,
    source: Option<&Source>,
    db: &Db,
    ids: &Ids,
    clock: &SharedClock,
) -> Result<FirstUser> {
    let console = &config.groups.console;
    let Some(email) = console.user_email.as_ref().map(|email| email.to_lowercase()) else { return whoever(db).await };
    let known = console_users::get(db, &email).await?;
    if let Some(hash) = &console.user_password_hash {
        write(db, &email, hash.expose_secret(), clock).await?;
        return Ok(FirstUser::There);
    }
    let Some(secret) = &console.user_password else { return whoever(db).await };
    let generated = matches!(source, Some(Source::Generated));
    if let Some(known) = known {
        let stays = generated || fits(secret.clone(), known.password_hash.clone()).await?;
        if stays && (generated || known.role == Role::Admin) {
            return whoever(db).await;
        }
    }
    let hash = hashed(secret.clone(), ids.clone()).await?;
    write(db, &email, &hash, clock).await?;
    Ok(if generated { FirstUser::Made { email, password: secret.clone() } } else { FirstUser::There })
}

async fn whoever(db: &Db) -> Result<FirstUser> {
    Ok(if console_users::any_enabled(db).await? { FirstUser::There } else { FirstUser::Nobody })
}

async fn write(db: &Db, email: &str, hash: &str, clock: &SharedClock) -> Result<()> {
    let mut tx = db.begin().await?;
    if !console_users::add(&mut tx, email, hash, Role::Admin, clock.now()).await? {
        console_users::set_password(&mut tx, email, hash).await?;
        console_users::set_role(&mut tx, email, Role::Admin).await?;
    }
    tx.commit().await.context("could not write the console's first user")
}

async fn hashed(secret: SecretString, ids: Ids) -> Result<String> {
    let made = tokio::task::spawn_blocking(move || password::hash(secret.expose_secret(), &ids));
    Ok(made.await??)
}

async fn fits(secret: SecretString, hash: String) -> Result<bool> {
    Ok(tokio::task::spawn_blocking(move || password::verify(secret.expose_secret(), Some(&hash))).await?)
}
