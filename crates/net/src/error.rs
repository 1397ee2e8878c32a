//! How a call can fail, told apart by what is known of it afterwards.

use crate::reply::Reply;

/// Why a call did not leave the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSent {
    /// The breaker is open.
    CircuitOpen {
        /// Seconds until it lets a probe through.
        seconds_left: u64,
    },
    /// The name could not be resolved.
    Dns,
    /// The connection was refused, or not made in time, or TLS failed.
    Connect,
    /// The request could not be put together.
    Invalid(&'static str),
    /// The caller's time was up before the attempt began.
    NoTimeLeft,
}

/// What a caller of a mutation knows after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It was not done: nothing left, or the upstream put it off without looking at it. The same call may be made later.
    NotDone,
    /// The upstream looked at it and refused.
    Refused,
    /// It may or may not have been done.
    Unclear,
}

/// A failed call. No variant holds a credential; the reply's body is not part of any text.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// Nothing left the process.
    #[error("{}", not_sent_text(service, *reason))]
    NotSent {
        /// The upstream.
        service: &'static str,
        /// Why.
        reason: NotSent,
        /// What the client saw.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// No complete answer in time.
    #[error("{service}: no answer in time")]
    Timeout {
        /// The upstream.
        service: &'static str,
        /// Whether the request may have been written.
        written: bool,
    },
    /// The connection broke after the request began to be written.
    #[error("{service}: the connection broke")]
    Reset {
        /// The upstream.
        service: &'static str,
        /// What the client saw.
        #[source]
        source: reqwest::Error,
    },
    /// The answer is longer than the cap.
    #[error("{service}: the answer is longer than {limit} bytes")]
    TooLarge {
        /// The upstream.
        service: &'static str,
        /// The cap.
        limit: usize,
    },
    /// A redirect, which no API has reason to send.
    #[error("{service}: answered with redirect {status}, which is not followed")]
    Redirect {
        /// The upstream.
        service: &'static str,
        /// The status.
        status: u16,
    },
    /// An answer with a status outside 200 to 299 (and not a redirect).
    #[error("{service}: answered {}", reply.status.as_u16())]
    Status {
        /// The upstream.
        service: &'static str,
        /// The answer, so that the caller can read the upstream's own error from it.
        reply: Box<Reply>,
        /// The wait that the upstream asked for, in seconds, rounded up.
        retry_after_s: Option<u64>,
    },
    /// An earlier attempt ended unclear and a later one was not made or put off: the sum is unclear.
    #[error("an earlier attempt got no clear answer")]
    AfterUnclear {
        /// How the last attempt ended.
        #[source]
        last: Box<NetError>,
    },
}

impl NetError {
    /// What is known about a mutation after this failure.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        match self {
            Self::NotSent { .. } | Self::Timeout { written: false, .. } => Certainty::NotDone,
            Self::Status { reply, .. } => match reply.status.as_u16() {
                429 => Certainty::NotDone,
                400..=499 => Certainty::Refused,
                _ => Certainty::Unclear,
            },
            Self::Timeout { .. }
            | Self::Reset { .. }
            | Self::TooLarge { .. }
            | Self::Redirect { .. }
            | Self::AfterUnclear { .. } => Certainty::Unclear,
        }
    }

    /// The status, when there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { reply, .. } => Some(reply.status.as_u16()),
            Self::Redirect { status, .. } => Some(*status),
            Self::AfterUnclear { last } => last.status(),
            _ => None,
        }
    }

    /// The answer, when there was a complete one.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Status { reply, .. } => Some(reply),
            Self::AfterUnclear { last } => last.reply(),
            _ => None,
        }
    }

    /// Seconds after which it is worth trying again, when the upstream or its breaker said so.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Status { retry_after_s, .. } => *retry_after_s,
            Self::NotSent { reason: NotSent::CircuitOpen { seconds_left }, .. } => Some(*seconds_left),
            Self::AfterUnclear { last } => last.retry_after_s(),
            _ => None,
        }
    }

    /// Stable name of the kind of failure, for spans, results and tables.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSent { reason: NotSent::CircuitOpen { .. }, .. } => "circuit_open",
            Self::NotSent { .. } => "not_sent",
            Self::Timeout { .. } => "timeout",
            Self::Reset { .. } => "reset",
            Self::TooLarge { .. } => "too_large",
            Self::Redirect { .. } => "redirect",
            Self::Status { .. } => "status",
            Self::AfterUnclear { .. } => "unclear",
        }
    }
}

fn not_sent_text(service: &str, reason: NotSent) -> String {
    match reason {
        NotSent::CircuitOpen { seconds_left } => format!("circuit open: {service} ({seconds_left} s left)"),
        NotSent::Dns => format!("{service}: the host name was not found"),
        NotSent::Connect => format!("{service}: no connection"),
        NotSent::Invalid(what) => format!("{service}: {what}"),
        NotSent::NoTimeLeft => format!("{service}: no time left"),
    }
}
