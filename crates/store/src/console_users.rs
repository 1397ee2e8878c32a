//! `console_users`: people who may sign in to the console. E-mails are lower case.

use domain::role::Role;
use domain::time::Timestamp;

use crate::engine::{Db, Row, Tx, args, statements};
use crate::error::Result;

statements! {
    ADD = both(
        "INSERT INTO console_users (email, password_hash, role, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (email) DO NOTHING",
    );
    GET = both(
        "SELECT email, password_hash, role, created_at, disabled_at, last_login_at FROM console_users WHERE email = $1",
    );
    LIST = both(
        "SELECT email, password_hash, role, created_at, disabled_at, last_login_at FROM console_users ORDER BY email",
    );
    ENABLED = both("SELECT email FROM console_users WHERE disabled_at IS NULL LIMIT 1");
    SET_PASSWORD = both("UPDATE console_users SET password_hash = $2 WHERE email = $1");
    SET_ROLE = both("UPDATE console_users SET role = $2 WHERE email = $1");
    SET_DISABLED = both("UPDATE console_users SET disabled_at = $2 WHERE email = $1");
    SIGNED_IN = both("UPDATE console_users SET last_login_at = $2 WHERE email = $1");
}

/// One user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleUser {
    /// E-mail.
    pub email: String,
    /// Argon2id in its standard form.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// Since when they exist.
    pub created_at: Timestamp,
    /// Since when they may no longer sign in.
    pub disabled_at: Option<Timestamp>,
    /// When they last signed in.
    pub last_login_at: Option<Timestamp>,
}

fn read(row: &Row) -> Result<ConsoleUser> {
    Ok(ConsoleUser {
        email: row.text("email")?,
        password_hash: row.text("password_hash")?,
        role: row.parsed("role", Role::parse)?,
        created_at: row.ts("created_at")?,
        disabled_at: row.opt_ts("disabled_at")?,
        last_login_at: row.opt_ts("last_login_at")?,
    })
}

/// Adds a user; false when there is one of this e-mail, who stays as they are.
///
/// # Errors
/// When a statement fails.
pub async fn add(tx: &mut Tx, email: &str, password_hash: &str, role: Role, now: Timestamp) -> Result<bool> {
    Ok(tx.execute(&ADD, args![email, password_hash, role.as_str(), now]).await? == 1)
}

/// One user.
///
/// # Errors
/// When the database fails or the row cannot be read.
pub async fn get(db: &Db, email: &str) -> Result<Option<ConsoleUser>> {
    db.fetch_optional(&GET, args![email]).await?.as_ref().map(read).transpose()
}

/// All users by e-mail.
///
/// # Errors
/// As [`get`].
pub async fn list(db: &Db) -> Result<Vec<ConsoleUser>> {
    db.fetch_all(&LIST, args![]).await?.iter().map(read).collect()
}

/// Whether anybody may sign in.
///
/// # Errors
/// When the database fails.
pub async fn any_enabled(db: &Db) -> Result<bool> {
    Ok(db.fetch_optional(&ENABLED, args![]).await?.is_some())
}

/// Gives a user another password; false when there is no such user.
///
/// # Errors
/// When a statement fails.
pub async fn set_password(tx: &mut Tx, email: &str, password_hash: &str) -> Result<bool> {
    Ok(tx.execute(&SET_PASSWORD, args![email, password_hash]).await? == 1)
}

/// Gives a user another role; false when there is no such user.
///
/// # Errors
/// When a statement fails.
pub async fn set_role(tx: &mut Tx, email: &str, role: Role) -> Result<bool> {
    Ok(tx.execute(&SET_ROLE, args![email, role.as_str()]).await? == 1)
}

/// Shuts a user out since `since`, or lets them in again; false when there is no such user.
///
/// # Errors
/// When a statement fails.
pub async fn set_disabled(tx: &mut Tx, email: &str, since: Option<Timestamp>) -> Result<bool> {
    Ok(tx.execute(&SET_DISABLED, args![email, since]).await? == 1)
}

/// Writes down that a user signed in.
///
/// # Errors
/// When a statement fails.
pub async fn signed_in(tx: &mut Tx, email: &str, now: Timestamp) -> Result<()> {
    tx.execute(&SIGNED_IN, args![email, now]).await.map(drop)
}
