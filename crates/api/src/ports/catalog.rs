//! What the program is set up to run: agents, tools, workflows. Reads only.

use domain::ids::{AgentId, WorkflowId};
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::AppError;

/// Most versions in one list.
pub const MAX_VERSIONS: i64 = 50;

/// One agent at one version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentRecord {
    /// Its id.
    pub agent_id: String,
    /// Channel on which it is observed.
    pub channel_id: String,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Logical model.
    pub model_id: String,
    /// Tools it may call.
    pub tool_ids: Vec<String>,
    /// Came with the product.
    pub is_builtin: bool,
    /// The version.
    pub version: i64,
    /// What it is told; left out of answers to anybody but an admin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
}

/// An agent as it was, with what changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentSnapshot {
    /// The agent.
    #[serde(flatten)]
    pub agent: AgentRecord,
    /// What changed.
    pub change_summary: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// One tool of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolRecord {
    /// Its id, also the name a model sees.
    pub tool_id: String,
    /// Name for people.
    pub display_name: String,
    /// What it does.
    pub description: String,
    /// Group whose module holds the handler.
    pub module_path: String,
    /// Name of the handler.
    pub function_name: String,
    /// Group.
    pub category: String,
    /// `native` or `mcp`.
    pub provider: &'static str,
    /// Server of an MCP tool.
    pub server_id: Option<String>,
    /// Name on that server.
    pub mcp_tool_name: Option<String>,
    /// How that server is reached.
    pub transport: Option<String>,
    /// `low`, `medium` or `high`.
    pub risk_level: &'static str,
    /// Whether it changes the world outside.
    pub mutating: bool,
    /// JSON Schema of its parameters.
    pub input_schema: Value,
}

/// One workflow at its newest version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkflowRecord {
    /// Its id.
    pub workflow_id: String,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// The version.
    pub version: i64,
    /// What runs when nobody says which.
    pub is_active: bool,
    /// Came with the product.
    pub is_builtin: bool,
    /// Nodes and edges.
    pub definition: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// A workflow as it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkflowSnapshot {
    /// Its id.
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

/// The catalogue. Deleted agents and workflows are not in it.
#[async_trait::async_trait]
pub trait Catalog: Send + Sync {
    /// Agents by channel, then id.
    async fn agents(&self) -> Result<Vec<AgentRecord>, AppError>;
    /// One agent, or `agent_not_found`.
    async fn agent(&self, id: &AgentId) -> Result<AgentRecord, AppError>;
    /// Its newest [`MAX_VERSIONS`] versions, newest first, or `agent_not_found`.
    async fn agent_versions(&self, id: &AgentId) -> Result<Vec<AgentSnapshot>, AppError>;
    /// One version, or `agent_not_found`, `version_not_found`.
    async fn agent_version(&self, id: &AgentId, version: i64) -> Result<AgentSnapshot, AppError>;
    /// The agent as it is shipped, or `default_not_found`.
    fn agent_default(&self, id: &AgentId) -> Result<AgentRecord, AppError>;
    /// Tools by id.
    fn tools(&self) -> Vec<ToolRecord>;
    /// Workflows by name.
    async fn workflows(&self) -> Result<Vec<WorkflowRecord>, AppError>;
    /// One workflow, or `workflow_not_found`.
    async fn workflow(&self, id: &WorkflowId) -> Result<WorkflowRecord, AppError>;
    /// Its newest [`MAX_VERSIONS`] versions, newest first, or `workflow_not_found`.
    async fn workflow_versions(&self, id: &WorkflowId) -> Result<Vec<WorkflowSnapshot>, AppError>;
    /// One version, or `workflow_not_found`, `version_not_found`.
    async fn workflow_version(&self, id: &WorkflowId, version: i64) -> Result<WorkflowSnapshot, AppError>;
    /// The workflow that runs when nobody says which, or `workflow_not_found`.
    async fn active_workflow(&self) -> Result<WorkflowRecord, AppError>;
}
