//! The workflows that are shipped, and the graph of a single agent.

use serde_json::{Value, json};

use super::{Condition, Definition, END, Edge, EdgeType, ErrorConfig, Node, Position};
use crate::ids::AgentId;

/// A shipped definition.
#[derive(Debug, Clone)]
pub struct BuiltIn {
    /// Its id.
    pub id: &'static str,
    /// Name for people.
    pub display_name: &'static str,
    /// Whether a fresh start makes it the active one.
    pub active: bool,
    /// The graph.
    pub definition: Definition,
}

fn node(id: &str, agent: &str, x: f64, y: f64) -> Node {
    Node {
        node_id: id.into(),
        agent_id: agent.into(),
        position: Position { x, y },
        is_entry_point: false,
        is_error_handler: false,
    }
}

fn entry(id: &str) -> Node {
    Node { is_entry_point: true, ..node(id, id, 0.0, 0.0) }
}

fn direct(id: &str, source: &str, target: &str) -> Edge {
    Edge {
        edge_id: id.into(),
        source_node_id: source.into(),
        target_node_id: target.into(),
        edge_type: EdgeType::Direct,
        conditions: None,
        label: String::new(),
    }
}

fn conditional(id: &str, source: &str, conditions: Vec<Condition>) -> Edge {
    Edge { edge_type: EdgeType::Conditional, conditions: Some(conditions), ..direct(id, source, END) }
}

fn when(field: &str, value: Value, target: &str) -> Condition {
    Condition { target: target.into(), kind: "field_equals".into(), field: Some(field.into()), value: Some(value) }
}

fn otherwise(target: &str) -> Condition {
    Condition { target: target.into(), kind: "default".into(), field: None, value: None }
}

fn definition(
    id: &str,
    name: &str,
    description: &str,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    max_retries: u64,
) -> Definition {
    Definition {
        workflow_id: Some(id.into()),
        display_name: Some(name.into()),
        description: description.into(),
        nodes,
        edges,
        error_config: ErrorConfig { max_retries, ..ErrorConfig::default() },
    }
}

/// The shipped workflows.
#[must_use]
pub fn builtins() -> Vec<BuiltIn> {
    let route = |target: &str| when("route_to", json!(target), target);
    let default = definition(
        "default",
        "Default",
        "Sorts a task and hands it to the agent it belongs to",
        vec![
            entry("orchestrator"),
            node("sales_marketing", "sales_marketing", 300.0, -300.0),
            node("operations", "operations", 300.0, -100.0),
            node("revenue_analytics", "revenue", 300.0, 100.0),
            node("sage", "sage", 300.0, 300.0),
            node("sub_agents", "sub_agents", 600.0, -300.0),
            Node { is_error_handler: true, ..node("error_handler", "error_handler", 0.0, 300.0) },
        ],
        vec![
            conditional(
                "e1",
                "orchestrator",
                vec![
                    route("sales_marketing"),
                    route("operations"),
                    route("revenue_analytics"),
                    route("sage"),
                    otherwise("error_handler"),
                ],
            ),
            conditional(
                "e2",
                "sales_marketing",
                vec![when("should_spawn_sub_agents", json!("True"), "sub_agents"), otherwise(END)],
            ),
            direct("e3", "sub_agents", END),
            direct("e4", "operations", END),
            direct("e5", "revenue_analytics", END),
            conditional("e6", "error_handler", vec![when("error", json!(""), "orchestrator"), otherwise(END)]),
            direct("e7", "sage", END),
        ],
        3,
    );
    vec![BuiltIn { id: "default", display_name: "Default", active: true, definition: default }]
}

/// The graph of one agent: it works, and the run ends.
#[must_use]
pub fn solo(agent: &AgentId) -> Definition {
    let only = Node { is_entry_point: true, ..node(agent.as_str(), agent.as_str(), 0.0, 0.0) };
    definition(
        &format!("crew_solo_{agent}"),
        agent.as_str(),
        "One agent alone",
        vec![only],
        vec![direct("e1", agent.as_str(), END)],
        3,
    )
}
