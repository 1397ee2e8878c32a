//! The tools of this process by name, with their parameter schemas compiled once.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway::Tool;
use jsonschema::Validator;
use serde_json::Value;
use tower::effects::ToolCatalog;
use tower::tickets::ParamsCheck;

/// A tool whose declaration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ToolboxError {
    /// Two tools of one id.
    #[error("tool `{0}` is declared twice")]
    Duplicate(String),
    /// A schema that is no JSON Schema.
    #[error("the schema of tool `{tool}` is not valid: {problem}")]
    Schema {
        /// The tool.
        tool: String,
        /// What is wrong.
        problem: String,
    },
}

struct Entry {
    tool: Arc<dyn Tool>,
    schema: Validator,
}

/// The catalogue of tools.
#[derive(Default)]
pub struct Toolbox(BTreeMap<String, Entry>);

impl std::fmt::Debug for Toolbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Toolbox {
    /// A catalogue of `tools`.
    ///
    /// # Errors
    /// When an id comes twice or a schema is not valid.
    pub fn new(tools: Vec<Arc<dyn Tool>>) -> Result<Self, ToolboxError> {
        let mut entries = BTreeMap::new();
        for tool in tools {
            let id = tool.spec().id.to_string();
            let schema = jsonschema::validator_for(&tool.spec().schema)
                .map_err(|error| ToolboxError::Schema { tool: id.clone(), problem: error.to_string() })?;
            if entries.insert(id.clone(), Entry { tool, schema }).is_some() {
                return Err(ToolboxError::Duplicate(id));
            }
        }
        Ok(Self(entries))
    }

    /// Checks parameters against the schema of a tool and fills in its defaults.
    ///
    /// # Errors
    /// `(field, message)` of what does not fit.
    pub fn check_params(&self, tool: &str, params: &Value) -> Result<Value, Vec<(String, String)>> {
        let Some(entry) = self.0.get(tool) else {
            return Err(vec![("tool".into(), format!("`{tool}` is unknown"))]);
        };
        let mut filled = params.clone();
        fill_defaults(&entry.tool.spec().schema, &mut filled);
        let problems: Vec<(String, String)> = entry
            .schema
            .iter_errors(&filled)
            .take(10)
            .map(|error| {
                (error.instance_path().to_string().trim_start_matches('/').replace('/', "."), error.to_string())
            })
            .collect();
        if problems.is_empty() { Ok(filled) } else { Err(problems) }
    }
}

/// Puts in the defaults that a schema states for absent members.
fn fill_defaults(schema: &Value, params: &mut Value) {
    let (Some(properties), Some(params)) =
        (schema.get("properties").and_then(Value::as_object), params.as_object_mut())
    else {
        return;
    };
    for (name, property) in properties {
        if let (false, Some(default)) = (params.contains_key(name), property.get("default")) {
            params.insert(name.clone(), default.clone());
        }
    }
}

impl ToolCatalog for Toolbox {
    fn get(&self, id: &str) -> Option<Arc<dyn Tool>> {
        self.0.get(id).map(|entry| Arc::clone(&entry.tool))
    }

    fn all(&self) -> Vec<Arc<dyn Tool>> {
        self.0.values().map(|entry| Arc::clone(&entry.tool)).collect()
    }
}

impl ParamsCheck for Toolbox {
    fn check(&self, tool: &Arc<dyn Tool>, params: &Value) -> Result<Value, Vec<(String, String)>> {
        self.check_params(tool.spec().id.as_str(), params)
    }
}
