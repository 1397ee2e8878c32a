//! Members that say how to answer: which are known, and which the model takes.

use serde_json::Value;

use super::fields::Fields;
use super::models::Traits;
use super::refusal::Problem;

/// Members of a request for a count of tokens.
const TO_COUNT: [&str; 8] =
    ["model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control"];
/// Further members of a request for an answer.
const TO_ANSWER: [&str; 8] =
    ["max_tokens", "metadata", "service_tier", "stop_sequences", "stream", "temperature", "top_k", "top_p"];
/// Least budget for thinking.
const LEAST_BUDGET: u64 = 1_024;

/// Refuses members the provider does not know.
pub(super) fn only_known(fields: &Fields<'_>, to_answer: bool) -> Result<(), Problem> {
    let further: &[&str] = if to_answer { &TO_ANSWER } else { &[] };
    let known: Vec<&str> = TO_COUNT.iter().chain(further).copied().collect();
    fields.only(&known)?;
    if fields.get("cache_control").is_some() {
        return Err(fields.problem("cache_control", "the rehearsal takes marks on blocks only"));
    }
    Ok(())
}

/// Texts at which the answer is to end.
pub(super) fn stop_sequences(fields: &Fields<'_>) -> Result<Vec<String>, Problem> {
    if fields.get("stop_sequences").is_none() {
        return Ok(Vec::new());
    }
    fields
        .list("stop_sequences")?
        .iter()
        .map(|stop| match stop.as_str() {
            Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
            Some(_) => Err(fields.problem("stop_sequences", "each stop sequence must contain non-whitespace")),
            None => Err(fields.problem("stop_sequences", "Input should be a list of valid strings")),
        })
        .collect()
}

/// Checks how the answer is to be made; whether it is to be JSON. Without `max_tokens` nothing is answered.
pub(super) fn check(fields: &Fields<'_>, traits: &Traits, max_tokens: Option<u64>) -> Result<bool, Problem> {
    let temperature = fields.fraction("temperature")?;
    let top_p = fields.fraction("top_p")?;
    if fields.get("top_k").is_some() {
        fields.integer("top_k", 0)?;
    }
    for name in ["temperature", "top_p", "top_k"] {
        if !traits.sampling && fields.get(name).is_some() {
            return Err(Problem::Invalid(format!("`{name}` is deprecated for this model.")));
        }
    }
    if temperature.is_some() && top_p.is_some() {
        return Err(Problem::Invalid(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.".to_owned(),
        ));
    }
    if fields.get("service_tier").is_some() {
        fields.word("service_tier", &["auto", "standard_only"])?;
    }
    if let Some(metadata) = fields.get("metadata") {
        let metadata = Fields::of(metadata, "metadata")?;
        metadata.only(&["user_id"])?;
        if metadata.get("user_id").is_some_and(|id| !id.is_string() && !id.is_null()) {
            return Err(metadata.problem("user_id", "Input should be a valid string"));
        }
    }
    let thinks = thinking(fields, traits, max_tokens)?;
    if thinks && temperature.is_some_and(|temperature| temperature < 1.0) {
        return Err(Problem::Invalid("`temperature` may only be set to 1 when thinking is enabled.".to_owned()));
    }
    if thinks && fields.get("tool_choice").is_some_and(|choice| matches!(choice["type"].as_str(), Some("any" | "tool")))
    {
        return Err(Problem::Invalid("Thinking may not be enabled when tool_choice forces tool use.".to_owned()));
    }
    output_config(fields)
}

/// Whether the model may think before it answers.
fn thinking(fields: &Fields<'_>, traits: &Traits, max_tokens: Option<u64>) -> Result<bool, Problem> {
    let Some(value) = fields.get("thinking") else { return Ok(false) };
    let thinking = Fields::of(value, "thinking")?;
    match thinking.word("type", &["enabled", "disabled", "adaptive"])? {
        "disabled" => {
            thinking.only(&["type"])?;
            Ok(false)
        }
        "adaptive" => {
            thinking.only(&["type", "display"])?;
            if !traits.adaptive {
                return Err(thinking.problem("type", "adaptive thinking is not supported on this model"));
            }
            Ok(true)
        }
        _ => {
            thinking.only(&["type", "budget_tokens", "display"])?;
            if !traits.thinking_budget {
                return Err(thinking.problem("type", "\"enabled\" is not supported for this model; use \"adaptive\""));
            }
            let budget = thinking.integer("budget_tokens", LEAST_BUDGET)?;
            if max_tokens.is_some_and(|most| budget >= most) {
                return Err(Problem::Invalid("`max_tokens` must be greater than `thinking.budget_tokens`.".to_owned()));
            }
            Ok(true)
        }
    }
}

fn output_config(fields: &Fields<'_>) -> Result<bool, Problem> {
    let Some(value) = fields.get("output_config") else { return Ok(false) };
    let config = Fields::of(value, "output_config")?;
    config.only(&["effort", "format"])?;
    if config.get("effort").is_some() {
        config.word("effort", &["low", "medium", "high", "xhigh", "max"])?;
    }
    match config.get("format") {
        None | Some(Value::Null) => Ok(false),
        Some(format) => {
            let format = Fields::of(format, "output_config.format")?;
            format.only(&["type", "schema"])?;
            format.word("type", &["json_schema"])?;
            Fields::of(format.required("schema")?, "output_config.format.schema")?;
            Ok(true)
        }
    }
}
