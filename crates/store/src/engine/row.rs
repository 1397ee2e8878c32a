//! Reading rows by column name.

use chrono::{DateTime, Utc};
use domain::time::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::types::Json;
use sqlx::{Column, Decode, Postgres, Row as _, Sqlite, Type, TypeInfo};

use crate::error::{Result, StoreError};

/// One row of either engine.
pub(crate) enum Row {
    Pg(PgRow),
    Lite(SqliteRow),
}

impl Row {
    fn get<T>(&self, column: &str) -> Result<Option<T>>
    where
        for<'r> T: Decode<'r, Postgres> + Type<Postgres> + Decode<'r, Sqlite> + Type<Sqlite>,
    {
        match self {
            Self::Pg(row) => row.try_get::<Option<T>, _>(column),
            Self::Lite(row) => row.try_get_unchecked::<Option<T>, _>(column),
        }
        .map_err(|error| StoreError::corrupt(format!("column {column}"), error))
    }

    /// A text that may be null.
    pub(crate) fn opt_text(&self, column: &str) -> Result<Option<String>> {
        self.get(column)
    }

    /// A text.
    pub(crate) fn text(&self, column: &str) -> Result<String> {
        required(column, self.opt_text(column)?)
    }

    /// A whole number that may be null, of any width.
    pub(crate) fn opt_int(&self, column: &str) -> Result<Option<i64>> {
        if let Self::Pg(row) = self {
            let narrow =
                row.columns().iter().find(|c| c.name() == column).is_some_and(|c| c.type_info().name() == "INT4");
            if narrow {
                let value: Option<i32> =
                    row.try_get(column).map_err(|error| StoreError::corrupt(format!("column {column}"), error))?;
                return Ok(value.map(i64::from));
            }
        }
        self.get(column)
    }

    /// A whole number.
    pub(crate) fn int(&self, column: &str) -> Result<i64> {
        required(column, self.opt_int(column)?)
    }

    /// A truth value.
    pub(crate) fn bool(&self, column: &str) -> Result<bool> {
        required(column, self.get(column)?)
    }

    /// A moment that may be null.
    pub(crate) fn opt_ts(&self, column: &str) -> Result<Option<Timestamp>> {
        match self {
            Self::Pg(row) => row
                .try_get::<Option<DateTime<Utc>>, _>(column)
                .map_err(|error| StoreError::corrupt(format!("column {column}"), error)),
            Self::Lite(_) => {
                let Some(text) = self.opt_text(column)? else { return Ok(None) };
                let at = DateTime::parse_from_rfc3339(&text)
                    .map_err(|error| StoreError::corrupt(format!("column {column}"), error))?;
                Ok(Some(at.to_utc()))
            }
        }
    }

    /// A moment.
    pub(crate) fn ts(&self, column: &str) -> Result<Timestamp> {
        required(column, self.opt_ts(column)?)
    }

    /// JSON of the shape of `T`, that may be null.
    pub(crate) fn opt_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>> {
        match self {
            Self::Pg(row) => row
                .try_get::<Option<Json<T>>, _>(column)
                .map(|value| value.map(|json| json.0))
                .map_err(|error| StoreError::corrupt(format!("column {column}"), error)),
            Self::Lite(_) => {
                let Some(text) = self.opt_text(column)? else { return Ok(None) };
                serde_json::from_str(&text)
                    .map(Some)
                    .map_err(|error| StoreError::corrupt(format!("column {column}"), error))
            }
        }
    }

    /// JSON of the shape of `T`.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T> {
        required(column, self.opt_json(column)?)
    }

    /// A list of texts.
    pub(crate) fn texts(&self, column: &str) -> Result<Vec<String>> {
        match self {
            Self::Pg(row) => {
                row.try_get(column).map_err(|error| StoreError::corrupt(format!("column {column}"), error))
            }
            Self::Lite(_) => self.json(column),
        }
    }

    /// A list of whole numbers.
    pub(crate) fn ints(&self, column: &str) -> Result<Vec<i64>> {
        match self {
            Self::Pg(row) => {
                let numbers: Vec<i32> =
                    row.try_get(column).map_err(|error| StoreError::corrupt(format!("column {column}"), error))?;
                Ok(numbers.into_iter().map(i64::from).collect())
            }
            Self::Lite(_) => self.json(column),
        }
    }

    /// A text that names a value of an enumeration.
    pub(crate) fn parsed<T>(&self, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let text = self.text(column)?;
        parse(&text).ok_or_else(|| StoreError::corrupt(format!("column {column}"), format!("unknown value `{text}`")))
    }
}

fn required<T>(column: &str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| StoreError::corrupt(format!("column {column}"), "null"))
}
