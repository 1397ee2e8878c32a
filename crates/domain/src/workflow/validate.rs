//! Whether a definition can be executed; all problems are reported together.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::KINDS;
use super::{Definition, END, Edge, EdgeType, MAX_EDGES, MAX_NODES, ValidNode, ValidatedWorkflow};
use crate::ids::{NodeId, is_slug};

/// Checks a definition.
///
/// # Errors
/// Every problem, one sentence each, naming the node or edge.
pub fn validate(definition: Definition, known_agents: &[String]) -> Result<ValidatedWorkflow, Vec<String>> {
    let mut problems = Vec::new();
    check_nodes(&definition, known_agents, &mut problems);
    check_edges(&definition, &mut problems);
    if problems.is_empty() {
        check_paths(&definition, &mut problems);
    }
    let nodes: Vec<ValidNode> = definition
        .nodes
        .iter()
        .filter_map(|node| {
            Some(ValidNode { node_id: node.node_id.parse().ok()?, agent_id: node.agent_id.parse().ok()? })
        })
        .collect();
    let marked = |wanted: fn(&super::Node) -> bool| -> Option<NodeId> {
        definition.nodes.iter().find(|node| wanted(node)).and_then(|node| node.node_id.parse().ok())
    };
    let error_handler = marked(|node| node.is_error_handler).or_else(|| marked(|node| node.node_id == "error_handler"));
    match marked(|node| node.is_entry_point) {
        Some(entry) if problems.is_empty() => Ok(ValidatedWorkflow {
            nodes,
            edges: definition.edges,
            entry,
            error_handler,
            error_config: definition.error_config,
        }),
        _ => Err(problems),
    }
}

fn check_nodes(definition: &Definition, known_agents: &[String], problems: &mut Vec<String>) {
    let nodes = &definition.nodes;
    if nodes.is_empty() {
        problems.push("the workflow has no nodes".into());
    }
    if nodes.len() > MAX_NODES {
        problems.push(format!("{} nodes; at most {MAX_NODES} are allowed", nodes.len()));
    }
    let entries = nodes.iter().filter(|node| node.is_entry_point).count();
    if entries != 1 && !nodes.is_empty() {
        problems.push(format!("exactly one node must be the entry point; {entries} are"));
    }
    if nodes.iter().filter(|node| node.is_error_handler).count() > 1 {
        problems.push("more than one node is the error handler".into());
    }
    let mut seen = BTreeSet::new();
    for node in nodes {
        let id = &node.node_id;
        if !is_slug(id) {
            problems.push(format!("node `{}`: the id must be 1 to 64 of a-z, 0-9, `_`, `-`", short(id)));
        }
        if !seen.insert(id) {
            problems.push(format!("node `{}`: the id is used twice", short(id)));
        }
        if !known_agents.contains(&node.agent_id) {
            problems.push(format!("node `{}`: unknown agent `{}`", short(id), short(&node.agent_id)));
        }
    }
}

fn check_edges(definition: &Definition, problems: &mut Vec<String>) {
    let edges = &definition.edges;
    if edges.len() > MAX_EDGES {
        problems.push(format!("{} edges; at most {MAX_EDGES} are allowed", edges.len()));
    }
    let known = |id: &str| definition.nodes.iter().any(|node| node.node_id == id);
    let mut seen = BTreeSet::new();
    let mut kinds: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    for edge in edges {
        let id = short(&edge.edge_id);
        if !is_slug(&edge.edge_id) {
            problems.push(format!("edge `{id}`: the id must be 1 to 64 of a-z, 0-9, `_`, `-`"));
        }
        if !seen.insert(&edge.edge_id) {
            problems.push(format!("edge `{id}`: the id is used twice"));
        }
        if !known(&edge.source_node_id) {
            problems.push(format!("edge `{id}`: unknown source `{}`", short(&edge.source_node_id)));
        }
        let conditional = edge.edge_type == EdgeType::Conditional;
        if !conditional && edge.target_node_id != END && !known(&edge.target_node_id) {
            problems.push(format!("edge `{id}`: unknown target `{}`", short(&edge.target_node_id)));
        }
        if conditional {
            check_conditions(edge, &id, &known, problems);
        }
        kinds.entry(&edge.source_node_id).or_default().insert(conditional);
    }
    for (source, kinds) in kinds {
        if kinds.len() > 1 {
            problems.push(format!("node `{}`: has both direct and conditional edges", short(source)));
        }
    }
}

