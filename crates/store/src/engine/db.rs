//! The two databases behind one handle.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Notify;

use super::value::{bind_lite, bind_pg};
use super::{Migrated, Row, Stmt, Tx, Value, args, statements};
use crate::error::{Result, StoreError};
use domain::time::Timestamp;

statements! {
    PING = both("SELECT 1 AS one");
}

/// How often a transaction that lost against another is tried again.
const RETRIES: u32 = 8;
/// Readers of a SQLite file.
const LITE_READERS: u32 = 4;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// Where the data are.
#[derive(Clone)]
pub enum Target {
    /// A file; made when absent.
    Sqlite {
        /// Its path.
        path: PathBuf,
    },
    /// A server.
    Postgres {
        /// `postgres://user:password@host/database`; never shown.
        url: String,
        /// Most connections.
        pool_size: u32,
    },
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => f.debug_struct("Sqlite").field("path", path).finish(),
            Self::Postgres { pool_size, .. } => {
                f.debug_struct("Postgres").field("pool_size", pool_size).finish_non_exhaustive()
            }
        }
    }
}

pub(super) enum Pools {
    Pg(PgPool),
    /// The write pool holds one connection: waiting for it is the queue of the one writer.
    Lite {
        write: SqlitePool,
        read: SqlitePool,
    },
}

/// A handle of the database; clones share its connections.
#[derive(Clone)]
pub struct Db(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) pools: Pools,
    wake: Notify,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Db").field(&self.engine()).finish()
    }
}

impl Db {
    /// Opens the database. Does not touch the schema.
    ///
    /// # Errors
    /// When it cannot be reached, or the address is none.
    pub async fn open(target: &Target) -> Result<Self> {
        let pools = match target {
            Target::Sqlite { path } => open_lite(path.clone()).await?,
            Target::Postgres { url, pool_size } => open_pg(url, *pool_size).await?,
        };
        Ok(Self(Arc::new(Inner { pools, wake: Notify::new() })))
    }

    /// Brings the schema up to date, under a lock that other processes respect.
    ///
    /// # Errors
    /// When a migration fails, or one that was applied has changed since.
    pub async fn migrate(&self, now: Timestamp) -> Result<Migrated> {
        super::migrate::run(self, now).await
    }

    /// The number of the newest migration that was applied; 0 for an empty database. Changes nothing.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn schema_version(&self) -> Result<i64> {
        super::migrate::applied(self).await
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<()> {
        self.fetch_optional(&PING, args![]).await.map(drop)
    }

    /// Which database it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.0.pools {
            Pools::Pg(_) => Engine::Postgres,
            Pools::Lite { .. } => Engine::Sqlite,
        }
    }

    /// Begins a write transaction. On SQLite it takes the one writer, so nothing slow may happen inside.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match &self.0.pools {
            Pools::Pg(pool) => Tx::Pg(pool.begin().await?),
            Pools::Lite { write, .. } => Tx::Lite(write.begin_with("BEGIN IMMEDIATE").await?),
        })
    }

    /// Runs `work` in a transaction and commits it; runs the whole of it again when it lost against another one.
    ///
    /// # Errors
    /// Those of `work`, and of the commit.
    pub async fn transact<T, F>(&self, mut work: F) -> Result<T>
    where
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send,
    {
        let mut tries = 0;
        loop {
            let mut tx = self.begin().await?;
            let result = match work(&mut tx).await {
                Ok(value) => tx.commit().await.map(|()| value),
                Err(error) => {
                    // What matters is why the work failed; a lost connection undoes itself.
                    let _ = tx.rollback().await;
                    Err(error)
                }
            };
            match result {
                Err(error) if error.is_retryable() && tries < RETRIES => tries += 1,
                result => return result,
            }
        }
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        match &self.0.pools {
            Pools::Pg(pool) => pool.close().await,
            Pools::Lite { write, read } => {
                read.close().await;
                write.close().await;
            }
        }
    }

    /// Tells the workers of this process that a run may be waiting.
    pub fn wake(&self) {
        self.0.wake.notify_waiters();
        self.0.wake.notify_one();
    }

    /// Waits for [`Db::wake`]. A hint only: it may come without a run and a run may come without it.
    pub async fn woken(&self) {
        self.0.wake.notified().await;
    }

    pub(crate) async fn fetch_all(&self, stmt: &Stmt, values: Vec<Value>) -> Result<Vec<Row>> {
        Ok(match &self.0.pools {
            Pools::Pg(pool) => {
                let rows = sqlx::query_with(stmt.text(Engine::Postgres), bind_pg(values)?).fetch_all(pool).await?;
                rows.into_iter().map(Row::Pg).collect()
            }
            Pools::Lite { read, .. } => {
                let rows = sqlx::query_with(stmt.text(Engine::Sqlite), bind_lite(values)?).fetch_all(read).await?;
                rows.into_iter().map(Row::Lite).collect()
            }
        })
    }

    pub(crate) async fn fetch_optional(&self, stmt: &Stmt, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.fetch_all(stmt, values).await?.into_iter().next())
    }
}

async fn open_lite(path: PathBuf) -> Result<Pools> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(15))
        .statement_cache_capacity(256)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-16000");
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await?;
    let read = SqlitePoolOptions::new()
        .max_connections(LITE_READERS)
        .test_before_acquire(false)
        .connect_with(options.read_only(true))
        .await?;
    Ok(Pools::Lite { write, read })
}

async fn open_pg(url: &str, pool_size: u32) -> Result<Pools> {
    let options = PgConnectOptions::from_str(url)?.application_name("holly").statement_cache_capacity(256).options([
        ("statement_timeout", "15s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("timezone", "UTC"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(pool_size.max(2))
        .acquire_timeout(Duration::from_secs(10))
        // A ping before each use costs a round trip; a dead connection shows itself in the first statement.
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    Ok(Pools::Pg(pool))
}

/// Fails like a statement whose answer is wrong: for rows that a `RETURNING` promised and did not give.
pub(crate) fn missing(what: &'static str) -> StoreError {
    StoreError::corrupt(what, "a statement gave back no row")
}
