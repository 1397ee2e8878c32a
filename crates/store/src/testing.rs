//! Throwaway databases for tests.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use crate::error::{Result, StoreError};

/// Makes the database `name` on the server of `admin_url` and gives its address.
///
/// # Errors
/// When the server refuses, or `name` is not made of lower-case letters, digits and `_`.
pub async fn create_database(admin_url: &str, name: &str) -> Result<String> {
    check(name)?;
    let options = PgConnectOptions::from_str(admin_url)?;
    let mut admin = options.connect().await?;
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
    Ok(options.database(name).to_url_lossy().to_string())
}

/// Removes the database `name`, whoever is still connected.
///
/// # Errors
/// As [`create_database`].
pub async fn drop_database(admin_url: &str, name: &str) -> Result<()> {
    check(name)?;
    let mut admin = PgConnectOptions::from_str(admin_url)?.connect().await?;
    admin.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await?;
    Ok(())
}

/// A name cannot be a parameter of these two statements, so it may hold nothing that needs quoting.
fn check(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.is_empty() && name.bytes().all(plain) {
        Ok(())
    } else {
        Err(StoreError::corrupt("database name", format!("`{name}` is not plain")))
    }
}
