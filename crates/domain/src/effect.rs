//! Two-phase effects: one row for each change made in the world outside.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::canonical;
use crate::ids::{EffectId, RunId, TicketId};
use crate::run::micros_to_usd;
use crate::time::Timestamp;

/// How far an effect has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectStatus {
    /// Accepted by the gateway; nothing was sent.
    Prepared,
    /// The call may be on its way.
    Executing,
    /// It happened.
    Committed,
    /// Given up before anything was sent.
    Aborted,
    /// The upstream refused.
    Failed,
    /// Sent, and nobody knows yet.
    Unknown,
    /// Look-only: recorded instead of sent.
    NotSent,
}

impl EffectStatus {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Prepared, Self::Executing, Self::Committed, Self::Aborted, Self::Failed, Self::Unknown, Self::NotSent];

    /// The text in rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Executing => "executing",
            Self::Committed => "committed",
            Self::Aborted => "aborted",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotSent => "not_sent",
        }
    }

    /// Reads the text of rows.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether the state machine knows the step from here to `next`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use EffectStatus::{Aborted, Committed, Executing, Failed, NotSent, Prepared, Unknown};
        // `Prepared` becomes `Committed` when the last look finds the thing done already, so that nothing is sent.
        matches!(
            (self, next),
            (Prepared, Executing | Aborted | NotSent | Committed)
                | (Executing, Committed | Failed | Prepared | Unknown)
                | (Unknown, Committed | Failed | Prepared)
        )
    }

    /// Whether the effect still takes up its business key.
    #[must_use]
    pub fn holds_business_key(self) -> bool {
        !matches!(self, Self::Aborted | Self::Failed | Self::NotSent)
    }
}

/// One row of `tower_effects`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// Derived from run, tool and parameters.
    pub effect_id: EffectId,
    /// The run.
    pub run_id: RunId,
    /// The tool.
    pub tool_name: String,
    /// First 16 hex of the hash of the parameters.
    pub params_hash: String,
    /// How far it has come.
    pub status: EffectStatus,
    /// `{"tool","params","call"}`, the text that `payload_hash` is made of.
    pub prepared_payload: Value,
    /// What the model was told.
    pub result_payload: Option<Value>,
    /// The ticket that decides it.
    pub ticket_id: Option<TicketId>,
    /// When it was prepared.
    pub created_at: Timestamp,
    /// When it was committed.
    pub committed_at: Option<Timestamp>,
    /// The model's id of the call.
    pub tool_call_id: Option<String>,
    /// What it does in the world; unique across runs while it holds.
    pub business_key: Option<String>,
    /// When it was last sent.
    pub attempted_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
    /// What is needed to undo it.
    pub undo_payload: Option<Value>,
    /// Must equal the ticket's.
    pub payload_hash: String,
    /// Idempotency key or external id for the upstream.
    pub provider_key: String,
    /// The upstream's id of the thing made.
    pub provider_ref: Option<String>,
    /// How an unclear outcome is settled.
    pub recovery: String,
    /// Level of the goal hierarchy it serves.
    pub goal_level: Option<i64>,
    /// Gate epoch it was prepared or sent under.
    pub gate_epoch: i64,
    /// Rules it was prepared under.
    pub policy_version: String,
    /// Shop margin it moves, minor units.
    pub margin_minor: Option<i64>,
    /// Lease epoch of the attempt.
    pub lease_epoch: Option<i64>,
    /// When it was read back.
    pub reconciled_at: Option<Timestamp>,
}

/// First 16 hex of the hash of the canonical parameters.
#[must_use]
pub fn params_hash(params: &Value) -> String {
    canonical::short_hash(params)
}

/// The effect of a call: first 32 hex of SHA-256 of `run:tool:params_hash`, with `:call` appended when the same call
/// counts as another effect (made again after a failure, or of a repeatable tool).
#[must_use]
pub fn effect_id(run_id: &RunId, tool: &str, params_hash: &str, again: Option<&str>) -> EffectId {
    let text = match again {
        Some(call_id) => format!("{run_id}:{tool}:{params_hash}:{call_id}"),
        None => format!("{run_id}:{tool}:{params_hash}"),
    };
    EffectId::from_hex(&canonical::sha256_hex(text.as_bytes())[..32])
}

