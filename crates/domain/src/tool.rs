//! What a tool is: the facts that the gateway, the catalogue, the policy and the manual are made of.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::canonical;
use crate::ids::ToolId;

/// Version of the rules that turn a call into a risk. Raise it whenever one of them changes: tickets raised under the
/// old rules are then refused at execution and asked again.
pub const RISK_RULES_VERSION: u32 = 1;

/// How dangerous a call is; decides who may approve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Runs without a person.
    Low,
    /// An operator decides.
    Medium,
    /// An admin decides.
    High,
}

impl Risk {
    /// The text in rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// Reads the text of rows.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|risk| risk.as_str() == text)
    }
}

/// How the outcome of a call is found out when its answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recovery {
    /// The upstream remembers our idempotency key: the same request is safe.
    Key,
    /// The upstream can be asked for the thing by our own key.
    Lookup,
    /// Nobody can tell but a person.
    Person,
}

impl Recovery {
    /// The text in rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Lookup => "lookup",
            Self::Person => "person",
        }
    }
}

/// Whether a tool changes the world outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Only reads.
    Read,
    /// Changes something; goes through the effect gateway.
    Mutate,
}

/// The declaration of one tool.
#[derive(Debug, Clone)]
pub struct ToolSpec {
    /// Its id, also the name a model sees.
    pub id: ToolId,
    /// Name for people.
    pub display_name: &'static str,
    /// What it does, as a model reads it.
    pub description: &'static str,
    /// Group in the catalogue: `shopify`, `stripe`, `printful`, ...
    pub category: &'static str,
    /// JSON Schema of the parameters.
    pub schema: Value,
    /// Reads or mutates.
    pub access: Access,
    /// The risk stated for the tool; a call may turn out riskier (see `gateway::Resolved::risk`).
    pub risk: Risk,
    /// How an unclear outcome is settled.
    pub recovery: Recovery,
    /// The level of the goal hierarchy a call serves, 0 to 6; none for reads and memory.
    pub goal_level: Option<u8>,
    /// True when the same call made twice in one run means two effects (a mail), not one.
    pub repeatable: bool,
}

impl ToolSpec {
    /// The first 16 hexadecimal digits of the hash of everything that an approval of this tool relies on.
    #[must_use]
    pub fn policy_version(&self) -> String {
        canonical::short_hash(&json!({
            "rules": RISK_RULES_VERSION,
            "tool": self.id,
            "risk": self.risk.as_str(),
            "schema": self.schema,
            "recovery": self.recovery.as_str(),
            "goal_level": self.goal_level,
        }))
    }
}
