//! What can go wrong in the store, in the words its callers act on.

use std::error::Error;
use std::sync::Arc;

/// Result of a store function.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A failed store function. Cheap to clone: one failed commit answers many callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or did not answer in time. Nothing is known to be wrong with the request.
    #[error("the database is not available")]
    Unavailable(#[source] Arc<sqlx::Error>),
    /// A unique constraint refused the row.
    #[error("a row breaks the constraint {constraint}")]
    Conflict {
        /// Name of the constraint (PostgreSQL) or its columns (SQLite).
        constraint: String,
        /// The driver's error.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// A stored row cannot be read.
    #[error("a stored row cannot be read: {what}")]
    Corrupt {
        /// Table or column.
        what: String,
        /// Why.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
    /// A text holds a NUL character, which PostgreSQL cannot store.
    #[error("a text holds a NUL character")]
    NulByte,
    /// The schema could not be brought up to date.
    #[error("migration {version} cannot be applied: {reason}")]
    Migration {
        /// Number of the migration.
        version: i64,
        /// What is wrong.
        reason: String,
        /// The driver's error, when it was one.
        #[source]
        source: Option<Arc<sqlx::Error>>,
    },
    /// The writer was stopped before the item was committed.
    #[error("the writer has stopped")]
    Stopped,
    /// A statement failed.
    #[error("a statement failed")]
    Query(#[source] Arc<sqlx::Error>),
}

impl StoreError {
    /// Whether the same request may succeed later without any change.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Stopped)
    }

    /// Whether a unique constraint whose name or columns contain `part` refused the row.
    #[must_use]
    pub fn is_conflict_on(&self, part: &str) -> bool {
        matches!(self, Self::Conflict { constraint, .. } if constraint.contains(part))
    }

    /// Whether the whole transaction may be repeated at once: serialization failure, deadlock, busy file.
    pub(crate) fn is_retryable(&self) -> bool {
        let Self::Query(source) = self else { return false };
        let Some(database) = source.as_database_error() else { return false };
        matches!(database.code().as_deref(), Some("40001" | "40P01" | "5" | "517"))
    }

    pub(crate) fn corrupt(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Corrupt { what: what.into(), source: Arc::from(source.into()) }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let unavailable = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => true,
            // Class 08: connection; 57P0x: the server stops or starts; 53: out of connections, memory or disk;
            // 57014 and 55P03: our own statement and lock timeouts.
            sqlx::Error::Database(database) => database.code().is_some_and(|code| {
                code.starts_with("08")
                    || code.starts_with("57P")
                    || code.starts_with("53")
                    || code == "57014"
                    || code == "55P03"
            }),
            _ => false,
        };
        if unavailable {
            return Self::Unavailable(Arc::new(error));
        }
        if let sqlx::Error::ColumnDecode { index, .. } = &error {
            let what = format!("column {index}");
            return Self::Corrupt { what, source: Arc::new(error) };
        }
        let conflict = error.as_database_error().filter(|database| database.is_unique_violation()).map(|database| {
            // SQLite names the columns in its message: `UNIQUE constraint failed: t.a, t.b`.
            database.constraint().map_or_else(|| database.message().to_owned(), str::to_owned)
        });
        match conflict {
            Some(constraint) => Self::Conflict { constraint, source: Arc::new(error) },
            None => Self::Query(Arc::new(error)),
        }
    }
}
