//! One proposed call: is it allowed, does it fit, is it clean? Then it goes to the tool, or to the effect gateway.

use std::sync::Arc;

use domain::tool::Access;
use gateway::{Tool, ToolError};
use serde_json::{Value, json};
use store::audit::AuditEntry;
use tower::Session;

use crate::toolbox::Toolbox;
use tower::effects::ToolCatalog;

/// Longest tool result that a model is given, characters.
pub const MAX_RESULT_CHARS: usize = 16_000;

/// A call that passed all checks.
pub struct Checked {
    /// The tool.
    pub tool: Arc<dyn Tool>,
    /// Parameters, defaults filled in.
    pub params: Value,
}

impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checked").field("tool", &self.tool.spec().id).finish_non_exhaustive()
    }
}

impl Checked {
    /// Whether the call changes the world outside.
    #[must_use]
    pub fn mutates(&self) -> bool {
        self.tool.spec().access == Access::Mutate
    }
}

/// Checks a call that a model proposed. Deny by default: a tool outside `allowed` is refused whatever the model asks.
///
/// # Errors
/// The refusal that the model is told.
pub fn check(
    toolbox: &Toolbox,
    session: &Session,
    allowed: &[impl AsRef<str>],
    name: &str,
    args: &Value,
) -> Result<Checked, ToolError> {
    let Some(tool) = toolbox.get(name) else {
        return Err(ToolError::new("unknown_tool", format!("there is no tool `{}`", printable(name))));
    };
    if !allowed.iter().any(|id| id.as_ref() == name) {
        return Err(ToolError::new("tool_not_allowed", format!("this agent may not call `{name}`")));
    }
    if !args.is_object() {
        return Err(ToolError::new("invalid_arguments", "the arguments are not a JSON object"));
    }
    let params = toolbox.check_params(name, args).map_err(|problems| {
        let list: Vec<Value> =
            problems.iter().map(|(field, message)| json!({"field": field, "message": message})).collect();
        ToolError::new("invalid_arguments", "the arguments do not fit the tool").with("details", list)
    })?;
    let mut scanned = params.clone();
    if !session.services().redactor.redact_json(&mut scanned).is_empty() {
        return Err(refuse_secret());
    }
    Ok(Checked { tool, params })
}

/// Writes down that an agent proposed a tool it may not call. A store that is away costs the entry, not the run.
pub async fn note_refusal(session: &Session, agent_id: &str, name: &str, refusal: &ToolError) {
    if !matches!(refusal.code, "tool_not_allowed" | "unknown_tool") {
        return;
    }
    let entry = AuditEntry {
        ts: session.now(),
        actor: Some(format!("agent:{agent_id}")),
        role: None,
        ip: None,
        action: "tool.refused".to_owned(),
        target: Some(printable(name)),
        outcome: "denied".to_owned(),
        request_id: None,
        details: json!({"run_id": session.run_id(), "reason": refusal.code}),
    };
    let written = async {
        let mut tx = session.services().db.begin().await?;
        store::audit::insert(&mut tx, &entry).await?;
        tx.commit().await
    };
    if let Err(error) = written.await {
        tracing::warn!(%error, "the refusal of a tool was not written down");
    }
}

/// The refusal of arguments that hold what must not be passed on.
#[must_use]
pub fn refuse_secret() -> ToolError {
    ToolError::new("guardrail", "the arguments hold a secret or personal data and were not used")
}

fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// A tool result as the model reads it: JSON, cut with a marker.
#[must_use]
pub fn result_text(result: &Value) -> String {
    let text = result.to_string();
    if text.chars().count() <= MAX_RESULT_CHARS {
        return text;
    }
    let cut: String = text.chars().take(MAX_RESULT_CHARS).collect();
    json!({"truncated": true, "text": cut}).to_string()
}
