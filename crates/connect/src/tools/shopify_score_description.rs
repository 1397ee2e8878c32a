//! `shopify_score_description`: how good a product text is, without asking anybody.

use domain::copy::{DEFAULT_KEYWORDS, score};
use domain::tool::ToolSpec;
use gateway::{CallContext, Tool, ToolError};
use serde_json::{Value, json};

use super::{params, read_spec, tool_debug};

/// Scores a text.
pub struct ScoreDescription {
    spec: ToolSpec,
}

tool_debug!(ScoreDescription);

impl Default for ScoreDescription {
    fn default() -> Self {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["description"], "properties": {
            "description": {"type": "string", "maxLength": 50_000, "description": "Text or HTML."},
            "keywords": {"type": "array", "maxItems": 50, "items": {"type": "string", "minLength": 1, "maxLength": 50},
                "default": DEFAULT_KEYWORDS, "description": "Single words that should occur."}}});
        let text =
            "Scores a product description: readability, length, keywords, structure, and a composite of 0 to 100.";
        Self { spec: read_spec("shopify_score_description", "Score description", text, "shopify", schema) }
    }
}

#[async_trait::async_trait]
impl Tool for ScoreDescription {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn read(&self, _context: &CallContext, params: &Value) -> Result<Value, ToolError> {
        let text = params["description"].as_str();
        let text = text.ok_or_else(|| params::invalid("`description` must be a text".to_owned()))?;
        let scored = match &params["keywords"] {
            Value::Null => score(text, &DEFAULT_KEYWORDS),
            Value::Array(words) => {
                let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                score(text, &words)
            }
            _ => return Err(params::invalid("`keywords` must be a list of words".to_owned())),
        };
        Ok(scored.to_json())
    }
}