/// What an approval binds: `{"tool","params","call"}`.
#[must_use]
pub fn prepared_payload(tool: &str, params: &Value, call: &Value) -> Value {
    json!({"tool": tool, "params": params, "call": call})
}

/// The hash of [`prepared_payload`] that ticket and effect carry, 64 hex.
#[must_use]
pub fn payload_hash(prepared: &Value) -> String {
    canonical::hash(prepared)
}

/// The first binding member of a resolved call that differs from the approved one; all members bind when `binding` is
/// none.
#[must_use]
pub fn first_difference(approved: &Value, now: &Value, binding: Option<&[&str]>) -> Option<String> {
    let differs = |name: &str| approved.get(name) != now.get(name);
    match binding {
        Some(names) => names.iter().find(|name| differs(name)).map(|name| (*name).to_owned()),
        None if approved == now => None,
        None => {
            let keys =
                |value: &Value| value.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
            keys(approved).into_iter().chain(keys(now)).find(|name| differs(name)).or_else(|| Some("call".to_owned()))
        }
    }
}

/// When an unclear effect is read back next, counted from the attempt: at once, then 5, 15, 30, 60 s, then every
/// minute; none after 15 minutes, when a person has to tell.
#[must_use]
pub fn next_look(seconds_since_attempt: i64) -> Option<i64> {
    const LOOKS: [i64; 4] = [5, 15, 30, 60];
    if seconds_since_attempt >= 15 * 60 {
        return None;
    }
    Some(
        LOOKS
            .into_iter()
            .find(|at| *at > seconds_since_attempt)
            .unwrap_or_else(|| (seconds_since_attempt / 60 + 1) * 60),
    )
}

/// A cost in a form for people and JSON.
#[must_use]
pub fn usd(micros: i64) -> f64 {
    micros_to_usd(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_is_named_by_what_it_does_not_by_when() {
        let run: RunId = "run_0123456789abcdef".parse().unwrap();
        let hash = params_hash(&json!({"b": 1, "a": 2}));
        assert_eq!(hash, params_hash(&json!({"a": 2, "b": 1})));
        assert_eq!(effect_id(&run, "t", &hash, None), effect_id(&run, "t", &hash, None));
        assert_ne!(effect_id(&run, "t", &hash, None), effect_id(&run, "t", &hash, Some("c2")));
    }

    #[test]
    fn only_binding_members_can_differ_from_the_approval() {
        let approved = json!({"items": [1], "cost": 5});
        assert_eq!(first_difference(&approved, &json!({"items": [1], "cost": 6}), Some(&["items"])), None);
        assert_eq!(
            first_difference(&approved, &json!({"items": [2], "cost": 5}), Some(&["items"])),
            Some("items".into())
        );
        assert_eq!(first_difference(&approved, &json!({"items": [1], "cost": 6}), None), Some("cost".into()));
    }

    #[test]
    fn unclear_effects_are_read_back_ever_more_slowly_for_a_quarter_of_an_hour() {
        let mut at = 0;
        let mut looks = Vec::new();
        while let Some(next) = next_look(at) {
            looks.push(next);
            at = next;
        }
        assert_eq!(&looks[..6], &[5, 15, 30, 60, 120, 180]);
        assert_eq!(looks.last(), Some(&900));
    }

    #[test]
    fn a_sent_effect_never_becomes_aborted() {
        for from in [EffectStatus::Executing, EffectStatus::Committed, EffectStatus::Unknown, EffectStatus::Failed] {
            assert!(!from.may_become(EffectStatus::Aborted));
        }
        for to in EffectStatus::ALL {
            assert!(!EffectStatus::Committed.may_become(to), "a committed effect is never changed");
        }
    }
}
