//! How a call to an upstream fails, and what that means to a tool.

use gateway::{SendError, ToolError};
use net::{Certainty, NetError, NotSent};

/// A failed call.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The way there or back failed.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The upstream answered with an error of its own.
    #[error("{service} refused ({code}): {message}")]
    Api {
        /// The upstream.
        service: &'static str,
        /// HTTP status.
        status: u16,
        /// Its own code or kind.
        code: String,
        /// Its own words, cut to 200 characters.
        message: String,
        /// What is known about a mutation afterwards.
        certainty: Certainty,
        /// The wait it asked for.
        retry_after_s: Option<u64>,
    },
    /// It looked at the values of a change and refused them.
    #[error("{service} refused {}: {message}", field.as_deref().unwrap_or("the change"))]
    Invalid {
        /// The upstream.
        service: &'static str,
        /// The path of the value, with dots.
        field: Option<String>,
        /// Its own words, cut to 200 characters.
        message: String,
    },
    /// The answer is not of the documented shape.
    #[error("{service} answered in an unexpected shape: {what}")]
    Shape {
        /// The upstream.
        service: &'static str,
        /// What is missing or wrong.
        what: String,
    },
}

impl ConnectError {
    /// What is known about a mutation after this failure.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        match self {
            Self::Net(error) => error.certainty(),
            Self::Api { certainty, .. } => *certainty,
            Self::Invalid { .. } => Certainty::Refused,
            // It answered with success, only not in words we understand: the thing may have been done.
            Self::Shape { .. } => Certainty::Unclear,
        }
    }

    /// HTTP status of the answer, when there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Net(error) => error.status(),
            Self::Api { status, .. } => Some(*status),
            Self::Invalid { .. } | Self::Shape { .. } => None,
        }
    }

    pub(crate) fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Net(error) => error.retry_after_s(),
            Self::Api { retry_after_s, .. } => *retry_after_s,
            Self::Invalid { .. } | Self::Shape { .. } => None,
        }
    }

    /// Replaces a bare status by the upstream's own error, read from the body by `read` (code, message).
    pub(crate) fn explain(
        error: NetError,
        service: &'static str,
        read: impl Fn(&net::Reply) -> (String, String),
    ) -> Self {
        match &error {
            NetError::Status { reply, retry_after_s, .. } => {
                let (code, message) = read(reply);
                Self::Api {
                    service,
                    status: reply.status.as_u16(),
                    code: code.chars().take(100).collect(),
                    message: message.chars().take(200).collect(),
                    certainty: error.certainty(),
                    retry_after_s: *retry_after_s,
                }
            }
            _ => Self::Net(error),
        }
    }
}

/// A read that failed, as the model is told.
impl From<ConnectError> for ToolError {
    fn from(error: ConnectError) -> Self {
        let wait = error.retry_after_s();
        let message = error.to_string();
        let told = match &error {
            ConnectError::Invalid { field, message, .. } => {
                let told = ToolError::new("upstream_invalid", message.clone());
                if let Some(field) = field { told.with("field", field.clone()) } else { told }
            }
            ConnectError::Net(NetError::NotSent { reason: NotSent::CircuitOpen { .. }, .. }) => {
                ToolError::transient("circuit_open", message)
            }
            ConnectError::Shape { .. } => ToolError::new("upstream_unexpected", message),
            _ if error.certainty() == Certainty::Refused => ToolError::new("upstream_refused", message),
            _ => ToolError::transient("upstream_unavailable", message),
        };
        match wait {
            Some(seconds) => told.with("retry_after_s", seconds),
            None => told,
        }
    }
}

/// A mutation that failed, as the gateway must record it.
impl From<ConnectError> for SendError {
    fn from(error: ConnectError) -> Self {
        match error.certainty() {
            Certainty::NotDone => Self::NotSent { reason: error.to_string(), retry_after_s: error.retry_after_s() },
            Certainty::Refused => Self::Refused(error.into()),
            Certainty::Unclear => Self::Unclear { reason: error.to_string() },
        }
    }
}
