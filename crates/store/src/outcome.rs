//! What a guarded change came to.

/// A guarded change either happened, or lost against the present state, or found no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// It happened.
    Done,
    /// The row is there, but not in the state that the change is for.
    Lost,
    /// There is no such row.
    Gone,
}
