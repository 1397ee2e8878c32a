//! Agents, tools, workflows and the graph.

use domain::role::Role;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn a_prompt_is_shown_to_admins_and_to_nobody_else() {
    let app = TestApp::new();
    for path in [
        "/agents",
        "/agents/revenue",
        "/agents/revenue/versions",
        "/agents/revenue/versions/1",
        "/agents/revenue/default",
    ] {
        for role in [Role::Viewer, Role::Operator] {
            let text = app.get(role, path).await.json().to_string();
            assert!(!text.contains("system_prompt") && !text.contains("Count."), "{path}: {text}");
        }
        assert!(app.get(Role::Admin, path).await.json().to_string().contains("\"system_prompt\":\"Count.\""), "{path}");
    }
}

#[tokio::test]
async fn a_version_is_found_by_its_number_alone() {
    let app = TestApp::new();
    for kind in ["agents/revenue", "workflows/default"] {
        assert_eq!(app.get(Role::Viewer, &format!("/{kind}/versions/1")).await.json()["version"], 1);
        for wrong in ["0", "3", "01x", "-1", "1.0", "99999999999", "%201"] {
            let answer = app.get(Role::Viewer, &format!("/{kind}/versions/{wrong}")).await;
            answer.assert_error(404, "version_not_found");
        }
    }
    app.get(Role::Viewer, "/agents/nobody/versions/1").await.assert_error(404, "agent_not_found");
    app.get(Role::Viewer, "/agents/Revenue").await.assert_error(404, "agent_not_found");
    app.get(Role::Viewer, "/workflows/nothing").await.assert_error(404, "workflow_not_found");
    app.get(Role::Viewer, "/agents/nobody/default").await.assert_error(404, "default_not_found");
}

#[tokio::test]
async fn the_graph_is_the_active_workflow_with_its_guardrails() {
    let app = TestApp::new();
    let graph = app.get(Role::Viewer, "/graph/definition").await.json();
    let edges = graph["edges"].as_array().unwrap();
    assert!(edges.contains(&json!({"source": "__start__", "target": "input_guardrail", "conditional": false})));
    assert!(edges.contains(&json!({"source": "orchestrator", "target": "operations", "conditional": true})));
}

#[tokio::test]
async fn what_nobody_observed_is_null_and_revenue_has_its_node_too() {
    let app = TestApp::new();
    let nodes = app.get(Role::Viewer, "/graph/metadata").await.json()["nodes"].clone();
    assert_eq!(nodes["revenue"], nodes["revenue_analytics"]);
    assert_eq!(
        nodes["revenue"],
        json!({"channel_id": "K4", "p_fail": null, "last_latency_ms": null, "tool_count": 1, "version": 2,
               "model_id": "gpt4o", "capacity": null, "n_observations": 0})
    );
}
