//! The catalogue that the API shows: rows for agents and workflows, the code itself for tools and shipped agents.

use std::sync::Arc;

use agents::Toolbox;
use agents::registry::default_agents;
use api::ports::{
    AgentRecord, AgentSnapshot, AppError, Catalog, MAX_VERSIONS, ToolRecord, WorkflowRecord, WorkflowSnapshot,
};
use async_trait::async_trait;
use domain::codes::Code;
use domain::ids::{AgentId, WorkflowId};
use domain::tool::{Access, ToolSpec};
use store::Db;
use store::registries::{self, AgentConfig, WorkflowRow};
use store::versions::{self, AgentVersion, WorkflowVersion};
use tower::effects::ToolCatalog;

use super::port::store_error;

/// The catalogue of this process.
#[derive(Debug)]
pub(super) struct StoreCatalog {
    pub(super) db: Db,
    pub(super) toolbox: Arc<Toolbox>,
}

impl StoreCatalog {
    async fn agent_row(&self, id: &AgentId) -> Result<AgentConfig, AppError> {
        let found = registries::get_agent(&self.db, id.as_str()).await.map_err(store_error)?;
        found.ok_or_else(|| AppError::because(Code::AgentNotFound, format!("Agent '{id}' not found")))
    }
}

fn agent(row: AgentConfig) -> AgentRecord {
    AgentRecord {
        agent_id: row.agent_id,
        channel_id: row.channel_id,
        display_name: row.display_name,
        description: row.description,
        model_id: row.model_id,
        tool_ids: row.tool_ids,
        is_builtin: row.is_builtin,
        version: row.version,
        system_prompt: Some(row.system_prompt),
    }
}

fn agent_as_it_was(row: AgentVersion, is_builtin: bool) -> AgentSnapshot {
    AgentSnapshot {
        agent: AgentRecord {
            agent_id: row.agent_id,
            channel_id: row.channel_id,
            display_name: row.display_name,
            description: row.description,
            model_id: row.model_id,
            tool_ids: row.tool_ids,
            is_builtin,
            version: row.version,
            system_prompt: Some(row.system_prompt),
        },
        change_summary: row.change_summary,
        created_at: row.created_at,
    }
}

fn tool(spec: &ToolSpec) -> ToolRecord {
    ToolRecord {
        tool_id: spec.id.to_string(),
        display_name: spec.display_name.to_owned(),
        description: spec.description.to_owned(),
        module_path: spec.category.to_owned(),
        function_name: spec.id.to_string(),
        category: spec.category.to_owned(),
        provider: "native",
        server_id: None,
        mcp_tool_name: None,
        transport: None,
        risk_level: spec.risk.as_str(),
        mutating: spec.access == Access::Mutate,
        input_schema: spec.schema.clone(),
    }
}

fn workflow(row: WorkflowRow) -> WorkflowRecord {
    WorkflowRecord {
        workflow_id: row.workflow_id,
        display_name: row.display_name,
        description: row.description,
        version: row.version,
        is_active: row.is_active,
        is_builtin: row.is_builtin,
        definition: row.definition,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn workflow_as_it_was(row: WorkflowVersion) -> WorkflowSnapshot {
    WorkflowSnapshot {
        workflow_id: row.workflow_id,
        version: row.version,
        definition: row.definition,
        change_summary: row.change_summary,
        created_at: row.created_at,
    }
}

#[async_trait]
impl Catalog for StoreCatalog {
    async fn agents(&self) -> Result<Vec<AgentRecord>, AppError> {
        let mut rows = registries::agents(&self.db).await.map_err(store_error)?;
        rows.sort_by(|a, b| (&a.channel_id, &a.agent_id).cmp(&(&b.channel_id, &b.agent_id)));
        Ok(rows.into_iter().map(agent).collect())
    }

    async fn agent(&self, id: &AgentId) -> Result<AgentRecord, AppError> {
        self.agent_row(id).await.map(agent)
    }

    async fn agent_versions(&self, id: &AgentId) -> Result<Vec<AgentSnapshot>, AppError> {
        let is_builtin = self.agent_row(id).await?.is_builtin;
        let rows = versions::of_agent(&self.db, id.as_str(), MAX_VERSIONS).await.map_err(store_error)?;
        Ok(rows.into_iter().map(|row| agent_as_it_was(row, is_builtin)).collect())
    }

    async fn agent_version(&self, id: &AgentId, version: i64) -> Result<AgentSnapshot, AppError> {
        let is_builtin = self.agent_row(id).await?.is_builtin;
        let found = versions::agent_version(&self.db, id.as_str(), version).await.map_err(store_error)?;
        found.map(|row| agent_as_it_was(row, is_builtin)).ok_or_else(|| AppError::new(Code::VersionNotFound))
    }

    fn agent_default(&self, id: &AgentId) -> Result<AgentRecord, AppError> {
        let shipped = default_agents().into_iter().find(|agent| agent.agent_id == *id);
        let shipped =
            shipped.ok_or_else(|| AppError::because(Code::DefaultNotFound, format!("No default for '{id}'")))?;
        Ok(AgentRecord {
            agent_id: shipped.agent_id.to_string(),
            channel_id: shipped.channel_id,
            display_name: shipped.display_name,
            description: shipped.description,
            model_id: shipped.model_id,
            tool_ids: shipped.tool_ids.iter().map(ToString::to_string).collect(),
            is_builtin: shipped.is_builtin,
            version: 1,
            system_prompt: Some(shipped.system_prompt),
        })
    }

    fn tools(&self) -> Vec<ToolRecord> {
        self.toolbox.all().iter().map(|one| tool(one.spec())).collect()
    }

    async fn workflows(&self) -> Result<Vec<WorkflowRecord>, AppError> {
        let mut rows = registries::workflows(&self.db).await.map_err(store_error)?;
        rows.sort_by(|a, b| (&a.display_name, &a.workflow_id).cmp(&(&b.display_name, &b.workflow_id)));
        Ok(rows.into_iter().map(workflow).collect())
    }

    async fn workflow(&self, id: &WorkflowId) -> Result<WorkflowRecord, AppError> {
        let found = registries::get_workflow(&self.db, id.as_str()).await.map_err(store_error)?;
        let missing = || AppError::because(Code::WorkflowNotFound, format!("Workflow '{id}' not found"));
        found.map(workflow).ok_or_else(missing)
    }

    async fn workflow_versions(&self, id: &WorkflowId) -> Result<Vec<WorkflowSnapshot>, AppError> {
        self.workflow(id).await?;
        let rows = versions::of_workflow(&self.db, id.as_str(), MAX_VERSIONS).await.map_err(store_error)?;
        Ok(rows.into_iter().map(workflow_as_it_was).collect())
    }

    async fn workflow_version(&self, id: &WorkflowId, version: i64) -> Result<WorkflowSnapshot, AppError> {
        self.workflow(id).await?;
        let found = versions::workflow_version(&self.db, id.as_str(), version).await.map_err(store_error)?;
        found.map(workflow_as_it_was).ok_or_else(|| AppError::new(Code::VersionNotFound))
    }

    async fn active_workflow(&self) -> Result<WorkflowRecord, AppError> {
        let found = registries::active_workflow(&self.db).await.map_err(store_error)?;
        found.map(workflow).ok_or_else(|| AppError::because(Code::WorkflowNotFound, "No workflow is active"))
    }
}
