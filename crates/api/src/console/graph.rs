//! `/api/graph/definition`: a workflow as nodes and edges to draw.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::{Extension, Json};
use domain::codes::Code;
use domain::workflow::{Condition, Definition, END, Edge, EdgeType, Node};
use serde::Serialize;
use serde_json::{Value, json};

use super::app::Console;
use super::ports::{AgentFacts, WorkflowPicture};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::openapi::{Operation, schema};

const START: &str = "__start__";
/// The node behind which a crew of four works.
const CREW: &str = "sub_agents";
const CREW_START: &str = "sub_start";
const CREW_END: &str = "sub_end";
/// Who hands to whom in the crew.
const CREW_EDGES: [(&str, &str); 6] = [
    (CREW_START, "content_writer"),
    (CREW_START, "image_selector"),
    ("content_writer", "hashtag_optimizer"),
    ("image_selector", "hashtag_optimizer"),
    ("hashtag_optimizer", "campaign_analyzer"),
    ("campaign_analyzer", CREW_END),
];

/// A graph.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Graph {
    nodes: Vec<DrawnNode>,
    edges: Vec<DrawnEdge>,
    subgraphs: BTreeMap<&'static str, Graph>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct DrawnNode {
    id: String,
    label: String,
    node_type: &'static str,
    model_id: Option<String>,
    model_provider: Option<String>,
    position: Option<Value>,
    agent_id: Option<String>,
    channel_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct DrawnEdge {
    id: String,
    source: String,
    target: String,
    conditional: bool,
    label: Option<String>,
}

/// GET `/api/graph/definition`
pub async fn show(
    State(_): State<App>,
    Extension(console): Extension<Console>,
    mut query: Query,
) -> Result<Json<Graph>, ApiError> {
    let workflow_id = query.text("workflow_id");
    query.finish()?;
    Ok(Json(drawn(&console.desk.workflow(workflow_id.as_deref()).await?)))
}

/// The graph of a workflow. Every edge joins two nodes of the graph, and no id stands twice.
#[must_use]
pub fn drawn(picture: &WorkflowPicture) -> Graph {
    let agents: BTreeMap<&str, &AgentFacts> =
        picture.agents.iter().map(|agent| (agent.agent_id.as_str(), agent)).collect();
    let definition = &picture.definition;
    let mut nodes = vec![terminal(START, "Start")];
    for node in &definition.nodes {
        let position = json!({"x": node.position.x, "y": node.position.y});
        nodes.push(agent_node(&node.node_id, &node.agent_id, kind(node), Some(position), &agents));
    }
    nodes.push(terminal(END, "End"));
    let edges = edges(definition, &nodes);
    let has_crew = definition.nodes.iter().any(|node| node.node_id == CREW);
    let subgraphs = if has_crew { BTreeMap::from([(CREW, crew(&agents))]) } else { BTreeMap::new() };
    Graph { nodes, edges, subgraphs }
}

fn kind(node: &Node) -> &'static str {
    if node.is_entry_point {
        "orchestrator"
    } else if node.is_error_handler {
        "error_handler"
    } else if node.node_id == CREW {
        "sub_agent"
    } else {
        "agent"
    }
}

fn terminal(id: &str, label: &str) -> DrawnNode {
    DrawnNode {
        id: id.to_owned(),
        label: label.to_owned(),
        node_type: "terminal",
        model_id: None,
        model_provider: None,
        position: None,
        agent_id: None,
        channel_id: None,
    }
}

fn agent_node(
    id: &str,
    agent_id: &str,
    node_type: &'static str,
    position: Option<Value>,
    agents: &BTreeMap<&str, &AgentFacts>,
) -> DrawnNode {
    let agent = agents.get(agent_id);
    DrawnNode {
        id: id.to_owned(),
        label: agent.map_or_else(|| id.to_owned(), |agent| agent.display_name.clone()),
        node_type,
        model_id: agent.map(|agent| agent.model_id.clone()),
        model_provider: agent.and_then(|agent| agent.model_provider.clone()),
        position,
        agent_id: Some(agent_id.to_owned()),
        channel_id: agent.map(|agent| agent.channel_id.clone()),
    }
}

fn edges(definition: &Definition, nodes: &[DrawnNode]) -> Vec<DrawnEdge> {
    let mut edges = Vec::new();
    for entry in definition.nodes.iter().filter(|node| node.is_entry_point) {
        edges.push(edge("start", START, &entry.node_id, false, None));
    }
    for one in &definition.edges {
        edges.extend(edges_of(one));
    }
    for node in &definition.nodes {
        // A node that leads nowhere ends its branch.
        if !definition.edges.iter().any(|edge| edge.source_node_id == node.node_id) {
            edges.push(edge(&format!("{}:end", node.node_id), &node.node_id, END, false, None));
        }
    }
    let known: BTreeSet<&str> = nodes.iter().map(|node| node.id.as_str()).collect();
    let mut taken = BTreeSet::new();
    edges.retain(|edge| known.contains(edge.source.as_str()) && known.contains(edge.target.as_str()));
    for edge in &mut edges {
        while !taken.insert(edge.id.clone()) {
            edge.id.push('\'');
        }
    }
    edges
}

fn edge(id: &str, source: &str, target: &str, conditional: bool, label: Option<String>) -> DrawnEdge {
    DrawnEdge { id: id.to_owned(), source: source.to_owned(), target: target.to_owned(), conditional, label }
}

