//! `agent_configs`, `workflow_definitions` and `tool_registry`: what the program is set up to run.

use domain::time::Timestamp;
use domain::tool::{Access, ToolSpec};
use serde::Serialize;
use serde_json::Value;

use crate::engine::{Db, Row, Tx, Value as Param, args, statements};
use crate::error::Result;

statements! {
    SEED_AGENT = both(
        "INSERT INTO agent_configs (agent_id, channel_id, display_name, description, model_id, system_prompt, tool_ids, is_builtin, version, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, TRUE, 1, $8) ON CONFLICT (agent_id) DO NOTHING",
    );
    SEED_AGENT_VERSION = both(
        "INSERT INTO agent_config_versions (agent_id, version, channel_id, display_name, description, model_id, system_prompt, tool_ids, change_summary, created_at)
         VALUES ($1, 1, $2, $3, $4, $5, $6, $7, 'built in', $8) ON CONFLICT (agent_id, version) DO NOTHING",
    );
    AGENTS = both(
        "SELECT agent_id, channel_id, display_name, description, model_id, system_prompt, tool_ids, is_builtin, version, updated_at
         FROM agent_configs WHERE deleted_at IS NULL ORDER BY agent_id",
    );
    AGENT = both(
        "SELECT agent_id, channel_id, display_name, description, model_id, system_prompt, tool_ids, is_builtin, version, updated_at
         FROM agent_configs WHERE deleted_at IS NULL AND agent_id = $1",
    );
    SEED_WORKFLOW = both(
        "INSERT INTO workflow_definitions (workflow_id, display_name, description, version, is_active, is_builtin, definition, created_at, updated_at)
         SELECT $1, $2, $3, 1, $4 AND NOT EXISTS (SELECT 1 FROM workflow_definitions w WHERE w.is_active AND w.deleted_at IS NULL), TRUE, $5, $6, $6
         WHERE NOT EXISTS (SELECT 1 FROM workflow_definitions w WHERE w.workflow_id = $1)",
    );
    SEED_WORKFLOW_VERSION = both(
        "INSERT INTO workflow_versions (workflow_id, version, definition, change_summary, created_at, display_name, description)
         VALUES ($1, 1, $2, 'built in', $3, $4, $5) ON CONFLICT (workflow_id, version) DO NOTHING",
    );
    WORKFLOWS = both(
        "SELECT workflow_id, display_name, description, version, is_active, is_builtin, definition, created_at, updated_at
         FROM workflow_definitions WHERE deleted_at IS NULL ORDER BY workflow_id",
    );
    WORKFLOW = both(
        "SELECT workflow_id, display_name, description, version, is_active, is_builtin, definition, created_at, updated_at
         FROM workflow_definitions WHERE deleted_at IS NULL AND workflow_id = $1",
    );
    ACTIVE = both(
        "SELECT workflow_id, display_name, description, version, is_active, is_builtin, definition, created_at, updated_at
         FROM workflow_definitions WHERE deleted_at IS NULL AND is_active",
    );
    WORKFLOW_VERSION = both("SELECT definition FROM workflow_versions WHERE workflow_id = $1 AND version = $2");
    // The catalogue mirrors the code, so the code's word replaces the row's.
    TOOL = both(
        "INSERT INTO tool_registry (tool_id, display_name, description, module_path, function_name, category, registered_at,
                risk_level, mutating, input_schema, recovery, goal_level)
         VALUES ($1, $2, $3, $4, $1, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (tool_id) DO UPDATE SET display_name = excluded.display_name, description = excluded.description,
                category = excluded.category, risk_level = excluded.risk_level, mutating = excluded.mutating,
                input_schema = excluded.input_schema, recovery = excluded.recovery, goal_level = excluded.goal_level",
    );
    TOOL_IDS = both("SELECT tool_id FROM tool_registry ORDER BY tool_id");
}

/// One row of `agent_configs`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentConfig {
    /// Its id.
    pub agent_id: String,
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
    /// Came with the program.
    pub is_builtin: bool,
    /// Version in force.
    pub version: i64,
    /// Last change.
    pub updated_at: Timestamp,
}

/// One row of `workflow_definitions`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkflowRow {
    /// Its id.
    pub workflow_id: String,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Version in force.
    pub version: i64,
    /// What runs when nobody says which.
    pub is_active: bool,
    /// Came with the program.
    pub is_builtin: bool,
    /// Nodes and edges.
    pub definition: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

