//! Many rows in one parameter: a JSON array that `json_to_recordset` or `json_each` takes apart again.
//!
//! Columns that are JSON themselves travel as text inside it, so that both engines store exactly what was written.

use serde::Serialize;

use crate::engine::{Value, check_nul, json_text};
use crate::error::Result;

/// `rows` as one parameter.
pub(crate) fn rows<T: Serialize>(rows: &[T]) -> Result<Value> {
    let text = json_text(rows)?;
    check_nul(&text)?;
    Ok(Value::Text(Some(text)))
}

/// A JSON column of such a row.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    let text = json_text(value)?;
    check_nul(&text)?;
    Ok(text)
}