fn check_conditions(edge: &Edge, id: &str, known: &dyn Fn(&str) -> bool, problems: &mut Vec<String>) {
    let conditions = edge.conditions.as_deref().unwrap_or_default();
    if conditions.is_empty() {
        problems.push(format!("edge `{id}`: a conditional edge needs conditions"));
    }
    for condition in conditions {
        if condition.target != END && !known(&condition.target) {
            problems.push(format!("edge `{id}`: unknown condition target `{}`", short(&condition.target)));
        }
        if !KINDS.contains(&condition.kind.as_str()) {
            problems.push(format!("edge `{id}`: unknown condition type `{}`", short(&condition.kind)));
        } else if condition.kind != "default" && condition.field.as_deref().is_none_or(str::is_empty) {
            problems.push(format!("edge `{id}`: condition `{}` names no field", condition.kind));
        }
    }
}

/// Every node can be reached, and every node can end.
fn check_paths(definition: &Definition, problems: &mut Vec<String>) {
    let mut leads: BTreeMap<&str, BTreeSet<&str>> =
        definition.nodes.iter().map(|node| (node.node_id.as_str(), BTreeSet::new())).collect();
    for edge in &definition.edges {
        let targets = leads.entry(&edge.source_node_id).or_default();
        match edge.edge_type {
            EdgeType::Direct => drop(targets.insert(&edge.target_node_id)),
            EdgeType::Conditional => {
                targets.extend(edge.conditions.iter().flatten().map(|condition| condition.target.as_str()));
                // When nothing matches the branch ends.
                targets.insert(END);
            }
        }
    }
    let entry = definition.nodes.iter().find(|node| node.is_entry_point);
    // An error leads to the handler from anywhere.
    let handler = definition.nodes.iter().find(|node| node.is_error_handler || node.node_id == "error_handler");
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = entry.into_iter().chain(handler).map(|node| node.node_id.as_str()).collect();
    while let Some(node) = open.pop() {
        if node != END && reached.insert(node) {
            open.extend(leads.get(node).into_iter().flatten());
        }
    }
    let mut ending: BTreeSet<&str> =
        leads.iter().filter(|(_, to)| to.is_empty() || to.contains(END)).map(|(node, _)| *node).collect();
    loop {
        let more: Vec<&str> = leads
            .iter()
            .filter(|(node, to)| !ending.contains(*node) && to.iter().any(|target| ending.contains(target)))
            .map(|(node, _)| *node)
            .collect();
        if more.is_empty() {
            break;
        }
        ending.extend(more);
    }
    for node in &definition.nodes {
        if !reached.contains(node.node_id.as_str()) {
            problems.push(format!("node `{}`: cannot be reached from the entry", node.node_id));
        }
        if !ending.contains(node.node_id.as_str()) {
            problems.push(format!("node `{}`: no path leads to `{END}`", node.node_id));
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::super::builtins;
    use super::*;
    use serde_json::json;

    fn problems(definition: serde_json::Value) -> Vec<String> {
        let definition = serde_json::from_value(definition).unwrap();
        validate(definition, &["a".to_owned()]).err().unwrap_or_default()
    }

    #[test]
    fn all_problems_come_together_and_name_their_place() {
        let found = problems(json!({
            "nodes": [{"node_id": "x", "agent_id": "a"}, {"node_id": "x", "agent_id": "ghost"}],
            "edges": [
                {"edge_id": "e1", "source_node_id": "nobody", "target_node_id": "x"},
                {"edge_id": "e1", "source_node_id": "x", "edge_type": "conditional"},
                {"edge_id": "e2", "source_node_id": "x", "edge_type": "conditional", "conditions": [{"target": "y", "type": "guess"}]},
                {"edge_id": "e3", "source_node_id": "x", "target_node_id": "__end__"}],
        }));
        for expected in [
            "entry point",
            "node `x`: the id is used twice",
            "unknown agent `ghost`",
            "unknown source `nobody`",
            "edge `e1`: the id is used twice",
            "needs conditions",
            "unknown condition target `y`",
            "unknown condition type `guess`",
            "both direct and conditional",
        ] {
            assert!(found.iter().any(|problem| problem.contains(expected)), "{expected} not in {found:#?}");
        }
    }

    #[test]
    fn a_node_nobody_reaches_and_a_circle_without_an_end_are_refused() {
        let found = problems(json!({
            "nodes": [{"node_id": "x", "agent_id": "a", "is_entry_point": true}, {"node_id": "y", "agent_id": "a"}, {"node_id": "z", "agent_id": "a"}],
            "edges": [{"edge_id": "e1", "source_node_id": "x", "target_node_id": "y"}, {"edge_id": "e2", "source_node_id": "y", "target_node_id": "x"}],
        }));
        assert!(found.contains(&"node `z`: cannot be reached from the entry".to_owned()), "{found:?}");
        assert!(found.contains(&"node `x`: no path leads to `__end__`".to_owned()), "{found:?}");
    }

    #[test]
    fn what_is_shipped_is_valid() {
        for built_in in builtins() {
            let agents: Vec<String> = built_in.definition.nodes.iter().map(|node| node.agent_id.clone()).collect();
            assert_eq!(validate(built_in.definition, &agents).err(), None, "{}", built_in.id);
        }
    }
}
