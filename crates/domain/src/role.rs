//! Who may do what: the roles of a token.

use serde::{Deserialize, Serialize};

/// Role in a token. `viewer` < `operator` < `admin`; `webhook` stands outside the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, runs things, decides low and medium risk.
    Operator,
    /// Everything.
    Admin,
    /// A service that may only hand in work.
    Webhook,
}

impl Role {
    /// The text in tokens and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Webhook => "webhook",
        }
    }

    /// Reads the text of a token or a command line.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Viewer, Self::Operator, Self::Admin, Self::Webhook].into_iter().find(|role| role.as_str() == text)
    }

    /// Whether this role includes `needed`.
    #[must_use]
    pub fn includes(self, needed: Self) -> bool {
        let rank = |role| match role {
            Self::Viewer => Some(1),
            Self::Operator => Some(2),
            Self::Admin => Some(3),
            Self::Webhook => None,
        };
        match (rank(self), rank(needed)) {
            (Some(has), Some(needs)) => has >= needs,
            _ => self == needed,
        }
    }
}
