//! The upstreams that the rehearsal world can play, and who answers in their name.

use std::fmt;

/// An upstream that is either real or played by the rehearsal world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Upstream {
    /// The shop.
    Shopify,
    /// Payments.
    Stripe,
    /// Printing.
    Printful,
    /// Models of Anthropic.
    Anthropic,
    /// Models of OpenAI.
    OpenAi,
    /// Local models.
    Ollama,
}

impl Upstream {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Shopify, Self::Stripe, Self::Printful, Self::Anthropic, Self::OpenAi, Self::Ollama];

    /// The name in settings, commands and `runtime.json`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::Stripe => "stripe",
            Self::Printful => "printful",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|upstream| upstream.as_str() == word)
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who answers in an upstream's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wiring {
    /// The upstream, or whatever answers at the base URL that was set for it.
    Real {
        /// Base URL that replaces the upstream's own.
        base_url: Option<String>,
    },
    /// The rehearsal world.
    Rehearsed,
    /// Nobody: it counts as not configured.
    Absent,
}
