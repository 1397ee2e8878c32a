//! The played catalogue: one agent, one tool, one workflow, each at version 2.

use std::sync::Arc;

use api::ports::{AgentRecord, AgentSnapshot, AppError, Catalog, ToolRecord, WorkflowRecord, WorkflowSnapshot};
use clock::{Clock, ManualClock};
use domain::codes::Code;
use domain::ids::{AgentId, WorkflowId};
use domain::workflow::builtins;
use serde_json::json;

use crate::engine::PlayedEngine;

pub(crate) struct PlayedCatalog(pub(crate) Arc<PlayedEngine>);

fn agent(version: i64) -> AgentRecord {
    AgentRecord {
        agent_id: "revenue".into(),
        channel_id: "K4".into(),
        display_name: "Revenue".into(),
        description: String::new(),
        model_id: "gpt4o".into(),
        tool_ids: vec!["stripe_refund".into()],
        is_builtin: true,
        version,
        system_prompt: Some("Count.".into()),
    }
}

fn snapshot(version: i64) -> AgentSnapshot {
    AgentSnapshot {
        agent: agent(version),
        change_summary: "built in".into(),
        created_at: ManualClock::at_epoch().now(),
    }
}

fn workflow() -> WorkflowRecord {
    let now = ManualClock::at_epoch().now();
    WorkflowRecord {
        workflow_id: "default".into(),
        display_name: "Default".into(),
        description: String::new(),
        version: 2,
        is_active: true,
        is_builtin: true,
        definition: serde_json::to_value(&builtins()[0].definition).unwrap(),
        created_at: now,
        updated_at: now,
    }
}

fn workflow_snapshot(version: i64) -> WorkflowSnapshot {
    let WorkflowRecord { workflow_id, definition, created_at, .. } = workflow();
    WorkflowSnapshot { workflow_id, version, definition, change_summary: "built in".into(), created_at }
}

fn one_of_two(version: i64) -> Result<i64, AppError> {
    if version <= 2 { Ok(version) } else { Err(AppError::new(Code::VersionNotFound)) }
}

#[async_trait::async_trait]
impl Catalog for PlayedCatalog {
    async fn agents(&self) -> Result<Vec<AgentRecord>, AppError> {
        self.0.works().map(|()| vec![agent(2)])
    }

    async fn agent(&self, id: &AgentId) -> Result<AgentRecord, AppError> {
        self.0.works()?;
        if id.as_str() == "revenue" { Ok(agent(2)) } else { Err(AppError::new(Code::AgentNotFound)) }
    }

    async fn agent_versions(&self, id: &AgentId) -> Result<Vec<AgentSnapshot>, AppError> {
        self.agent(id).await.map(|_| vec![snapshot(2), snapshot(1)])
    }

    async fn agent_version(&self, id: &AgentId, version: i64) -> Result<AgentSnapshot, AppError> {
        self.agent(id).await?;
        one_of_two(version).map(snapshot)
    }

    fn agent_default(&self, id: &AgentId) -> Result<AgentRecord, AppError> {
        if id.as_str() == "revenue" { Ok(agent(1)) } else { Err(AppError::new(Code::DefaultNotFound)) }
    }

    fn tools(&self) -> Vec<ToolRecord> {
        vec![ToolRecord {
            tool_id: "stripe_refund".into(),
            display_name: "Refund".into(),
            description: "Refunds a charge.".into(),
            module_path: "stripe".into(),
            function_name: "stripe_refund".into(),
            category: "stripe".into(),
            provider: "native",
            server_id: None,
            mcp_tool_name: None,
            transport: None,
            risk_level: "high",
            mutating: true,
            input_schema: json!({"type": "object"}),
        }]
    }

    async fn workflows(&self) -> Result<Vec<WorkflowRecord>, AppError> {
        self.0.works().map(|()| vec![workflow()])
    }

    async fn workflow(&self, id: &WorkflowId) -> Result<WorkflowRecord, AppError> {
        self.0.works()?;
        if id.as_str() == "default" { Ok(workflow()) } else { Err(AppError::new(Code::WorkflowNotFound)) }
    }

    async fn workflow_versions(&self, id: &WorkflowId) -> Result<Vec<WorkflowSnapshot>, AppError> {
        self.workflow(id).await.map(|_| vec![workflow_snapshot(2), workflow_snapshot(1)])
    }

    async fn workflow_version(&self, id: &WorkflowId, version: i64) -> Result<WorkflowSnapshot, AppError> {
        self.workflow(id).await?;
        one_of_two(version).map(workflow_snapshot)
    }

    async fn active_workflow(&self) -> Result<WorkflowRecord, AppError> {
        self.0.works().map(|()| workflow())
    }
}
