//! What every database holds from the start: built-in workflows, agents, and the mirror of the tool catalogue.

use agents::Toolbox;
use agents::registry::default_agents;
use domain::time::Timestamp;
use domain::workflow::builtins;
use store::registries::{AgentConfig, WorkflowRow, register_tool, seed_agent, seed_workflow};
use store::{Db, StoreError};
use tower::effects::ToolCatalog;

/// Writes the built-in workflows and agents; rows that exist stay as they are.
pub(super) async fn built_ins(db: &Db, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    for built_in in builtins() {
        let row = WorkflowRow {
            workflow_id: built_in.id.to_owned(),
            display_name: built_in.display_name.to_owned(),
            description: built_in.definition.description.clone(),
            version: 1,
            is_active: built_in.active,
            is_builtin: true,
            definition: serde_json::to_value(&built_in.definition).unwrap_or_default(),
            created_at: now,
            updated_at: now,
        };
        seed_workflow(&mut tx, &row, now).await?;
    }
    for agent in default_agents() {
        let row = AgentConfig {
            agent_id: agent.agent_id.to_string(),
            channel_id: agent.channel_id.to_string(),
            display_name: agent.display_name.to_string(),
            description: agent.description.to_string(),
            model_id: agent.model_id.to_string(),
            system_prompt: agent.system_prompt.to_string(),
            tool_ids: agent.tool_ids.iter().map(ToString::to_string).collect(),
            is_builtin: true,
            version: 1,
            updated_at: now,
        };
        seed_agent(&mut tx, &row, now).await?;
    }
    tx.commit().await
}

/// Writes the tool catalogue as the code declares it.
pub(super) async fn tools(db: &Db, toolbox: &Toolbox, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    for tool in toolbox.all() {
        register_tool(&mut tx, tool.spec(), now).await?;
    }
    tx.commit().await
}
