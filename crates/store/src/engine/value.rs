//! Parameters of statements, bound as each engine stores them.

use domain::ids::{
    AgentId, CallId, CheckpointId, EffectId, InterruptId, LedgerId, NodeId, OrderKey, RunId, TicketId, ToolId,
    WebhookEventId, WorkflowId,
};
use domain::time::{Timestamp, to_text};
use serde::Serialize;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Encode, Postgres, Type};

use crate::error::{Result, StoreError};

/// One parameter. Every variant keeps its type when it is null, because PostgreSQL wants to know it.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// TEXT.
    Text(Option<String>),
    /// BIGINT.
    Int(Option<i64>),
    /// BOOLEAN; 0 or 1.
    Bool(Option<bool>),
    /// DOUBLE PRECISION.
    Real(Option<f64>),
    /// JSONB; JSON text.
    Json(Option<String>),
    /// TIMESTAMPTZ; text with microseconds and `Z`.
    Ts(Option<Timestamp>),
    /// TEXT[]; a JSON array as text.
    TextArray(Vec<String>),
}

/// JSON text that PostgreSQL takes as JSONB.
struct JsonText(String);

impl Type<Postgres> for JsonText {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("jsonb")
    }
}

impl Encode<'_, Postgres> for JsonText {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> std::result::Result<IsNull, BoxDynError> {
        // Version of the binary form of JSONB.
        buf.push(1);
        buf.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

impl Value {
    fn check(&self) -> Result<()> {
        match self {
            Self::Text(Some(text)) => check_plain(text),
            Self::Json(Some(text)) => check_nul(text),
            Self::TextArray(items) => items.iter().try_for_each(|item| check_plain(item)),
            _ => Ok(()),
        }
    }
}

fn check_plain(text: &str) -> Result<()> {
    if text.as_bytes().contains(&0) { Err(StoreError::NulByte) } else { Ok(()) }
}

/// Refuses JSON text in which a string holds a NUL, written as the escape `\u0000`.
pub(crate) fn check_nul(json: &str) -> Result<()> {
    let mut from = 0;
    while let Some(found) = json[from..].find("\\u0000") {
        let at = from + found;
        // An even number of backslashes before it: the backslash of the escape is not itself escaped.
        let before = json.as_bytes()[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        if before % 2 == 0 {
            return Err(StoreError::NulByte);
        }
        from = at + 6;
    }
    check_plain(json)
}

/// `value` as JSON text.
pub(crate) fn json_text<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt("a value that is no JSON", error))
}

pub(crate) fn bind_pg(values: Vec<Value>) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        value.check()?;
        match value {
            Value::Text(v) => arguments.add(v),
            Value::Int(v) => arguments.add(v),
            Value::Bool(v) => arguments.add(v),
            Value::Real(v) => arguments.add(v),
            Value::Json(v) => arguments.add(v.map(JsonText)),
            Value::Ts(v) => arguments.add(v),
            Value::TextArray(v) => arguments.add(v),
        }
        .map_err(|error| StoreError::from(sqlx::Error::Encode(error)))?;
    }
    Ok(arguments)
}

pub(crate) fn bind_lite(values: Vec<Value>) -> Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        value.check()?;
        match value {
            Value::Text(v) | Value::Json(v) => arguments.add(v),
            Value::Int(v) => arguments.add(v),
            Value::Bool(v) => arguments.add(v.map(i64::from)),
            Value::Real(v) => arguments.add(v),
            Value::Ts(v) => arguments.add(v.map(to_text)),
            Value::TextArray(v) => arguments.add(json_text(&v)?),
        }
        .map_err(|error| StoreError::from(sqlx::Error::Encode(error)))?;
    }
    Ok(arguments)
}

macro_rules! from {
    ($variant:ident: $($ty:ty => |$v:ident| $make:expr),+ $(,)?) => {
        $(
            impl From<$ty> for Value {
                fn from($v: $ty) -> Self {
                    Self::$variant(Some($make))
                }
            }
            impl From<Option<$ty>> for Value {
                fn from(value: Option<$ty>) -> Self {
                    Self::$variant(value.map(|$v| $make))
                }
            }
        )+
    };
}

from!(Text: String => |v| v, &String => |v| v.clone(), &str => |v| v.to_owned(),
    &RunId => |v| v.to_string(), &CheckpointId => |v| v.to_string(), &EffectId => |v| v.to_string(),
    &InterruptId => |v| v.to_string(), &OrderKey => |v| v.to_string(), &AgentId => |v| v.to_string(),
    &WorkflowId => |v| v.to_string(), &NodeId => |v| v.to_string(), &ToolId => |v| v.to_string());
from!(Int: i64 => |v| v, TicketId => |v| v.0, CallId => |v| v.0, LedgerId => |v| v.0, WebhookEventId => |v| v.0);
from!(Bool: bool => |v| v);
from!(Real: f64 => |v| v);
from!(Ts: Timestamp => |v| v);
from!(Json: serde_json::Value => |v| v.to_string(), &serde_json::Value => |v| v.to_string());

/// The parameters of a statement.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::engine::Value::from($value)),*] };
}
pub(crate) use args;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_nul_is_found_in_json_and_an_escaped_backslash_is_not_one() {
        assert!(check_nul(&json!({"a": "x\u{0}"}).to_string()).is_err());
        assert!(check_nul(&json!({"a": "\\\u{0}"}).to_string()).is_err());
        assert!(check_nul(&json!({"a": "\\u0000"}).to_string()).is_ok());
        assert!(check_nul(&json!({"a": "plain"}).to_string()).is_ok());
    }
}
