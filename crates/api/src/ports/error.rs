//! The refusals of application functions.

use std::error::Error;
use std::fmt;

use domain::codes::Code;
use domain::role::Role;
use domain::run::RunRejection;
use domain::ticket::TicketRejection;
use serde::Serialize;

/// One wrong member of a body or query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Path of the member, e.g. `input_state.messages[0]`; empty for the body as a whole.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl FieldError {
    /// Names a wrong member.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// A refusal of an application function: a registered code, a sentence for the caller, and what helps to mend it.
///
/// The source goes to the log only; of a code answered with 5xx the caller sees nothing but the code's own sentence.
#[derive(Debug)]
pub struct AppError {
    /// The registered name; decides the status.
    pub code: Code,
    /// The sentence.
    pub message: String,
    /// Wrong members.
    pub details: Vec<FieldError>,
    /// Broken rules, one sentence each.
    pub violations: Vec<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl AppError {
    /// A refusal with the code's own sentence.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self::because(code, code.message())
    }

    /// A refusal with a sentence of its own.
    #[must_use]
    pub fn because(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new(), violations: Vec::new(), source: None }
    }

    /// Broken rules; the first is the sentence.
    #[must_use]
    pub fn rules(violations: Vec<String>) -> Self {
        let message = violations.first().cloned().unwrap_or_else(|| Code::RuleBroken.message().to_owned());
        Self { violations, ..Self::because(Code::RuleBroken, message) }
    }

    /// The store cannot be reached.
    #[must_use]
    pub fn database(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..Self::new(Code::DatabaseUnavailable) }
    }

    /// A fault of ours.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..Self::new(Code::Internal) }
    }

    /// The role is below `needed`.
    #[must_use]
    pub fn role_too_low(needed: Role) -> Self {
        let message = match needed {
            Role::Operator => "Operator role required",
            Role::Admin => "Admin role required",
            Role::Viewer | Role::Webhook => "Forbidden",
        };
        Self::because(Code::Forbidden, message)
    }

    /// Adds wrong members.
    #[must_use]
    pub fn with_details(mut self, details: Vec<FieldError>) -> Self {
        self.details = details;
        self
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl Error for AppError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<TicketRejection> for AppError {
    fn from(rejection: TicketRejection) -> Self {
        let code = match rejection {
            TicketRejection::AlreadyDecided => Code::TicketDecided,
            TicketRejection::Expired => Code::TicketExpired,
            TicketRejection::Stale { .. } => Code::TicketStale,
            TicketRejection::RoleTooLow { .. } => Code::Forbidden,
        };
        Self::because(code, rejection.to_string())
    }
}

impl From<RunRejection> for AppError {
    fn from(rejection: RunRejection) -> Self {
        Self::because(Code::RunEnded, rejection.to_string())
    }
}
