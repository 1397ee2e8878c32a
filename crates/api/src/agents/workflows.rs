//! `/workflows`: which agents follow one another.

use axum::Json;
use axum::extract::State;
use domain::codes::Code;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{WorkflowPath, WorkflowVersionPath};
use crate::openapi::{Operation, schema};
use crate::ports::{WorkflowRecord, WorkflowSnapshot};

/// GET `/workflows`
pub async fn list(State(app): State<App>) -> Result<Json<Value>, ApiError> {
    let workflows = app.catalog.workflows().await?;
    Ok(Json(json!({"count": workflows.len(), "workflows": workflows})))
}

pub(crate) fn list_doc() -> Operation {
    Operation::new("list_workflows", "Workflows", "Workflows by name").answer(
        200,
        "The workflows",
        schema::object(&[("workflows", schema::list(schema::named("Workflow"))), ("count", schema::whole())]),
    )
}

/// GET `/workflows/{workflow_id}`
pub async fn show(State(app): State<App>, WorkflowPath(id): WorkflowPath) -> Result<Json<WorkflowRecord>, ApiError> {
    Ok(Json(app.catalog.workflow(&id).await?))
}

fn named_workflow(operation: Operation) -> Operation {
    operation.path("workflow_id", "Workflow id", schema::slug(), Code::WorkflowNotFound)
}

pub(crate) fn show_doc() -> Operation {
    named_workflow(Operation::new("show_workflow", "Workflows", "One workflow")).answer(
        200,
        "The workflow",
        schema::named("Workflow"),
    )
}

/// GET `/workflows/{workflow_id}/versions`
pub async fn versions(State(app): State<App>, WorkflowPath(id): WorkflowPath) -> Result<Json<Value>, ApiError> {
    let versions = app.catalog.workflow_versions(&id).await?;
    Ok(Json(json!({"workflow_id": id, "versions": versions})))
}

pub(crate) fn versions_doc() -> Operation {
    let line = "The newest 50 versions of a workflow, newest first";
    named_workflow(Operation::new("list_workflow_versions", "Workflows", line)).answer(
        200,
        "The versions",
        schema::object(&[
            ("workflow_id", schema::slug()),
            ("versions", schema::list(schema::named("WorkflowVersion"))),
        ]),
    )
}

/// GET `/workflows/{workflow_id}/versions/{version}`
pub async fn version(
    State(app): State<App>,
    WorkflowVersionPath(id, version): WorkflowVersionPath,
) -> Result<Json<WorkflowSnapshot>, ApiError> {
    Ok(Json(app.catalog.workflow_version(&id, version).await?))
}

pub(crate) fn version_doc() -> Operation {
    named_workflow(Operation::new("show_workflow_version", "Workflows", "A workflow as it was at one version"))
        .path("version", "Version, from 1", schema::whole_in(1, i64::MAX), Code::VersionNotFound)
        .answer(200, "The workflow as it was", schema::named("WorkflowVersion"))
}
