//! What can go wrong in the Tower's application functions.

use domain::codes::Code;

/// A failure of an application function.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error("the store could not be used")]
    Store(#[from] store::StoreError),
    /// The request cannot be granted; the caller is told why.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// A request that cannot be granted. How it is told over HTTP follows from the code.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Stable name.
    pub code: Code,
    /// Sentence for people.
    pub message: String,
    /// `(field, message)` of what does not fit.
    pub details: Vec<(String, String)>,
    /// Rules that were broken.
    pub violations: Vec<String>,
}

impl Refusal {
    /// A refusal with the code's own sentence.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self::because(code, code.message())
    }

    /// A refusal with a sentence of its own.
    #[must_use]
    pub fn because(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new(), violations: Vec::new() }
    }

    /// A broken rule.
    #[must_use]
    pub fn rule(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { violations: vec![message.clone()], ..Self::because(code, message) }
    }

    /// Names what does not fit.
    #[must_use]
    pub fn with_details(mut self, details: Vec<(String, String)>) -> Self {
        self.details = details;
        self
    }
}

/// Result of an application function.
pub type Result<T> = std::result::Result<T, Error>;
