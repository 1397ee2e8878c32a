//! Planted faults: which upstream misbehaves next, how, and how often.

use serde::{Deserialize, Serialize};

/// The upstreams a fault can be planted at.
pub const UPSTREAMS: [&str; 7] = ["shopify", "stripe", "printful", "anthropic", "openai", "ollama", "webhooks"];

/// How an upstream misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The listener is closed for a while: connection refused.
    Refuse,
    /// The request is acted on, the answer comes late.
    Delay,
    /// The request is acted on, then the connection closes without an answer.
    DropReply,
    /// The next webhook comes twice with one id.
    Duplicate,
    /// 429 with the provider's own reset header; not acted on.
    RateLimit,
    /// The provider's answer for exhausted credit; not acted on.
    Credit,
    /// The request is acted on, the answer's body is cut.
    Malformed,
    /// 500 without acting.
    Error,
    /// The request is acted on, the answer breaks off in the middle with the connection.
    BreakStream,
    /// The provider has no room: a streamed answer ends in the middle with its error event, another is refused (529).
    Overloaded,
}

impl FaultKind {
    /// Whether it hits the whole server, its models included, and not what a model says.
    #[must_use]
    pub fn is_of_the_server(self) -> bool {
        matches!(self, Self::Delay | Self::DropReply | Self::Refuse)
    }

    fn is_possible_at(self, upstream: &str) -> bool {
        match self {
            Self::Duplicate => matches!(upstream, "shopify" | "stripe" | "printful" | "webhooks"),
            Self::Delay | Self::DropReply => true,
            Self::BreakStream => matches!(upstream, "anthropic" | "openai" | "ollama"),
            Self::Overloaded => upstream == "anthropic",
            _ => upstream != "webhooks",
        }
    }
}

/// A fault that has just fallen due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// For how many seconds of real time, or how long until the limit resets.
    pub seconds: u32,
}

/// A fault that waits for its turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planted {
    /// Where.
    pub upstream: String,
    /// How.
    pub kind: FaultKind,
    /// How often it still happens.
    pub times: u32,
    /// How many requests pass unharmed before.
    pub after: u32,
    /// Length, seconds; absent means the kind's own default.
    pub seconds: Option<u32>,
}

impl Planted {
    fn fault(&self) -> Fault {
        let default = match self.kind {
            FaultKind::Delay => 40,
            FaultKind::Refuse => 30,
            _ => 5,
        };
        Fault { kind: self.kind, seconds: self.seconds.unwrap_or(default) }
    }
}

/// Why a fault was not planted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultRefused {
    /// No such upstream.
    #[error("there is no upstream `{0}`; there are shopify, stripe, printful, anthropic, openai, ollama and webhooks")]
    Upstream(String),
    /// The upstream has no way of failing like that.
    #[error("`{kind}` means nothing for `{upstream}`")]
    Meaningless {
        /// Where.
        upstream: String,
        /// How.
        kind: String,
    },
}

/// All planted faults, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultBook(Vec<Planted>);

impl FaultBook {
    /// Plants `fault`.
    ///
    /// # Errors
    /// When the upstream is unknown or cannot fail in that way.
    pub fn plant(&mut self, fault: Planted) -> Result<(), FaultRefused> {
        if !UPSTREAMS.contains(&fault.upstream.as_str()) {
            return Err(FaultRefused::Upstream(fault.upstream));
        }
        if !fault.kind.is_possible_at(&fault.upstream) {
            let kind = serde_json::to_value(fault.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
            return Err(FaultRefused::Meaningless { upstream: fault.upstream, kind: kind.unwrap_or_default() });
        }
        if fault.times > 0 {
            self.0.push(fault);
        }
        Ok(())
    }

    /// The fault that hits a request to `upstream` now, if one is due. The oldest planted one counts down alone, so
    /// two faults planted one after the other also happen one after the other.
    pub fn take(&mut self, upstream: &str) -> Option<Fault> {
        self.take_if(upstream, |kind| kind != FaultKind::Duplicate)
    }

    /// As [`FaultBook::take`], among the kinds that are `wanted` alone.
    pub fn take_if(&mut self, upstream: &str, wanted: impl Fn(FaultKind) -> bool) -> Option<Fault> {
        let at = self.0.iter().position(|planted| planted.upstream == upstream && wanted(planted.kind))?;
        let planted = &mut self.0[at];
        if planted.after > 0 {
            planted.after -= 1;
            return None;
        }
        let fault = planted.fault();
        planted.times -= 1;
        if planted.times == 0 {
            self.0.remove(at);
        }
        Some(fault)
    }

    /// The fault that hits a webhook of `provider`: those of `webhooks`, and a `duplicate` of the provider itself.
    pub fn take_for_webhook(&mut self, provider: &str) -> Option<Fault> {
        self.take_if("webhooks", |_| true).or_else(|| self.take_if(provider, |kind| kind == FaultKind::Duplicate))
    }

    /// The `refuse` faults that need no request to fall due: those planted without `after`.
    pub fn take_refusals(&mut self) -> Vec<(String, Fault)> {
        let mut due = Vec::new();
        self.0.retain(|planted| {
            let now = planted.kind == FaultKind::Refuse && planted.after == 0;
            if now {
                due.push((planted.upstream.clone(), planted.fault()));
            }
            !now
        });
        due
    }

    /// What is planted and has not happened yet.
    #[must_use]
    pub fn planted(&self) -> &[Planted] {
        &self.0
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(upstream: &str, kind: FaultKind, times: u32, after: u32) -> Planted {
        Planted { upstream: upstream.to_owned(), kind, times, after, seconds: None }
    }

    #[test]
    fn a_fault_happens_as_often_as_planted_and_after_as_many_requests() {
        let mut book = FaultBook::default();
        book.plant(planted("stripe", FaultKind::Error, 2, 1)).unwrap();
        assert_eq!(book.take("shopify"), None);
        assert_eq!(book.take("stripe"), None);
        assert_eq!(book.take("stripe").map(|fault| fault.kind), Some(FaultKind::Error));
        assert_eq!(book.take("stripe").map(|fault| fault.kind), Some(FaultKind::Error));
        assert_eq!(book.take("stripe"), None);
        assert!(book.planted().is_empty());
    }

    #[test]
    fn a_duplicate_waits_for_a_webhook_and_not_for_a_request() {
        let mut book = FaultBook::default();
        book.plant(planted("shopify", FaultKind::Duplicate, 1, 0)).unwrap();
        assert_eq!(book.take("shopify"), None);
        assert_eq!(book.take_for_webhook("stripe"), None);
        assert_eq!(book.take_for_webhook("shopify").map(|fault| fault.kind), Some(FaultKind::Duplicate));
    }

    #[test]
    fn an_upstream_that_cannot_fail_like_that_is_refused() {
        let mut book = FaultBook::default();
        assert!(matches!(book.plant(planted("mail", FaultKind::Error, 1, 0)), Err(FaultRefused::Upstream(_))));
        assert!(matches!(
            book.plant(planted("openai", FaultKind::Duplicate, 1, 0)),
            Err(FaultRefused::Meaningless { .. })
        ));
        assert!(matches!(
            book.plant(planted("webhooks", FaultKind::Credit, 1, 0)),
            Err(FaultRefused::Meaningless { .. })
        ));
        for (upstream, kind) in [("stripe", FaultKind::BreakStream), ("openai", FaultKind::Overloaded)] {
            assert!(matches!(book.plant(planted(upstream, kind, 1, 0)), Err(FaultRefused::Meaningless { .. })));
        }
    }
}
