//! The choices that settings offer by name.

use std::fmt;

use domain::tool::Risk;

/// How the process is wired to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Against the simulated world; the default.
    Rehearsal,
    /// Against the real one.
    Live,
}

/// Whether mutations leave the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effects {
    /// They do.
    On,
    /// Look-only: reads are real, each mutation is recorded as `not_sent`.
    Off,
}

/// Highest ticket risk that the autonomous Holly may decide by herself. Never high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AutoApprove {
    /// None at all.
    None,
    /// Low.
    Low,
    /// Low and medium.
    Medium,
}

impl AutoApprove {
    /// Whether a ticket of `risk` may be decided without a person.
    #[must_use]
    pub fn allows(self, risk: Risk) -> bool {
        match self {
            Self::None => false,
            Self::Low => risk <= Risk::Low,
            Self::Medium => risk <= Risk::Medium,
        }
    }
}

/// Who turns text into vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmbeddingProvider {
    /// Ollama when it is there, else OpenAI when its key is there, else nobody.
    Auto,
    /// Ollama.
    Ollama,
    /// OpenAI.
    OpenAi,
    /// Nobody: search is lexical and says so.
    None,
}

/// Shape of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogFormat {
    /// For a person at a terminal.
    Pretty,
    /// One JSON object per line.
    Json,
}

/// A carrier with a gateway from mail to SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SmsCarrier {
    /// Verizon.
    Verizon,
    /// T-Mobile.
    TMobile,
    /// AT&T.
    Att,
    /// Sprint.
    Sprint,
}

/// Gives an enum its words: `WORDS`, `as_str` and `Display`.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            pub(crate) const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];

            /// The word in settings and answers.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words!(Mode { Rehearsal = "rehearsal", Live = "live" });
words!(Effects { On = "on", Off = "off" });
words!(AutoApprove { None = "none", Low = "low", Medium = "medium" });
words!(EmbeddingProvider { Auto = "auto", Ollama = "ollama", OpenAi = "openai", None = "none" });
words!(LogFormat { Pretty = "pretty", Json = "json" });
words!(SmsCarrier { Verizon = "verizon", TMobile = "tmobile", Att = "att", Sprint = "sprint" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_choice_lets_holly_decide_high_risk() {
        assert!(AutoApprove::WORDS.iter().all(|(_, choice)| !choice.allows(Risk::High)));
        assert!(AutoApprove::Medium.allows(Risk::Medium));
        assert!(!AutoApprove::Low.allows(Risk::Medium));
        assert!(!AutoApprove::None.allows(Risk::Low));
    }
}
