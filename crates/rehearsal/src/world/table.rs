//! Rows of one kind that remember which of them changed since the last write.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;
use store::world_file::WorldRow;

use super::state::Changes;

/// Rows by id, in the order of their ids.
#[derive(Debug, Clone)]
pub struct Table<T> {
    kind: &'static str,
    rows: BTreeMap<String, T>,
    touched: BTreeSet<String>,
}

impl<T: Serialize + DeserializeOwned> Table<T> {
    /// An empty table of rows of `kind`.
    #[must_use]
    pub fn new(kind: &'static str) -> Self {
        Self { kind, rows: BTreeMap::new(), touched: BTreeSet::new() }
    }

    /// The kind of its rows in the file.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Takes a row as it was read from the file.
    pub(super) fn restore(&mut self, row: WorldRow) -> Result<(), serde_json::Error> {
        self.rows.insert(row.id, serde_json::from_value(row.body)?);
        Ok(())
    }

    /// One row.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(id)
    }

    /// One row to change; counts as changed.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        let row = self.rows.get_mut(id)?;
        self.touched.insert(id.to_owned());
        Some(row)
    }

    /// Puts a row.
    pub fn put(&mut self, id: impl Into<String>, row: T) {
        let id = id.into();
        self.touched.insert(id.clone());
        self.rows.insert(id, row);
    }

    /// Removes a row.
    pub fn remove(&mut self, id: &str) -> Option<T> {
        let row = self.rows.remove(id)?;
        self.touched.insert(id.to_owned());
        Some(row)
    }

    /// All rows with their ids.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &T)> {
        self.rows.iter().map(|(id, row)| (id.as_str(), row))
    }

    /// All rows.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Moves what changed into `changes`.
    pub(super) fn drain(&mut self, changes: &mut Changes) {
        for id in std::mem::take(&mut self.touched) {
            match self.rows.get(&id) {
                Some(row) => changes.put(self.kind, id, row),
                None => changes.deletes.push((self.kind.to_owned(), id)),
            }
        }
    }
}
