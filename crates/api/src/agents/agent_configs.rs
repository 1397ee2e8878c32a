//! `/agents`: who works here, and as whom they worked before.

use axum::Json;
use axum::extract::State;
use domain::codes::Code;
use domain::role::Role;
use domain::ticket::Decider;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{AgentPath, AgentVersionPath, By};
use crate::openapi::{Operation, schema};
use crate::ports::{AgentRecord, AgentSnapshot};

/// The record as `by` may see it: prompts are for admins.
fn shown(mut agent: AgentRecord, by: &Decider) -> AgentRecord {
    if !by.role.includes(Role::Admin) {
        agent.system_prompt = None;
    }
    agent
}

fn shown_version(snapshot: AgentSnapshot, by: &Decider) -> AgentSnapshot {
    AgentSnapshot { agent: shown(snapshot.agent, by), ..snapshot }
}

/// GET `/agents`
pub async fn list(State(app): State<App>, By(by): By) -> Result<Json<Value>, ApiError> {
    let agents: Vec<_> = app.catalog.agents().await?.into_iter().map(|agent| shown(agent, &by)).collect();
    Ok(Json(json!({"agents": agents})))
}

pub(crate) fn list_doc() -> Operation {
    Operation::new("list_agents", "Agents", "Agents by channel")
        .describe("`system_prompt` is shown to admins only, here and on every route of an agent.")
        .answer(200, "The agents", schema::object(&[("agents", schema::list(schema::named("Agent")))]))
}

/// GET `/agents/{agent_id}`
pub async fn show(State(app): State<App>, By(by): By, AgentPath(id): AgentPath) -> Result<Json<AgentRecord>, ApiError> {
    Ok(Json(shown(app.catalog.agent(&id).await?, &by)))
}

fn named_agent(operation: Operation) -> Operation {
    operation.path("agent_id", "Agent id", schema::slug(), Code::AgentNotFound)
}

pub(crate) fn show_doc() -> Operation {
    named_agent(Operation::new("show_agent", "Agents", "One agent")).answer(200, "The agent", schema::named("Agent"))
}

/// GET `/agents/{agent_id}/versions`
pub async fn versions(State(app): State<App>, By(by): By, AgentPath(id): AgentPath) -> Result<Json<Value>, ApiError> {
    let versions = app.catalog.agent_versions(&id).await?;
    let versions: Vec<_> = versions.into_iter().map(|snapshot| shown_version(snapshot, &by)).collect();
    Ok(Json(json!({"agent_id": id, "versions": versions})))
}

pub(crate) fn versions_doc() -> Operation {
    named_agent(Operation::new("list_agent_versions", "Agents", "The newest 50 versions of an agent, newest first"))
        .answer(
            200,
            "The versions",
            schema::object(&[("agent_id", schema::slug()), ("versions", schema::list(schema::named("AgentVersion")))]),
        )
}

/// GET `/agents/{agent_id}/versions/{version}`
pub async fn version(
    State(app): State<App>,
    By(by): By,
    AgentVersionPath(id, version): AgentVersionPath,
) -> Result<Json<AgentSnapshot>, ApiError> {
    Ok(Json(shown_version(app.catalog.agent_version(&id, version).await?, &by)))
}

pub(crate) fn version_doc() -> Operation {
    named_agent(Operation::new("show_agent_version", "Agents", "An agent as it was at one version"))
        .path("version", "Version, from 1", schema::whole_in(1, i64::MAX), Code::VersionNotFound)
        .answer(200, "The agent as it was", schema::named("AgentVersion"))
}

/// GET `/agents/{agent_id}/default`
pub async fn default(
    State(app): State<App>,
    By(by): By,
    AgentPath(id): AgentPath,
) -> Result<Json<AgentRecord>, ApiError> {
    Ok(Json(shown(app.catalog.agent_default(&id)?, &by)))
}

pub(crate) fn default_doc() -> Operation {
    named_agent(Operation::new("show_agent_default", "Agents", "An agent as it is shipped"))
        .answer(200, "The agent as it is shipped", schema::named("Agent"))
        .refuses(&[Code::DefaultNotFound])
}
