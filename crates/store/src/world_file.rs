//! The rehearsal world's own file: rows of JSON by kind and id, apart from the product's database.
//!
//! The world knows its rows by meaning, this file only by kind and id. It is SQLite in every installation, because the
//! world runs inside one process. That process holds the file alone: a second one that opens it is refused, so two
//! worlds can never write one set of books.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqlitePoolOptions, SqliteSynchronous};

const CREATE: &str = "CREATE TABLE IF NOT EXISTS world_rows (
    kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID";
const LOAD: &str = "SELECT kind, id, body FROM world_rows ORDER BY kind, id";
const PUT: &str = "INSERT INTO world_rows (kind, id, body) VALUES ($1, $2, $3)
    ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body";
const DELETE: &str = "DELETE FROM world_rows WHERE kind = $1 AND id = $2";

/// One row of the world.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldRow {
    /// What it is, for example `order`.
    pub kind: String,
    /// Its id among the rows of its kind.
    pub id: String,
    /// All of it.
    pub body: Value,
}

/// Why the file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum WorldFileError {
    /// The file could not be opened, or another process holds it.
    #[error("the rehearsal file cannot be opened, or another process is using it")]
    Open(#[source] sqlx::Error),
    /// A statement failed.
    #[error("the rehearsal file cannot be read or written")]
    Statement(#[source] sqlx::Error),
    /// A row is not JSON.
    #[error("row `{kind}` `{id}` of the rehearsal file is damaged")]
    Damaged {
        /// Kind of the row.
        kind: String,
        /// Id of the row.
        id: String,
        /// What the parser says.
        #[source]
        source: serde_json::Error,
    },
}

/// The open file.
#[derive(Debug, Clone)]
pub struct WorldFile {
    // One connection: the lock on the file belongs to it.
    pool: sqlx::SqlitePool,
}

impl WorldFile {
    /// Opens the file at `path`, made when it is not there, and takes it for this process alone.
    ///
    /// # Errors
    /// When the path cannot be used or another process has the file.
    pub async fn open(path: &Path) -> Result<Self, WorldFileError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            // Set before the journal mode, so that write-ahead logging needs no shared memory file.
            .locking_mode(SqliteLockingMode::Exclusive)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // A process that is being replaced may need a moment to let go.
            .busy_timeout(Duration::from_secs(3));
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await
            .map_err(WorldFileError::Open)?;
        sqlx::query(CREATE).execute(&pool).await.map_err(WorldFileError::Open)?;
        Ok(Self { pool })
    }

    /// All rows, by kind and id.
    ///
    /// # Errors
    /// When the file cannot be read or a row is not JSON.
    pub async fn load(&self) -> Result<Vec<WorldRow>, WorldFileError> {
        let rows = sqlx::query(LOAD).fetch_all(&self.pool).await.map_err(WorldFileError::Statement)?;
        rows.into_iter()
            .map(|row| {
                let kind: String = row.try_get(0).map_err(WorldFileError::Statement)?;
                let id: String = row.try_get(1).map_err(WorldFileError::Statement)?;
                let body: String = row.try_get(2).map_err(WorldFileError::Statement)?;
                match serde_json::from_str(&body) {
                    Ok(body) => Ok(WorldRow { kind, id, body }),
                    Err(source) => Err(WorldFileError::Damaged { kind, id, source }),
                }
            })
            .collect()
    }

    /// Writes `puts` and removes `deletes` (kind, id) in one durable transaction: when it returns, both are on disk.
    ///
    /// # Errors
    /// When the transaction failed; nothing of it was written then.
    pub async fn commit(&self, puts: &[WorldRow], deletes: &[(String, String)]) -> Result<(), WorldFileError> {
        let mut tx = self.pool.begin().await.map_err(WorldFileError::Statement)?;
        for row in puts {
            sqlx::query(PUT)
                .bind(&row.kind)
                .bind(&row.id)
                .bind(row.body.to_string())
                .execute(&mut *tx)
                .await
                .map_err(WorldFileError::Statement)?;
        }
        for (kind, id) in deletes {
            sqlx::query(DELETE).bind(kind).bind(id).execute(&mut *tx).await.map_err(WorldFileError::Statement)?;
        }
        tx.commit().await.map_err(WorldFileError::Statement)
    }

    /// Closes the file and lets another process have it.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(kind: &str, id: &str, body: Value) -> WorldRow {
        WorldRow { kind: kind.to_owned(), id: id.to_owned(), body }
    }

    #[tokio::test]
    async fn what_was_committed_is_there_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rehearsal.db");
        let file = WorldFile::open(&path).await.unwrap();
        file.commit(&[row("order", "2", json!({"n": 1})), row("order", "1", json!({"n": 2}))], &[]).await.unwrap();
        file.commit(&[row("order", "2", json!({"n": 3}))], &[("order".to_owned(), "1".to_owned())]).await.unwrap();
        file.close().await;

        let file = WorldFile::open(&path).await.unwrap();
        assert_eq!(file.load().await.unwrap(), [row("order", "2", json!({"n": 3}))]);
    }

    #[tokio::test]
    async fn a_second_user_of_the_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rehearsal.db");
        let first = WorldFile::open(&path).await.unwrap();
        first.commit(&[row("meta", "world", json!(1))], &[]).await.unwrap();
        assert!(matches!(WorldFile::open(&path).await, Err(WorldFileError::Open(_))));
        assert_eq!(first.load().await.unwrap().len(), 1);
    }
}
