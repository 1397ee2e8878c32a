//! `/agent/invoke`, `/agent/batch`: a conversation handed in becomes a run of the active workflow.

use axum::Json;
use axum::extract::State;
use domain::codes::Code;
use domain::state::RunState;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::agents::start::{DEFAULT_PRIORITY, MAX_METADATA_BYTES, checked_state};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{By, Json as Body};
use crate::openapi::{Operation, schema};
use crate::ports::{AppError, FieldError, StartRun};

/// Most inputs of one batch.
const MAX_BATCH: usize = 20;
/// Longest name made from a message, characters.
const MAX_NAME_CHARS: usize = 80;
/// Name of a run whose last message has no text.
const NO_NAME: &str = "API invocation";

/// One conversation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvokeBody {
    input: Map<String, Value>,
    config: Option<Map<String, Value>>,
}

/// Several, with one configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchBody {
    inputs: Vec<Map<String, Value>>,
    config: Option<Map<String, Value>>,
}

impl InvokeBody {
    /// The run that this conversation becomes.
    ///
    /// # Errors
    /// `invalid_body` for wrong members or a conversation without text, `rule_broken` for a configuration too large.
    pub(super) fn check(self, subject: &str) -> Result<StartRun, ApiError> {
        let config = checked_config(self.config)?;
        asked(self.input, "input", &config, subject)
    }
}

impl BatchBody {
    fn check(self, subject: &str) -> Result<Vec<StartRun>, ApiError> {
        let config = checked_config(self.config)?;
        if !(1..=MAX_BATCH).contains(&self.inputs.len()) {
            return Err(AppError::rules(vec![format!("inputs has 1 to {MAX_BATCH} members")]).into());
        }
        let inputs = self.inputs.into_iter().enumerate();
        inputs.map(|(index, input)| asked(input, &format!("inputs[{index}]"), &config, subject)).collect()
    }
}

fn checked_config(config: Option<Map<String, Value>>) -> Result<Map<String, Value>, ApiError> {
    let config = config.unwrap_or_default();
    let bytes = serde_json::to_string(&config).map_or(usize::MAX, |text| text.len());
    if bytes > MAX_METADATA_BYTES {
        return Err(AppError::rules(vec!["config has at most 16 KiB".to_owned()]).into());
    }
    Ok(config)
}

fn asked(
    input: Map<String, Value>,
    at: &str,
    config: &Map<String, Value>,
    subject: &str,
) -> Result<StartRun, ApiError> {
    let input_state = RunState::new(checked_state(input, at)?);
    let messages = input_state.messages();
    if messages.iter().all(|message| message.content.trim().is_empty()) {
        let missing = FieldError::new(format!("{at}.messages"), "needs at least one message with text");
        return Err(ApiError::fields(Code::InvalidBody, vec![missing]));
    }
    let last = messages.last().map(|message| message.content.trim()).unwrap_or_default();
    let run_name = if last.is_empty() { NO_NAME.to_owned() } else { last.chars().take(MAX_NAME_CHARS).collect() };
    let metadata = json!({"source": "agent_invoke", "config": config, "actor": subject});
    Ok(StartRun {
        workflow_id: None,
        input_state,
        run_name: Some(run_name),
        metadata: metadata.as_object().cloned().unwrap_or_default(),
        created_by: "api".to_owned(),
        priority: DEFAULT_PRIORITY,
        serial_key: None,
        idempotency: None,
    })
}

/// POST `/agent/invoke`
pub async fn invoke(State(app): State<App>, By(by): By, body: Body<InvokeBody>) -> Result<Json<Value>, ApiError> {
    let started = app.tower.start_run(&by, body.value.check(&by.subject)?).await?;
    let message = format!("Run queued; GET /tower/runs/{} follows it", started.run_id);
    Ok(Json(json!({"output": {"run_id": started.run_id, "status": started.status, "message": message}})))
}

pub(super) fn with_input(operation: Operation) -> Operation {
    let body = schema::request(&["input"], &[("input", input_schema()), ("config", schema::any_object())]);
    let example =
        json!({"input": {"messages": [{"role": "user", "content": "How many orders came in today?"}]}, "config": {}});
    operation.body(body, example).refuses(&[Code::RuleBroken, Code::UnknownWorkflow])
}

fn input_schema() -> Value {
    let messages = schema::list(schema::named("Message"));
    json!({"type": "object", "required": ["messages"], "properties": {"messages": messages, "trigger_payload": schema::any_object()}})
}

