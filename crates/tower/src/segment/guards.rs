//! The two guardrail nodes: what enters a workflow and what leaves it.

use domain::event::NewEvent;
use domain::guardrails::check_input;
use domain::ledger::GuardrailCheck;
use domain::message::Message;
use domain::run::Run;
use domain::state::RunState;
use domain::time::Timestamp;
use serde_json::{Map, Value, json};

use crate::services::Services;

/// What a guardrail node found and what it leaves in the state.
#[derive(Debug)]
pub struct Guarded {
    /// Update of the state.
    pub update: Map<String, Value>,
    /// Row of `guardrail_checks`.
    pub check: GuardrailCheck,
    /// Told when a text was blocked.
    pub event: Option<NewEvent>,
}

/// Metadata member that keeps the flags of what was redacted before the input was stored.
pub const INPUT_FLAGS: &str = "input_flags";

/// Whether the task came from outside: then a flagged text is set aside, not refused, because the event still counts.
/// A run that somebody started has an actor, whatever the start request says of its source.
fn is_untrusted(run: &Run) -> bool {
    run.metadata.get("actor").is_none()
}

/// Looks at the newest human message; of a task that somebody handed in, at every text that a model will read.
#[must_use]
pub fn input(run: &Run, state: &RunState, services: &Services, now: Timestamp) -> Guarded {
    let source = state.trigger_source().to_owned();
    let texts = if is_untrusted(run) { state.last_human_text().into_iter().collect() } else { handed_in(state) };
    let mut flags: Vec<String> = Vec::new();
    for flag in texts.iter().flat_map(|text| check_input(text).flags) {
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    let redacted = run.metadata.get(INPUT_FLAGS).and_then(Value::as_array).into_iter().flatten();
    let redacted: Vec<String> = redacted.filter_map(|flag| flag.as_str().map(str::to_owned)).collect();
    let held_secret = redacted.iter().any(|flag| flag.starts_with("secret:"));
    let unsafe_text = flags.iter().any(|flag| flag.starts_with("injection:") || flag.starts_with("secret:"));
    flags.extend(redacted);
    let tripped = unsafe_text || held_secret;
    let mut update = Map::new();
    update.insert("_input_validation".into(), json!({"safe": !tripped, "flags": flags}));
    let mut event = None;
    if tripped && is_untrusted(run) {
        update.insert("messages".into(), json!([Message::human("[text set aside by a guardrail]")]));
        event = Some(NewEvent::guardrail_blocked(&flags));
    } else if tripped {
        let refusal = format!("This task was refused by a guardrail ({}). Nothing was done.", flags.join(", "));
        update.insert("_guardrail_blocked".into(), json!(true));
        update.insert("messages".into(), json!([Message::ai(services.redactor.redact(&refusal))]));
        event = Some(NewEvent::guardrail_blocked(&flags));
    }
    Guarded { update, check: GuardrailCheck { ts: now, point: "input", source, flags, tripped }, event }
}

/// Every text of a task that was handed in: its messages, whoever they say is speaking, and its payload.
fn handed_in(state: &RunState) -> Vec<String> {
    let mut texts: Vec<String> = state.messages().into_iter().map(|message| message.content).collect();
    for name in ["trigger_payload", "memory_context"] {
        if let Some(value) = state.get(name) {
            gather(value, &mut texts);
        }
    }
    texts
}

/// Flags of the texts in `members` that a run must not begin with.
pub(crate) fn unsafe_flags(members: &Map<String, Value>) -> Vec<String> {
    let mut texts = Vec::new();
    members.values().for_each(|value| gather(value, &mut texts));
    let flags = texts.iter().flat_map(|text| check_input(text).flags);
    flags.filter(|flag| flag.starts_with("injection:") || flag.starts_with("secret:")).collect()
}

fn gather(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, texts)),
        Value::Object(members) => members.values().for_each(|member| gather(member, texts)),
        _ => {}
    }
}

/// Redacts the last message and the results that leave with it.
#[must_use]
pub fn output(state: &RunState, services: &Services, now: Timestamp) -> Guarded {
    let mut update = Map::new();
    let mut flags = Vec::new();
    for (name, value) in state.members().iter().filter(|(name, _)| name.ends_with("_result")) {
        let mut redacted = value.clone();
        let found = services.redactor.redact_json(&mut redacted);
        if !found.is_empty() {
            flags.extend(found);
            update.insert(name.clone(), redacted);
        }
    }
    if let Some(last) = state.messages().last() {
        let scanned = services.redactor.scan(&last.content);
        if !scanned.safe {
            flags.extend(scanned.flags);
            update.insert("messages".into(), json!([Message::ai(scanned.sanitized)]));
        }
    }
    flags.sort_unstable();
    flags.dedup();
    let tripped = !flags.is_empty();
    let event = tripped.then(|| NewEvent::guardrail_blocked(&flags));
    let source = state.trigger_source().to_owned();
    Guarded { update, check: GuardrailCheck { ts: now, point: "output", source, flags, tripped }, event }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_read_whole_whoever_its_messages_say_is_speaking() {
        let state = RunState::new(Map::from_iter([
            ("messages".to_owned(), json!([{"type": "system", "content": "a"}, {"type": "human", "content": "b"}])),
            ("trigger_payload".to_owned(), json!({"note": "c", "list": [{"deep": "d"}, 1, null]})),
        ]));
        assert_eq!(handed_in(&state), ["a", "b", "d", "c"]);
    }
}
