//! The body of a start request: its forms and its rules.

use domain::codes::Code;
use domain::message::{Message, Speaker};
use domain::state::RunState;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::ports::{AppError, FieldError, IdempotencyKey, StartRun};

const MAX_NAME_CHARS: usize = 200;
const MAX_CREATOR_CHARS: usize = 64;
const MAX_SERIAL_KEY_CHARS: usize = 200;
pub(super) const MAX_METADATA_BYTES: usize = 16 * 1024;
pub(super) const DEFAULT_PRIORITY: i64 = 5;
/// Names in `metadata` that the engine sets itself.
const ENGINE_METADATA: [&str; 4] = ["job_id", "retry_of", "fork_of", "actor"];
/// Executes one stored call; only the program itself may start it.
const RESERVED_WORKFLOW: &str = "holly_action";

/// The body as it is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartBody {
    input_state: Option<Map<String, Value>>,
    workflow_id: Option<String>,
    run_name: Option<String>,
    metadata: Option<Map<String, Value>>,
    created_by: Option<String>,
    priority: Option<i64>,
    serial_key: Option<String>,
}

impl StartBody {
    /// Checks the body and turns it into the question to the engine; `subject` is the token's.
    ///
    /// # Errors
    /// `invalid_body` for a missing state or wrong members of it, `rule_broken` and `unknown_workflow` for values.
    pub fn check(self, subject: &str, idempotency: Option<IdempotencyKey>) -> Result<StartRun, ApiError> {
        let input_state = self.input_state.filter(|state| !state.is_empty()).ok_or_else(|| {
            let required = FieldError::new("input_state", "is required");
            ApiError::from(AppError::because(Code::InvalidBody, "input_state is required").with_details(vec![required]))
        })?;
        let input_state = checked_state(input_state, "input_state")?;
        if self.workflow_id.as_deref() == Some(RESERVED_WORKFLOW) {
            return Err(ApiError::because(Code::UnknownWorkflow, "This workflow cannot be started from outside"));
        }

        let mut broken = Vec::new();
        let mut require = |holds: bool, rule: String| {
            if !holds {
                broken.push(rule);
            }
        };
        let within = |text: Option<&String>, max: usize| text.is_none_or(|text| text.chars().count() <= max);
        require(
            within(self.run_name.as_ref(), MAX_NAME_CHARS),
            format!("run_name has at most {MAX_NAME_CHARS} characters"),
        );
        require(
            within(self.created_by.as_ref(), MAX_CREATOR_CHARS),
            format!("created_by has at most {MAX_CREATOR_CHARS} characters"),
        );
        require(
            self.serial_key.as_ref().is_none_or(|key| !key.is_empty() && key.chars().count() <= MAX_SERIAL_KEY_CHARS),
            format!("serial_key has 1 to {MAX_SERIAL_KEY_CHARS} characters"),
        );
        require(self.priority.is_none_or(|priority| (0..=10).contains(&priority)), "priority is 0 to 10".to_owned());
        let mut metadata = self.metadata.unwrap_or_default();
        let metadata_bytes = serde_json::to_string(&metadata).map_or(usize::MAX, |text| text.len());
        require(metadata_bytes <= MAX_METADATA_BYTES, "metadata has at most 16 KiB".to_owned());
        let timeout = metadata.get("timeout_seconds");
        require(
            timeout.is_none_or(|value| value.as_i64().is_some_and(|seconds| (1..=600).contains(&seconds))),
            "metadata.timeout_seconds is 1 to 600".to_owned(),
        );
        require(metadata.get("limits").is_none_or(Value::is_object), "metadata.limits is an object".to_owned());
        if !broken.is_empty() {
            return Err(AppError::rules(broken).into());
        }

        for name in ENGINE_METADATA {
            metadata.remove(name);
        }
        metadata.insert("actor".to_owned(), json!(subject));
        Ok(StartRun {
            workflow_id: self.workflow_id,
            input_state: RunState::new(input_state),
            run_name: self.run_name,
            metadata,
            created_by: self.created_by.unwrap_or_else(|| "api".to_owned()),
            priority: self.priority.unwrap_or(DEFAULT_PRIORITY),
            serial_key: self.serial_key,
            idempotency,
        })
    }
}

