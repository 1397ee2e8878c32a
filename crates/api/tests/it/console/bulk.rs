//! One answer to many tickets.

use domain::role::Role;
use domain::tool::Risk;
use serde_json::{Value, json};

use super::ConsoleApp;
use super::played::email;

const PATH: &str = "/api/tower/tickets/bulk-decide";

fn items(ids: &[i64]) -> Value {
    ids.iter().map(|id| json!({"ticket_id": id, "expected_checkpoint_id": crate::engine::CHECKPOINT})).collect()
}

#[tokio::test]
async fn only_low_risk_is_approved_in_bulk_and_one_refusal_stops_nobody() {
    let app = ConsoleApp::new();
    app.agents.engine.also_pending(50, Risk::Low);
    app.agents.engine.also_pending(51, Risk::Low);
    let body = json!({"decision": "approve", "items": items(&[50, 42, 43, 7, 51])});
    let answer = app.post(Role::Admin, PATH, body).await.json();
    assert_eq!((&answer["decided"], &answer["failed"]), (&json!(2), &json!(3)));
    let results = answer["results"].as_array().unwrap();
    let ids: Vec<_> = results.iter().map(|result| result["ticket_id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [50, 42, 43, 7, 51], "in the order given");
    assert_eq!(results[0], json!({"ticket_id": 50, "ok": true, "status": "approved", "error": null}));
    for refused in &results[1..3] {
        assert_eq!(refused["error"], "Only low-risk tickets can be approved in bulk");
        assert_eq!((&refused["ok"], &refused["status"]), (&json!(false), &json!("pending")));
    }
    assert_eq!(results[3]["error"], "Ticket not found");
    let decisions = app.agents.engine.decisions.lock().unwrap();
    assert!(decisions.iter().all(|(by, _, _)| by.subject == email(Role::Admin)));
}

#[tokio::test]
async fn a_rejection_in_bulk_carries_its_reason_and_keeps_to_the_roles() {
    let app = ConsoleApp::new();
    let body = json!({"decision": "reject", "reason": "not today", "items": items(&[42, 43])});
    let answer = app.post(Role::Operator, PATH, body).await.json();
    assert_eq!(answer["results"][0]["status"], "rejected");
    assert_eq!(answer["results"][1]["error"], "Admin role required", "high risk is an admin's, in bulk too");
    let decisions = app.agents.engine.decisions.lock().unwrap();
    assert_eq!(decisions[0].2.payload["reason"], "not today");
}

#[tokio::test]
async fn a_stale_ticket_is_refused_by_itself() {
    let app = ConsoleApp::new();
    app.agents.engine.also_pending(50, Risk::Low);
    let body =
        json!({"decision": "approve", "items": [{"ticket_id": 50, "expected_checkpoint_id": "cp_ffffffffffff"}]});
    let answer = app.post(Role::Admin, PATH, body).await.json();
    assert!(answer["results"][0]["error"].as_str().unwrap().starts_with("Stale ticket"), "{answer}");
}

#[tokio::test]
async fn an_expired_ticket_is_not_decided_in_bulk() {
    let app = ConsoleApp::new();
    app.agents.engine.also_pending(50, Risk::Low);
    app.pass(24 * 3600);
    let body = json!({"decision": "approve", "items": items(&[50])});
    let answer = app.post(Role::Admin, PATH, body).await.json();
    assert_eq!(answer["results"][0]["error"], "Ticket expired");
}

#[tokio::test]
async fn broken_rules_are_told_before_anything_is_decided() {
    let app = ConsoleApp::new();
    for (body, rule) in [
        (json!({"decision": "reject", "items": items(&[42])}), "a rejection needs a reason"),
        (json!({"decision": "reject", "reason": " ", "items": items(&[42])}), "a rejection needs a reason"),
        (json!({"decision": "approve", "items": []}), "items has 1 to 100 entries"),
        (json!({"decision": "approve", "items": items(&(1..=101).collect::<Vec<_>>())}), "items has 1 to 100 entries"),
        (json!({"decision": "approve", "items": items(&[42, 42])}), "items names no ticket twice"),
        (json!({"decision": "approve", "items": items(&[0])}), "items[].ticket_id is 1 or more"),
    ] {
        let answer = app.post(Role::Admin, PATH, body).await.assert_error(422, "rule_broken");
        assert_eq!(answer["violations"], json!([rule]));
    }
    let body = json!({"decision": "maybe", "items": items(&[42])});
    app.post(Role::Admin, PATH, body).await.assert_error(400, "invalid_body");
    assert!(app.agents.engine.decisions.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_store_that_is_down_is_an_outage_and_not_a_list_of_failures() {
    let app = ConsoleApp::new();
    app.agents.engine.is_in(crate::engine::Trouble::DatabaseDown);
    let body = json!({"decision": "approve", "items": items(&[42, 43])});
    app.post(Role::Admin, PATH, body).await.assert_error(503, "database_unavailable");
}
