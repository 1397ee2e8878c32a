//! Write transactions.

use std::fmt;

use sqlx::{Postgres, Sqlite, Transaction};

use super::value::{bind_lite, bind_pg};
use super::{Engine, Row, Stmt, Value};
use crate::error::Result;

/// An open transaction. Dropping it undoes everything.
#[must_use = "a transaction that is dropped is rolled back"]
pub enum Tx {
    #[doc(hidden)]
    Pg(Transaction<'static, Postgres>),
    #[doc(hidden)]
    Lite(Transaction<'static, Sqlite>),
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tx").field(&self.engine()).finish()
    }
}

impl Tx {
    /// Which database it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self {
            Self::Pg(_) => Engine::Postgres,
            Self::Lite(_) => Engine::Sqlite,
        }
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// When the commit failed, or its answer was lost.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Pg(tx) => tx.commit().await?,
            Self::Lite(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Undoes everything now. Dropping does so too, but a moment later: until then the rows stay locked.
    ///
    /// # Errors
    /// When the connection is lost; the database undoes everything then.
    pub async fn rollback(self) -> Result<()> {
        match self {
            Self::Pg(tx) => tx.rollback().await?,
            Self::Lite(tx) => tx.rollback().await?,
        }
        Ok(())
    }

    pub(crate) async fn fetch_all(&mut self, stmt: &Stmt, values: Vec<Value>) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Pg(tx) => {
                let query = sqlx::query_with(stmt.text(Engine::Postgres), bind_pg(values)?);
                query.fetch_all(&mut **tx).await?.into_iter().map(Row::Pg).collect()
            }
            Self::Lite(tx) => {
                let query = sqlx::query_with(stmt.text(Engine::Sqlite), bind_lite(values)?);
                query.fetch_all(&mut **tx).await?.into_iter().map(Row::Lite).collect()
            }
        })
    }

    pub(crate) async fn fetch_optional(&mut self, stmt: &Stmt, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.fetch_all(stmt, values).await?.into_iter().next())
    }

    /// Runs a statement and gives the number of rows it touched.
    pub(crate) async fn execute(&mut self, stmt: &Stmt, values: Vec<Value>) -> Result<u64> {
        Ok(match self {
            Self::Pg(tx) => {
                let query = sqlx::query_with(stmt.text(Engine::Postgres), bind_pg(values)?);
                query.execute(&mut **tx).await?.rows_affected()
            }
            Self::Lite(tx) => {
                let query = sqlx::query_with(stmt.text(Engine::Sqlite), bind_lite(values)?);
                query.execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// Runs a script of several statements without parameters.
    pub(super) async fn script(&mut self, text: String) -> std::result::Result<(), sqlx::Error> {
        let script = sqlx::raw_sql(sqlx::AssertSqlSafe(text));
        match self {
            Self::Pg(tx) => script.execute(&mut **tx).await.map(drop),
            Self::Lite(tx) => script.execute(&mut **tx).await.map(drop),
        }
    }
}
