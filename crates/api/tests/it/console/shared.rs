//! What both servers answer alike, and whose name is under a decision.

use api::console::table::routes;
use domain::role::Role;
use http::Method;
use serde_json::{Value, json};

use super::ConsoleApp;
use super::played::{ROLES, email};
use crate::app::{TestApp, filled};
use crate::engine::RUN;

#[tokio::test]
async fn shared_reads_answer_every_role_as_the_agents_server_does() {
    let app = ConsoleApp::new();
    let mut seen = 0;
    for entry in routes() {
        let (Some(agents), &Method::GET) = (entry.rules.mirrors, &entry.route.method) else { continue };
        for role in ROLES {
            let there = app.agents.get(role, &filled(agents)).await;
            let here = app.get(role, &filled(entry.route.facts.path)).await;
            assert_eq!(here.status, there.status, "{agents} as {}", role.as_str());
            let without_trace = |mut body: Value| {
                body.as_object_mut().map(|members| members.remove("trace_id"));
                body
            };
            assert_eq!(without_trace(here.json()), without_trace(there.json()), "{agents} as {}", role.as_str());
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

#[tokio::test]
async fn query_and_refusals_pass_unchanged() {
    let app = ConsoleApp::new();
    app.get(Role::Viewer, "/api/tower/runs?status=done").await.assert_error(400, "invalid_query");
    app.get(Role::Viewer, "/api/tower/runs/run_ffffffffffffffff").await.assert_error(404, "run_not_found");
    app.get(Role::Viewer, "/api/tower/tickets/x").await.assert_error(404, "ticket_not_found");
    let body = json!({"decision": "approve"});
    app.post(Role::Operator, "/api/tower/tickets/43/decide", body).await.assert_error(403, "forbidden");
}

#[tokio::test]
async fn a_decision_bears_the_e_mail_of_the_user_and_no_forged_name() {
    let app = ConsoleApp::new();
    let body = json!({"decision": "approve", "decided_by": "somebody@else.example"});
    assert_eq!(app.post(Role::Operator, "/api/tower/tickets/42/decide", body).await.status, 200);
    let path = format!("/api/tower/runs/{RUN}/resume");
    let body = json!({"ticket_id": 42, "decision": "reject", "decided_by": "somebody@else.example"});
    assert_eq!(app.post(Role::Admin, &path, body).await.status, 200);
    let decisions = app.agents.engine.decisions.lock().unwrap();
    let names: Vec<_> = decisions.iter().map(|(by, _, _)| (by.subject.clone(), by.role)).collect();
    assert_eq!(names, [(email(Role::Operator), Role::Operator), (email(Role::Admin), Role::Admin)]);
}

#[tokio::test]
async fn one_sentence_becomes_a_run_of_the_active_workflow() {
    let app = ConsoleApp::new();
    let answer = app.post(Role::Operator, "/api/execute", json!({"task": "Is order #1042 printed?"})).await;
    assert_eq!(answer.json()["output"]["run_id"], RUN);
    {
        let starts = app.agents.engine.starts.lock().unwrap();
        let state = starts[0].input_state.members();
        assert_eq!(state["messages"], json!([{"type": "human", "content": "Is order #1042 printed?"}]));
        assert_eq!((&state["trigger_source"], &state["retry_count"]), (&json!("holly_console"), &json!(0)));
        assert_eq!((starts[0].workflow_id.as_deref(), starts[0].created_by.as_str()), (None, "console"));
        assert_eq!(starts[0].metadata["actor"], email(Role::Operator));
    }
    for task in [json!({}), json!({"task": " "}), json!({"task": ""})] {
        let body = app.post(Role::Operator, "/api/execute", task).await.assert_error(400, "invalid_body");
        assert_eq!(body["error"], "task is required");
    }
    let long = json!({"task": "x".repeat(20_001)});
    app.post(Role::Operator, "/api/execute", long).await.assert_error(422, "rule_broken");
}

#[tokio::test]
async fn the_overview_names_the_part_that_failed_and_leaves_out_what_does_not_exist() {
    let app = ConsoleApp::new();
    let body = app.get(Role::Viewer, "/api/overview").await.json();
    assert_eq!(body["tickets"], json!({"pending": 3, "high": 1, "expiring_1h": 0}));
    assert_eq!(body["dlq"], json!({"unresolved": 4}));
    assert_eq!((&body["autonomy"], &body["gate"], &body["errors"]), (&Value::Null, &Value::Null, &json!({})));
    app.agents.engine.is_in(crate::engine::Trouble::DatabaseDown);
    let same = app.get(Role::Viewer, "/api/overview").await.json();
    assert_eq!(same["tickets"]["pending"], 3, "at most two seconds old");
    app.pass(2);
    let body = app.get(Role::Viewer, "/api/overview").await.json();
    assert_eq!((&body["tickets"], &body["errors"]["tickets"]), (&Value::Null, &json!("database_unavailable")));
}

#[tokio::test]
async fn a_graph_that_does_not_exist_is_not_found() {
    let app = ConsoleApp::new();
    assert_eq!(app.get(Role::Viewer, "/api/graph/definition?workflow_id=default").await.status, 200);
    app.get(Role::Viewer, "/api/graph/definition?workflow_id=other").await.assert_error(404, "not_found");
}

#[tokio::test]
async fn health_tells_strangers_that_nobody_can_sign_in() {
    let app = ConsoleApp::new();
    let ask = || crate::app::builder("GET", "/api/health").body(axum::body::Body::empty()).unwrap();
    let body = app.send(ask()).await.json();
    assert_eq!((&body["holly_console"], &body["login"]), (&json!("connected"), &json!("configured")));
    let there =
        TestApp::new().send(crate::app::builder("GET", "/health").body(axum::body::Body::empty()).unwrap()).await;
    for (name, value) in there.json().as_object().unwrap() {
        assert_eq!(&body[name], value);
    }
    app.accounts.users.lock().unwrap().clear();
    assert_eq!(app.send(ask()).await.json()["login"], "not_configured");
}