pub(crate) fn invoke_doc() -> Operation {
    let output =
        schema::object(&[("run_id", schema::run_id()), ("status", schema::run_status()), ("message", schema::text())]);
    with_input(Operation::new("invoke_agent", "Invocation", "Hands a conversation to the active workflow"))
        .describe("Answers at once; the run goes on by itself. Open to the role `webhook` too.")
        .answer(200, "Queued", schema::object(&[("output", output)]))
}

/// POST `/agent/batch`
pub async fn batch(State(app): State<App>, By(by): By, body: Body<BatchBody>) -> Result<Json<Value>, ApiError> {
    // All of them are looked at before the first is started.
    let starts = body.value.check(&by.subject)?;
    let mut output = Vec::with_capacity(starts.len());
    for start in starts {
        let started = app.tower.start_run(&by, start).await?;
        output.push(json!({"run_id": started.run_id, "status": started.status}));
    }
    Ok(Json(json!({"output": output})))
}

pub(crate) fn batch_doc() -> Operation {
    let inputs = json!({"type": "array", "items": input_schema(), "minItems": 1, "maxItems": MAX_BATCH});
    let body = schema::request(&["inputs"], &[("inputs", inputs), ("config", schema::any_object())]);
    let one = schema::object(&[("run_id", schema::run_id()), ("status", schema::run_status())]);
    Operation::new("invoke_agent_batch", "Invocation", "Hands up to 20 conversations to the active workflow")
        .describe("One run for each, in the order of the inputs. Open to the role `webhook` too.")
        .body(
            body,
            json!({"inputs": [{"messages": ["How many orders came in today?"]}, {"messages": ["And yesterday?"]}]}),
        )
        .answer(200, "Queued", schema::object(&[("output", schema::list(one))]))
        .refuses(&[Code::RuleBroken, Code::UnknownWorkflow])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: Value) -> Result<StartRun, ApiError> {
        serde_json::from_value::<InvokeBody>(body).unwrap().check("owner")
    }

    #[test]
    fn the_last_message_names_the_run() {
        let long = "é".repeat(200);
        for (messages, name) in [
            (json!(["first", "second"]), "second".to_owned()),
            (json!([{"role": "user", "content": long}]), "é".repeat(80)),
            (json!([{"type": "human", "content": "text"}, {"type": "ai", "content": " "}]), NO_NAME.to_owned()),
        ] {
            assert_eq!(check(json!({"input": {"messages": messages}})).unwrap().run_name, Some(name));
        }
    }

    #[test]
    fn a_conversation_without_text_is_refused_by_name() {
        for input in [json!({}), json!({"messages": []}), json!({"messages": [" \n"]}), json!({"note": "x"})] {
            let error = check(json!({"input": input})).unwrap_err();
            assert_eq!(error.code(), Code::InvalidBody);
            assert!(format!("{error:?}").contains("input.messages"), "{error:?}");
        }
    }

    #[test]
    fn the_configuration_is_kept_and_the_actor_is_the_token() {
        let start = check(json!({"input": {"messages": ["x"]}, "config": {"tags": ["a"], "actor": "other"}})).unwrap();
        let wanted = json!({"source": "agent_invoke", "config": {"tags": ["a"], "actor": "other"}, "actor": "owner"});
        assert_eq!(Value::Object(start.metadata), wanted);
        let large = check(json!({"input": {"messages": ["x"]}, "config": {"x": "y".repeat(20_000)}}));
        assert_eq!(large.unwrap_err().code(), Code::RuleBroken);
    }

    #[test]
    fn a_batch_has_one_to_twenty_inputs_and_names_the_wrong_one() {
        let batch = |inputs: Value| serde_json::from_value::<BatchBody>(json!({"inputs": inputs})).unwrap().check("o");
        let good = json!({"messages": ["x"]});
        assert_eq!(batch(json!(vec![good.clone(); 20])).unwrap().len(), 20);
        assert_eq!(batch(json!(vec![good.clone(); 21])).unwrap_err().code(), Code::RuleBroken);
        assert_eq!(batch(json!([])).unwrap_err().code(), Code::RuleBroken);
        let error = batch(json!([good, {"messages": [1]}])).unwrap_err();
        assert!(format!("{error:?}").contains("inputs[1].messages[0]"), "{error:?}");
    }
}