/// One edge for each target.
fn edges_of(one: &Edge) -> Vec<DrawnEdge> {
    let own_label = Some(one.label.clone()).filter(|label| !label.is_empty());
    match (one.edge_type, &one.conditions) {
        (EdgeType::Conditional, Some(conditions)) => conditions
            .iter()
            .enumerate()
            .map(|(place, condition)| {
                let id = format!("{}:{place}", one.edge_id);
                edge(&id, &one.source_node_id, &condition.target, true, own_label.clone().or_else(|| words(condition)))
            })
            .collect(),
        (kind, _) => {
            let conditional = kind == EdgeType::Conditional;
            vec![edge(&one.edge_id, &one.source_node_id, &one.target_node_id, conditional, own_label)]
        }
    }
}

/// The condition in a few words.
fn words(condition: &Condition) -> Option<String> {
    if condition.kind == "default" {
        return Some("otherwise".to_owned());
    }
    let field = condition.field.as_deref()?;
    let value = match condition.value.as_ref()? {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let verb = match condition.kind.as_str() {
        "field_equals" => "=",
        "field_contains" => "contains",
        "field_in" => "in",
        _ => return None,
    };
    Some(format!("{field} {verb} {value}"))
}

fn crew(agents: &BTreeMap<&str, &AgentFacts>) -> Graph {
    let mut nodes = vec![terminal(CREW_START, "Start")];
    for id in ["content_writer", "image_selector", "hashtag_optimizer", "campaign_analyzer"] {
        nodes.push(agent_node(id, id, "sub_agent", None, agents));
    }
    nodes.push(terminal(CREW_END, "End"));
    let edges = CREW_EDGES
        .iter()
        .map(|(source, target)| edge(&format!("{source}:{target}"), source, target, false, None))
        .collect();
    Graph { nodes, edges, subgraphs: BTreeMap::new() }
}

pub(super) fn show_doc() -> Operation {
    Operation::new("show_graph", "Graph", "A workflow as nodes and edges to draw")
        .describe("Ids of nodes are the `node` of live events.")
        .query("workflow_id", "Which; otherwise the active one", schema::text_up_to(200))
        .answer(200, "The graph", schema::named("Graph"))
        .refuses(&[Code::NotFound])
}

/// The schema of a graph, which names itself.
#[must_use]
pub fn graph_schema() -> Value {
    let place = schema::object(&[("x", schema::number()), ("y", schema::number())]);
    let node = schema::object(&[
        ("id", schema::text()),
        ("label", schema::text()),
        ("node_type", schema::one_of(&["terminal", "orchestrator", "error_handler", "sub_agent", "agent"])),
        ("model_id", schema::or_null(schema::text())),
        ("model_provider", schema::or_null(schema::one_of(&["ollama", "openai", "anthropic"]))),
        ("position", schema::or_null(place)),
        ("agent_id", schema::or_null(schema::text())),
        ("channel_id", schema::or_null(schema::text())),
    ]);
    let edge = schema::object(&[
        ("id", schema::text()),
        ("source", schema::text()),
        ("target", schema::text()),
        ("conditional", schema::flag()),
        ("label", schema::or_null(schema::text())),
    ]);
    schema::object(&[
        ("nodes", schema::list(node)),
        ("edges", schema::list(edge)),
        ("subgraphs", schema::map_of(schema::named("Graph"))),
    ])
}

#[cfg(test)]
mod tests {
    use domain::workflow::builtins;

    use super::*;

    fn default_graph() -> Graph {
        let agents = vec![AgentFacts {
            agent_id: "revenue".into(),
            display_name: "Revenue & Analytics".into(),
            channel_id: "K4".into(),
            model_id: "claude_opus".into(),
            model_provider: Some("anthropic".into()),
        }];
        drawn(&WorkflowPicture { definition: builtins().remove(0).definition, agents })
    }

    #[test]
    fn every_edge_joins_two_nodes_and_no_id_stands_twice() {
        let graph = default_graph();
        for graph in std::iter::once(&graph).chain(graph.subgraphs.values()) {
            let nodes: BTreeSet<_> = graph.nodes.iter().map(|node| &node.id).collect();
            let ids: BTreeSet<_> = graph.edges.iter().map(|edge| &edge.id).collect();
            assert_eq!((nodes.len(), ids.len()), (graph.nodes.len(), graph.edges.len()));
            assert!(graph.edges.iter().all(|edge| nodes.contains(&edge.source) && nodes.contains(&edge.target)));
        }
    }

    #[test]
    fn a_node_shows_its_agent_and_a_condition_its_words() {
        let graph = default_graph();
        let node = graph.nodes.iter().find(|node| node.id == "revenue_analytics").unwrap();
        assert_eq!((node.label.as_str(), node.node_type), ("Revenue & Analytics", "agent"));
        assert_eq!(node.model_provider.as_deref(), Some("anthropic"));
        let edges: Vec<_> = graph.edges.iter().filter(|edge| edge.source == "orchestrator").collect();
        assert_eq!(edges.len(), 5, "one for each target");
        assert_eq!(edges[0].label.as_deref(), Some("route_to = sales_marketing"));
        assert_eq!(edges[4].label.as_deref(), Some("otherwise"));
        assert!(graph.subgraphs.contains_key(CREW));
    }
}
