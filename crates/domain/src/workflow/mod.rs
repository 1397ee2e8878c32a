//! Workflow definitions: nodes, edges, conditions.
//!
//! Grammar: a definition has nodes (one of them the entry, at most one the error handler) and edges. An edge is
//! `direct` (always taken; several from one node are a fan-out) or `conditional` (its conditions are tried in order, the
//! first that holds names the target; those of several conditional edges of one node are read as one list, in the order
//! of the edges). `__end__` ends a branch, and so does a node without outgoing edges. A node reached by two branches in
//! one step runs once, after both.

mod builtin;
mod condition;
pub mod executed;
mod route;
mod validate;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{AgentId, NodeId};

pub use builtin::{BuiltIn, builtins, solo};
pub use route::Next;
pub use validate::validate;

/// Target that ends a branch.
pub const END: &str = "__end__";
/// Id of the workflow that is active on a fresh start.
pub const DEFAULT_ID: &str = "default";
/// Most nodes of a definition.
pub const MAX_NODES: usize = 100;
/// Most edges of a definition.
pub const MAX_EDGES: usize = 400;

/// Where a node stands in a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Position {
    /// To the right.
    #[serde(default)]
    pub x: f64,
    /// Down.
    #[serde(default)]
    pub y: f64,
}

/// One node: an agent at work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Its id.
    pub node_id: String,
    /// Who works there.
    pub agent_id: String,
    /// For drawings.
    #[serde(default)]
    pub position: Position,
    /// Where the workflow begins.
    #[serde(default)]
    pub is_entry_point: bool,
    /// Where a node with an error leads, whatever its edges say.
    #[serde(default)]
    pub is_error_handler: bool,
}

/// Whether an edge asks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeType {
    /// Always taken.
    #[default]
    Direct,
    /// Its conditions decide.
    Conditional,
}

/// One line of a conditional edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// Where it leads.
    pub target: String,
    /// `field_equals`, `field_contains`, `field_in` or `default`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Member of the state, dotted for members of members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// One edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// Its id.
    pub edge_id: String,
    /// Where it starts.
    pub source_node_id: String,
    /// Where a direct edge leads.
    #[serde(default = "end")]
    pub target_node_id: String,
    /// Direct or conditional.
    #[serde(default)]
    pub edge_type: EdgeType,
    /// Tried in order.
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
    /// For drawings.
    #[serde(default)]
    pub label: String,
}

fn end() -> String {
    END.to_owned()
}

/// How errors and limits are treated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorConfig {
    /// Tries of the error handler.
    #[serde(default = "three")]
    pub max_retries: u64,
    /// Seconds of one segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
    /// Limits of a run, by name.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub limits: Value,
}

fn three() -> u64 {
    3
}

impl Default for ErrorConfig {
    fn default() -> Self {
        Self { max_retries: three(), timeout_seconds: None, limits: Value::Null }
    }
}

/// A definition as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Its id; may be left to the row that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The edges.
    #[serde(default)]
    pub edges: Vec<Edge>,
    /// Errors and limits.
    #[serde(default)]
    pub error_config: ErrorConfig,
}

/// A node whose ids are in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidNode {
    /// Its id.
    pub node_id: NodeId,
    /// Who works there.
    pub agent_id: AgentId,
}

/// A definition that can be executed. Only [`validate`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidatedWorkflow {
    pub(super) nodes: Vec<ValidNode>,
    pub(super) edges: Vec<Edge>,
    pub(super) entry: NodeId,
    pub(super) error_handler: Option<NodeId>,
    pub(super) error_config: ErrorConfig,
}

impl ValidatedWorkflow {
    /// The node of this id.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<&ValidNode> {
        self.nodes.iter().find(|node| node.node_id.as_str() == id)
    }

    /// All nodes, in the order of the definition.
    #[must_use]
    pub fn nodes(&self) -> &[ValidNode] {
        &self.nodes
    }

    /// All edges, in the order of the definition.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Where it begins.
    #[must_use]
    pub fn entry(&self) -> &NodeId {
        &self.entry
    }

    /// Errors and limits.
    #[must_use]
    pub fn error_config(&self) -> &ErrorConfig {
        &self.error_config
    }
}
