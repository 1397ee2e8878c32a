//! A definition as it is executed: with a start, both guardrails and an end, and each condition as an edge.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Definition, END, EdgeType};

/// Where every run begins.
pub const START: &str = "__start__";
/// Looks at what comes in, before the entry node.
pub const INPUT_GUARDRAIL: &str = "input_guardrail";
/// Looks at what goes out, before the end.
pub const OUTPUT_GUARDRAIL: &str = "output_guardrail";

/// A node of the drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DrawnNode {
    /// Its id.
    pub id: String,
    /// What stands on it.
    pub name: String,
}

/// An edge of the drawing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DrawnEdge {
    /// From.
    pub source: String,
    /// To.
    pub target: String,
    /// Whether a condition decides.
    pub conditional: bool,
}

/// The drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// Nodes in the order of the definition, between start and end.
    pub nodes: Vec<DrawnNode>,
    /// Edges, each once, in the order of the definition.
    pub edges: Vec<DrawnEdge>,
}

/// Draws `definition`. Whatever leads to the end, or nowhere, leads to the output guardrail.
#[must_use]
pub fn graph(definition: &Definition) -> Graph {
    let node = |id: &str| DrawnNode { id: id.to_owned(), name: id.replace('_', " ").trim().to_owned() };
    let mut nodes = vec![node(START), node(INPUT_GUARDRAIL)];
    nodes.extend(definition.nodes.iter().map(|one| node(&one.node_id)));
    nodes.extend([node(OUTPUT_GUARDRAIL), node(END)]);

    let mut drawn = Drawn::default();
    drawn.edge(START, INPUT_GUARDRAIL, false);
    for entry in definition.nodes.iter().filter(|one| one.is_entry_point) {
        drawn.edge(INPUT_GUARDRAIL, &entry.node_id, false);
    }
    let out = |target: &str| if target == END { OUTPUT_GUARDRAIL.to_owned() } else { target.to_owned() };
    for edge in &definition.edges {
        match edge.edge_type {
            EdgeType::Direct => drawn.edge(&edge.source_node_id, &out(&edge.target_node_id), false),
            EdgeType::Conditional => {
                for condition in edge.conditions.iter().flatten() {
                    drawn.edge(&edge.source_node_id, &out(&condition.target), true);
                }
            }
        }
    }
    for one in &definition.nodes {
        if !definition.edges.iter().any(|edge| edge.source_node_id == one.node_id) {
            drawn.edge(&one.node_id, OUTPUT_GUARDRAIL, false);
        }
    }
    drawn.edge(OUTPUT_GUARDRAIL, END, false);
    Graph { nodes, edges: drawn.edges }
}

#[derive(Default)]
struct Drawn {
    edges: Vec<DrawnEdge>,
    seen: BTreeSet<DrawnEdge>,
}

impl Drawn {
    fn edge(&mut self, source: &str, target: &str, conditional: bool) {
        let edge = DrawnEdge { source: source.to_owned(), target: target.to_owned(), conditional };
        if self.seen.insert(edge.clone()) {
            self.edges.push(edge);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::builtins;

    #[test]
    fn the_default_workflow_runs_from_start_to_end_through_both_guardrails() {
        let default = builtins().into_iter().find(|one| one.id == "default").unwrap();
        let graph = graph(&default.definition);
        let ids: Vec<_> = graph.nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!((ids[0], ids[1], ids[ids.len() - 1]), (START, INPUT_GUARDRAIL, END));
        let has = |source: &str, target: &str, conditional: bool| {
            let wanted = DrawnEdge { source: source.into(), target: target.into(), conditional };
            graph.edges.iter().filter(|edge| **edge == wanted).count() == 1
        };
        assert!(has(START, INPUT_GUARDRAIL, false) && has(INPUT_GUARDRAIL, "orchestrator", false));
        assert!(has("orchestrator", "operations", true) && has("orchestrator", "error_handler", true));
        assert!(has("operations", OUTPUT_GUARDRAIL, false) && has("error_handler", OUTPUT_GUARDRAIL, true));
        assert!(has(OUTPUT_GUARDRAIL, END, false));
        for edge in &graph.edges {
            assert!(ids.contains(&edge.source.as_str()) && ids.contains(&edge.target.as_str()), "{edge:?}");
        }
    }

    #[test]
    fn a_node_without_edges_leads_to_the_end() {
        let mut solo = crate::workflow::solo(&"sage".parse().unwrap());
        let with_edge = graph(&solo);
        solo.edges.clear();
        assert_eq!(graph(&solo), with_edge);
        assert_eq!(with_edge.edges.len(), 4);
    }
}
