//! `/graph`: the active workflow as it is executed, and what is known of those who work in it.

use axum::Json;
use axum::extract::State;
use domain::workflow::{Definition, executed};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::openapi::{Operation, schema};
use crate::ports::AppError;

/// Node that the built-in workflow gives to the agent `revenue`.
const REVENUE: (&str, &str) = ("revenue", "revenue_analytics");

/// GET `/graph/definition`
pub async fn definition(State(app): State<App>) -> Result<Json<Value>, ApiError> {
    let workflow = app.catalog.active_workflow().await?;
    let definition: Definition = serde_json::from_value(workflow.definition).map_err(AppError::internal)?;
    let graph = executed::graph(&definition);
    Ok(Json(json!({"nodes": graph.nodes, "edges": graph.edges})))
}

pub(crate) fn definition_doc() -> Operation {
    let node = schema::object(&[("id", schema::text()), ("name", schema::text())]);
    let edge =
        schema::object(&[("source", schema::text()), ("target", schema::text()), ("conditional", schema::flag())]);
    Operation::new("show_graph", "Graph", "The active workflow as it is executed, guardrails included").answer(
        200,
        "Nodes and edges",
        schema::object(&[("nodes", schema::list(node)), ("edges", schema::list(edge))]),
    )
}

/// GET `/graph/metadata`
pub async fn metadata(State(app): State<App>) -> Result<Json<Value>, ApiError> {
    let mut nodes = Map::new();
    for agent in app.catalog.agents().await? {
        // Nothing observes the channels yet, so the measured members are null and the count is 0.
        let facts = json!({
            "channel_id": agent.channel_id, "p_fail": null, "last_latency_ms": null,
            "tool_count": agent.tool_ids.len(), "version": agent.version, "model_id": agent.model_id,
            "capacity": null, "n_observations": 0,
        });
        if agent.agent_id == REVENUE.0 {
            nodes.insert(REVENUE.1.to_owned(), facts.clone());
        }
        nodes.insert(agent.agent_id, facts);
    }
    Ok(Json(json!({"nodes": nodes})))
}

pub(crate) fn metadata_doc() -> Operation {
    let facts = schema::object(&[
        ("channel_id", schema::text()),
        ("p_fail", schema::or_null(schema::number())),
        ("last_latency_ms", schema::or_null(schema::number())),
        ("tool_count", schema::whole()),
        ("version", schema::whole()),
        ("model_id", schema::text()),
        ("capacity", schema::or_null(schema::number())),
        ("n_observations", schema::whole()),
    ]);
    Operation::new("show_graph_metadata", "Graph", "Agent to what is known of it").answer(
        200,
        "Measured members are null as long as nothing was observed",
        schema::object(&[("nodes", schema::map_of(facts))]),
    )
}
