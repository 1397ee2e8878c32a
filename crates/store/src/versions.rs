//! `agent_config_versions` and `workflow_versions`: every version that was ever in force, the present one included.

use domain::time::Timestamp;
use serde_json::Value;

use crate::engine::{Db, Row, args, statements};
use crate::error::Result;

statements! {
    AGENT_VERSIONS = both(
        "SELECT agent_id, version, channel_id, display_name, description, model_id, system_prompt, tool_ids, change_summary, created_at
         FROM agent_config_versions WHERE agent_id = $1 ORDER BY version DESC LIMIT $2",
    );
    AGENT_VERSION = both(
        "SELECT agent_id, version, channel_id, display_name, description, model_id, system_prompt, tool_ids, change_summary, created_at
         FROM agent_config_versions WHERE agent_id = $1 AND version = $2",
    );
    WORKFLOW_VERSIONS = both(
        "SELECT workflow_id, version, definition, change_summary, created_at
         FROM workflow_versions WHERE workflow_id = $1 ORDER BY version DESC LIMIT $2",
    );
    WORKFLOW_VERSION = both(
        "SELECT workflow_id, version, definition, change_summary, created_at
         FROM workflow_versions WHERE workflow_id = $1 AND version = $2",
    );
}

/// An agent as it was at one version.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentVersion {
    /// The agent.
    pub agent_id: String,
    /// The version.
    pub version: i64,
    /// Channel of the goal mathematics.
    pub channel_id: String,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Logical model.
    pub model_id: String,
    /// What it is told.
    pub system_prompt: String,
    /// What it may call.
    pub tool_ids: Vec<String>,
    /// What changed.
    pub change_summary: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// A workflow as it was at one version.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowVersion {
    /// The workflow.
    pub workflow_id: String,
    /// The version.
    pub version: i64,
    /// Nodes and edges.
    pub definition: Value,
    /// What changed.
    pub change_summary: String,
    /// Since when.
    pub created_at: Timestamp,
}

fn agent(row: &Row) -> Result<AgentVersion> {
    Ok(AgentVersion {
        agent_id: row.text("agent_id")?,
        version: row.int("version")?,
        channel_id: row.text("channel_id")?,
        display_name: row.text("display_name")?,
        description: row.text("description")?,
        model_id: row.text("model_id")?,
        system_prompt: row.text("system_prompt")?,
        tool_ids: row.texts("tool_ids")?,
        change_summary: row.text("change_summary")?,
        created_at: row.ts("created_at")?,
    })
}

fn workflow(row: &Row) -> Result<WorkflowVersion> {
    Ok(WorkflowVersion {
        workflow_id: row.text("workflow_id")?,
        version: row.int("version")?,
        definition: row.json("definition")?,
        change_summary: row.text("change_summary")?,
        created_at: row.ts("created_at")?,
    })
}

/// Versions of an agent, newest first.
///
/// # Errors
/// When the database fails or a row cannot be read.
pub async fn of_agent(db: &Db, agent_id: &str, limit: i64) -> Result<Vec<AgentVersion>> {
    db.fetch_all(&AGENT_VERSIONS, args![agent_id, limit]).await?.iter().map(agent).collect()
}

/// One version of an agent.
///
/// # Errors
/// As [`of_agent`].
pub async fn agent_version(db: &Db, agent_id: &str, version: i64) -> Result<Option<AgentVersion>> {
    db.fetch_optional(&AGENT_VERSION, args![agent_id, version]).await?.as_ref().map(agent).transpose()
}

/// Versions of a workflow, newest first.
///
/// # Errors
/// As [`of_agent`].
pub async fn of_workflow(db: &Db, workflow_id: &str, limit: i64) -> Result<Vec<WorkflowVersion>> {
    db.fetch_all(&WORKFLOW_VERSIONS, args![workflow_id, limit]).await?.iter().map(workflow).collect()
}

/// One version of a workflow.
///
/// # Errors
/// As [`of_agent`].
pub async fn workflow_version(db: &Db, workflow_id: &str, version: i64) -> Result<Option<WorkflowVersion>> {
    db.fetch_optional(&WORKFLOW_VERSION, args![workflow_id, version]).await?.as_ref().map(workflow).transpose()
}