fn agent(row: &Row) -> Result<AgentConfig> {
    Ok(AgentConfig {
        agent_id: row.text("agent_id")?,
        channel_id: row.text("channel_id")?,
        display_name: row.text("display_name")?,
        description: row.text("description")?,
        model_id: row.text("model_id")?,
        system_prompt: row.text("system_prompt")?,
        tool_ids: row.texts("tool_ids")?,
        is_builtin: row.bool("is_builtin")?,
        version: row.int("version")?,
        updated_at: row.ts("updated_at")?,
    })
}

fn workflow_row(row: &Row) -> Result<WorkflowRow> {
    Ok(WorkflowRow {
        workflow_id: row.text("workflow_id")?,
        display_name: row.text("display_name")?,
        description: row.text("description")?,
        version: row.int("version")?,
        is_active: row.bool("is_active")?,
        is_builtin: row.bool("is_builtin")?,
        definition: row.json("definition")?,
        created_at: row.ts("created_at")?,
        updated_at: row.ts("updated_at")?,
    })
}

/// Inserts a built-in agent unless there is a row of its id, which somebody may have changed.
///
/// # Errors
/// When a statement fails.
pub async fn seed_agent(tx: &mut Tx, a: &AgentConfig, now: Timestamp) -> Result<()> {
    let values = || {
        args![
            &a.agent_id,
            &a.channel_id,
            &a.display_name,
            &a.description,
            &a.model_id,
            &a.system_prompt,
            Param::TextArray(a.tool_ids.clone()),
            now,
        ]
    };
    if tx.execute(&SEED_AGENT, values()).await? == 1 {
        tx.execute(&SEED_AGENT_VERSION, values()).await?;
    }
    Ok(())
}

/// All agents.
///
/// # Errors
/// When the database fails or a row cannot be read.
pub async fn agents(db: &Db) -> Result<Vec<AgentConfig>> {
    db.fetch_all(&AGENTS, args![]).await?.iter().map(agent).collect()
}

/// One agent.
///
/// # Errors
/// As [`agents`].
pub async fn get_agent(db: &Db, id: &str) -> Result<Option<AgentConfig>> {
    db.fetch_optional(&AGENT, args![id]).await?.as_ref().map(agent).transpose()
}

/// Inserts a built-in workflow unless there is a row of its id. It becomes the active one only when none is.
///
/// # Errors
/// When a statement fails.
pub async fn seed_workflow(tx: &mut Tx, w: &WorkflowRow, now: Timestamp) -> Result<()> {
    let values = args![&w.workflow_id, &w.display_name, &w.description, w.is_active, &w.definition, now];
    if tx.execute(&SEED_WORKFLOW, values).await? == 1 {
        let values = args![&w.workflow_id, &w.definition, now, &w.display_name, &w.description];
        tx.execute(&SEED_WORKFLOW_VERSION, values).await?;
    }
    Ok(())
}

/// All workflows.
///
/// # Errors
/// As [`agents`].
pub async fn workflows(db: &Db) -> Result<Vec<WorkflowRow>> {
    db.fetch_all(&WORKFLOWS, args![]).await?.iter().map(workflow_row).collect()
}

/// One workflow at its newest version.
///
/// # Errors
/// As [`agents`].
pub async fn get_workflow(db: &Db, id: &str) -> Result<Option<WorkflowRow>> {
    db.fetch_optional(&WORKFLOW, args![id]).await?.as_ref().map(workflow_row).transpose()
}

/// What runs when nobody says which.
///
/// # Errors
/// As [`agents`].
pub async fn active_workflow(db: &Db) -> Result<Option<WorkflowRow>> {
    db.fetch_optional(&ACTIVE, args![]).await?.as_ref().map(workflow_row).transpose()
}

/// The definition of one version of a workflow.
///
/// # Errors
/// As [`agents`].
pub async fn workflow_version(db: &Db, id: &str, version: i64) -> Result<Option<Value>> {
    db.fetch_optional(&WORKFLOW_VERSION, args![id, version]).await?.map(|row| row.json("definition")).transpose()
}

/// Writes the catalogue entry of a tool as the code declares it.
///
/// # Errors
/// When a statement fails.
pub async fn register_tool(tx: &mut Tx, t: &ToolSpec, now: Timestamp) -> Result<()> {
    let values = args![
        &t.id,
        t.display_name,
        t.description,
        t.category,
        now,
        t.risk.as_str(),
        t.access == Access::Mutate,
        &t.schema,
        t.recovery.as_str(),
        t.goal_level.map(i64::from),
    ];
    tx.execute(&TOOL, values).await.map(drop)
}

/// The ids in the catalogue.
///
/// # Errors
/// When the database fails.
pub async fn tool_ids(db: &Db) -> Result<Vec<String>> {
    db.fetch_all(&TOOL_IDS, args![]).await?.iter().map(|row| row.text("tool_id")).collect()
}
