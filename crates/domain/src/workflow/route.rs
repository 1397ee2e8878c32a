//! Where a run goes after a node.

use serde_json::{Map, Value};

use super::condition::holds;
use super::{END, EdgeType, ValidatedWorkflow};
use crate::ids::NodeId;

/// One way on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Next {
    /// Another node.
    Node(NodeId),
    /// The branch ends.
    End,
}

impl ValidatedWorkflow {
    /// Where the run goes after `node`, in the state that the step left. A node that ended with an error leads to the
    /// error handler whatever its edges say; the handler itself follows its edges.
    #[must_use]
    pub fn targets(&self, node: &str, state: &Map<String, Value>) -> Vec<Next> {
        let in_error = state.get("error").and_then(Value::as_str).is_some_and(|error| !error.is_empty());
        let handler = self.error_handler.as_ref();
        if in_error && handler.is_none_or(|handler| handler.as_str() != node) {
            return vec![handler.map_or(Next::End, |handler| Next::Node(handler.clone()))];
        }
        let outgoing = || self.edges.iter().filter(|edge| edge.source_node_id == node);
        let direct: Vec<Next> = outgoing()
            .filter(|edge| edge.edge_type == EdgeType::Direct)
            .map(|edge| self.next(&edge.target_node_id))
            .collect();
        if !direct.is_empty() {
            return direct;
        }
        let conditions = outgoing().filter_map(|edge| edge.conditions.as_ref()).flatten();
        let first = conditions.into_iter().find(|condition| holds(condition, state));
        vec![first.map_or(Next::End, |condition| self.next(&condition.target))]
    }

    fn next(&self, target: &str) -> Next {
        if target == END {
            return Next::End;
        }
        self.node(target).map_or(Next::End, |node| Next::Node(node.node_id.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{builtins, validate};
    use super::*;
    use serde_json::json;

    fn default_workflow() -> ValidatedWorkflow {
        let built_in = builtins().into_iter().find(|workflow| workflow.id == "default").unwrap();
        let agents: Vec<String> = built_in.definition.nodes.iter().map(|node| node.agent_id.clone()).collect();
        validate(built_in.definition, &agents).unwrap()
    }

    fn after(node: &str, state: Value) -> Vec<String> {
        let targets = default_workflow().targets(node, &state.as_object().cloned().unwrap());
        let name = |next| match next {
            Next::Node(node) => NodeId::to_string(&node),
            Next::End => END.to_owned(),
        };
        targets.into_iter().map(name).collect()
    }

    #[test]
    fn the_default_workflow_routes_by_classification() {
        assert_eq!(after("orchestrator", json!({"route_to": "operations"})), ["operations"]);
        assert_eq!(after("orchestrator", json!({"route_to": "revenue_analytics"})), ["revenue_analytics"]);
        assert_eq!(after("orchestrator", json!({"route_to": "nowhere"})), ["error_handler"]);
        assert_eq!(after("sales_marketing", json!({"should_spawn_sub_agents": true})), ["sub_agents"]);
        assert_eq!(after("sales_marketing", json!({})), [END]);
        assert_eq!(after("operations", json!({})), [END]);
    }

    #[test]
    fn an_error_leads_to_the_handler_and_an_empty_one_back() {
        assert_eq!(after("operations", json!({"error": "down"})), ["error_handler"]);
        assert_eq!(after("error_handler", json!({"error": ""})), ["orchestrator"]);
        assert_eq!(after("error_handler", json!({"error": "down"})), [END]);
        assert_eq!(after("error_handler", json!({})), [END], "absent is not the same as empty");
    }
}
