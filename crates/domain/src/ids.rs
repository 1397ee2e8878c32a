//! One typed id per entity. Prefix and length are declared with the type, so a ticket can never be passed for a run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is no id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a {kind}: expected {expected}")]
pub struct InvalidId {
    /// What was asked for.
    pub kind: &'static str,
    /// The form it must have.
    pub expected: &'static str,
    /// What was given, cut to 80 characters.
    pub value: String,
}

fn invalid(kind: &'static str, expected: &'static str, value: &str) -> InvalidId {
    InvalidId { kind, expected, value: value.chars().take(80).collect() }
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// `^[a-z0-9][a-z0-9_-]{0,63}$`, the form of agent, workflow, node and edge ids.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=64).contains(&bytes.len())
        && plain(&bytes[0])
        && bytes.iter().all(|byte| plain(byte) || matches!(byte, b'_' | b'-'))
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Takes over an id that was validated when it was stored.
            #[must_use]
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $prefix:literal, $digits:literal) => {
        text_id!($(#[$doc])* $name);

        impl $name {
            /// Makes the id from its hexadecimal digits.
            #[must_use]
            pub fn from_hex(digits: &str) -> Self {
                debug_assert!(digits.len() == $digits && is_lower_hex(digits));
                Self(format!(concat!($prefix, "{}"), digits))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                match text.strip_prefix($prefix) {
                    Some(digits) if digits.len() == $digits && is_lower_hex(digits) => Ok(Self(text.to_owned())),
                    _ => Err(invalid($kind, concat!("`", $prefix, "` and ", stringify!($digits), " lower-case hex digits"), text)),
                }
            }
        }
    };
}

macro_rules! slug_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        text_id!($(#[$doc])* $name);

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if is_slug(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(invalid($kind, "1 to 64 of a-z, 0-9, `_` and `-`, starting with a letter or digit", text))
                }
            }
        }
    };
}

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

hex_id!(/** A checkpoint of a run. */ CheckpointId, "checkpoint id", "cp_", 12);
hex_id!(/** A two-phase effect; derived from run, tool and parameters, never drawn at random. */ EffectId, "effect id", "", 32);
hex_id!(/** One wait for a person. */ InterruptId, "interrupt id", "int_", 12);
hex_id!(/** A durable run; also the thread id of its checkpoints. */ RunId, "run id", "run_", 16);
slug_id!(/** An agent. */ AgentId, "agent id");
slug_id!(/** A node of a workflow; not an agent, though often of the same name. */ NodeId, "node id");
slug_id!(/** A tool. */ ToolId, "tool id");
slug_id!(/** A workflow definition. */ WorkflowId, "workflow id");
row_id!(/** A row of `llm_calls`. */ CallId);
row_id!(/** A row of `budget_ledger`. */ LedgerId);
row_id!(/** A human decision that is due or was taken. */ TicketId);
row_id!(/** A verified webhook delivery. */ WebhookEventId);

text_id!(/** An order of the shop, `shopify:<digits>`. */ OrderKey);

impl OrderKey {
    /// The key of a Shopify order, from its numeric id.
    ///
    /// # Errors
    /// When the id is not 1 to 20 digits.
    pub fn shopify(order_id: &str) -> Result<Self, InvalidId> {
        if (1..=20).contains(&order_id.len()) && order_id.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(format!("shopify:{order_id}")))
        } else {
            Err(invalid("Shopify order id", "1 to 20 digits", order_id))
        }
    }

    /// The numeric id at the shop.
    #[must_use]
    pub fn shop_id(&self) -> &str {
        self.0.strip_prefix("shopify:").unwrap_or(&self.0)
    }
}

impl FromStr for OrderKey {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::shopify(text.strip_prefix("shopify:").unwrap_or(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_is_its_prefix_and_sixteen_hex_digits() {
        assert!("run_0123456789abcdef".parse::<RunId>().is_ok());
        for wrong in
            ["", "run_", "run_0123456789ABCDEF", "run_0123456789abcde", "cp_0123456789abcdef", "run_0123456789abcdeg"]
        {
            assert!(wrong.parse::<RunId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_order_key_takes_digits_with_or_without_its_prefix() {
        let key: OrderKey = "5830137741322".parse().unwrap();
        assert_eq!(key.as_str(), "shopify:5830137741322");
        assert_eq!("shopify:5830137741322".parse::<OrderKey>().unwrap(), key);
        assert!("gid://shopify/Order/1".parse::<OrderKey>().is_err());
    }
}