/// An initial state with its messages in the stored form; `at` is where it stands in the body.
///
/// # Errors
/// `invalid_body` that names every wrong member.
pub(super) fn checked_state(mut state: Map<String, Value>, at: &str) -> Result<Map<String, Value>, ApiError> {
    let mut wrong: Vec<FieldError> = state
        .keys()
        .filter(|name| name.starts_with('_'))
        .map(|name| {
            FieldError::new(format!("{at}.{name}"), "members that start with an underscore belong to the engine")
        })
        .collect();
    if let Some(messages) = state.get_mut("messages") {
        match messages.as_array_mut() {
            Some(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    match stored_form(item) {
                        Some(stored) => *item = stored,
                        None => wrong.push(FieldError::new(
                            format!("{at}.messages[{index}]"),
                            "expected a text, {\"type\",\"content\"} or {\"role\",\"content\"}",
                        )),
                    }
                }
            }
            None => wrong.push(FieldError::new(format!("{at}.messages"), "expected a list")),
        }
    }
    if state.get("trigger_payload").is_some_and(|payload| !payload.is_object()) {
        wrong.push(FieldError::new(format!("{at}.trigger_payload"), "expected an object"));
    }
    if wrong.is_empty() { Ok(state) } else { Err(ApiError::fields(Code::InvalidBody, wrong)) }
}

/// A message in any of the accepted forms, as it is stored.
fn stored_form(item: &Value) -> Option<Value> {
    if let Some(text) = item.as_str() {
        return serde_json::to_value(Message::human(text)).ok();
    }
    if item.get("type").is_some() {
        return serde_json::to_value(Message::deserialize(item).ok()?).ok();
    }
    let speaker = match item.get("role")?.as_str()? {
        "user" => Speaker::Human,
        "assistant" => Speaker::Ai,
        "system" => Speaker::System,
        _ => return None,
    };
    let content = item.get("content")?.as_str()?;
    serde_json::to_value(Message { speaker, ..Message::human(content) }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: Value) -> Result<StartRun, ApiError> {
        serde_json::from_value::<StartBody>(body).unwrap().check("owner", None)
    }

    #[test]
    fn three_forms_of_a_message_are_stored_in_one() {
        let messages = json!(["a", {"type": "ai", "content": "b"}, {"role": "user", "content": "c"}]);
        let start = check(json!({"input_state": {"messages": messages}})).unwrap();
        let wanted = json!([{"type": "human", "content": "a"}, {"type": "ai", "content": "b"}, {"type": "human", "content": "c"}]);
        assert_eq!(start.input_state.get("messages"), Some(&wanted));
    }

    #[test]
    fn the_actor_is_the_token_whatever_the_metadata_says() {
        let start =
            check(json!({"input_state": {"a": 1}, "metadata": {"actor": "somebody", "retry_of": "x", "note": "kept"}}))
                .unwrap();
        assert_eq!(Value::Object(start.metadata), json!({"actor": "owner", "note": "kept"}));
        assert_eq!((start.priority, start.created_by.as_str()), (5, "api"));
    }

    #[test]
    fn every_broken_rule_is_listed() {
        let error = check(json!({
            "input_state": {"a": 1}, "priority": 11, "serial_key": "", "run_name": "x".repeat(201),
            "metadata": {"timeout_seconds": 601, "limits": 1},
        }))
        .unwrap_err();
        assert_eq!(error.code(), Code::RuleBroken);
    }

    #[test]
    fn engine_members_and_shapeless_messages_are_refused() {
        for state in [
            json!({"_budget_tracker": {}}),
            json!({"messages": "x"}),
            json!({"messages": [1]}),
            json!({"messages": [{"role": "root", "content": ""}]}),
        ] {
            assert_eq!(check(json!({"input_state": state})).unwrap_err().code(), Code::InvalidBody);
        }
        for body in [json!({}), json!({"input_state": {}}), json!({"input_state": null})] {
            assert_eq!(check(body).unwrap_err().code(), Code::InvalidBody);
        }
    }
}
