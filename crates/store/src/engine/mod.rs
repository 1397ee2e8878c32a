//! Portable SQL over two databases: statements, values, rows, transactions, migrations. It knows no table.

mod db;
mod migrate;
mod row;
mod stmt;
mod tx;
mod value;

pub use db::{Db, Engine, Target};
pub(crate) use db::{STATEMENTS, missing};
pub use migrate::{Migrated, SCHEMA_VERSION};
pub use stmt::Stmt;
pub use tx::Tx;

pub(crate) use row::Row;
pub(crate) use stmt::statements;
pub(crate) use value::{Value, args, check_nul, json_text};
