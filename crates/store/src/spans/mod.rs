//! `spans`: what runs spent their time and money on.
//!
//! Written with the steps they describe; read by the trace pages. The root span of a run bears the run's id.

mod change;
mod read;
mod row;

pub use change::{insert, take_over};
pub use read::{SpanContent, SpanRecord, TraceFilter, content, list, root, steps};

pub(crate) use change::{close_run, end_wait, lose_call};
pub(crate) use row::{SpanRow, call_to_link, insert_rows};

pub(crate) static STATEMENTS: &[&[(&str, &crate::engine::Stmt)]] =
    &[change::STATEMENTS, read::STATEMENTS, row::STATEMENTS];
