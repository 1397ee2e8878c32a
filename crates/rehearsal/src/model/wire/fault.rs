//! Planted faults, as this provider shows them.

use super::refusal::Refusal;
use crate::fault::FaultKind;
use crate::model_host::ModelHost;

/// What a fault does to an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spoil {
    /// It takes the answer's place.
    Refuse(Refusal),
    /// It cuts the answer off.
    Cut,
    /// It closes the connection without an answer.
    HangUp,
}

/// The fault that is due, if any.
pub(super) fn take(host: &dyn ModelHost) -> Option<Spoil> {
    let fault = host.take_fault("openai")?;
    match fault.kind {
        FaultKind::RateLimit => Some(Spoil::Refuse(Refusal::RateLimited(u64::from(fault.seconds)))),
        FaultKind::Credit => Some(Spoil::Refuse(Refusal::OutOfCredit)),
        FaultKind::Error => Some(Spoil::Refuse(Refusal::Server)),
        FaultKind::Malformed => Some(Spoil::Cut),
        FaultKind::DropReply => Some(Spoil::HangUp),
        // The listener's business; they never come out of the host.
        FaultKind::Refuse | FaultKind::Delay | FaultKind::Duplicate => None,
    }
}

/// Cuts `text` in the middle.
pub(super) fn cut(text: &mut String) {
    let mut end = text.len() / 2;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}
