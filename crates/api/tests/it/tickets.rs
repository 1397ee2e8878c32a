//! Tickets and decisions.

use domain::role::Role;
use domain::ticket::{TicketStatus, Verdict};
use domain::tool::Risk;
use serde_json::json;

use crate::app::TestApp;
use crate::engine::{CHECKPOINT, RUN};

#[tokio::test]
async fn a_decision_is_recorded_under_the_token_and_not_under_a_name_in_the_body() {
    let app = TestApp::new();
    let body = json!({"decision": "approve", "decided_by": "the boss", "decision_payload": {"note": "ok"}, "expected_checkpoint_id": CHECKPOINT});
    let answer = app.post(Role::Operator, "/tower/tickets/42/decide", body).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"ticket_id": 42, "status": "approved"})));
    let (by, ticket, answer) = app.engine.decisions.lock().unwrap().remove(0);
    assert_eq!(
        (by.subject.as_str(), by.role, ticket.0, answer.verdict),
        ("tester", Role::Operator, 42, Verdict::Approve)
    );
    assert_eq!(answer.payload["note"], "ok");
}

#[tokio::test]
async fn a_high_risk_ticket_needs_an_admin_by_either_route() {
    let app = TestApp::new();
    let error = app.post(Role::Operator, "/tower/tickets/43/decide", json!({"decision": "approve"})).await;
    assert_eq!(error.assert_error(403, "forbidden")["error"], "Admin role required");
    let resume = json!({"ticket_id": 43, "decision": "reject"});
    app.post(Role::Operator, &format!("/tower/runs/{RUN}/resume"), resume.clone()).await.assert_error(403, "forbidden");
    let answer = app.post(Role::Admin, &format!("/tower/runs/{RUN}/resume"), resume).await;
    assert_eq!(answer.json(), json!({"run_id": RUN, "status": "queued"}));
}

#[tokio::test]
async fn a_decision_for_another_checkpoint_is_stale() {
    let app = TestApp::new();
    let body = json!({"decision": "approve", "expected_checkpoint_id": "cp_1a2b3c4d5e6f"});
    let error = app.post(Role::Operator, "/tower/tickets/42/decide", body).await.assert_error(409, "ticket_stale");
    assert_eq!(error["error"], format!("Stale ticket: expected checkpoint cp_1a2b3c4d5e6f, got {CHECKPOINT}"));
}

#[tokio::test]
async fn what_is_no_decision_is_told_so_in_the_known_sentences() {
    let app = TestApp::new();
    let resume = format!("/tower/runs/{RUN}/resume");
    for body in [json!({}), json!({"ticket_id": 42}), json!({"decision": "approve"})] {
        let error = app.post(Role::Operator, &resume, body).await.assert_error(400, "invalid_body");
        assert_eq!(error["error"], "ticket_id and decision are required");
    }
    for body in [json!({"ticket_id": 42, "decision": "yes"}), json!({"ticket_id": 42, "decision": "Approve"})] {
        let error = app.post(Role::Operator, &resume, body).await.assert_error(400, "invalid_body");
        assert_eq!(error["error"], "decision must be 'approve' or 'reject'");
    }
    let wrong = json!({"decision": "approve", "decision_payload": {"params": [], "reason": 1, "harm": "no"}});
    let error = app.post(Role::Operator, "/tower/tickets/42/decide", wrong).await.assert_error(400, "invalid_body");
    assert_eq!(error["details"].as_array().unwrap().len(), 3);
    let long = json!({"decision": "reject", "decision_payload": {"reason": "x".repeat(501), "note": "x".repeat(2001), "more": "x".repeat(70_000)}});
    let error = app.post(Role::Operator, "/tower/tickets/42/decide", long).await.assert_error(422, "rule_broken");
    assert_eq!(error["violations"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_inbox_shows_what_waits_unless_asked_for_more() {
    let app = TestApp::new();
    for path in ["/tower/inbox", "/tower/inbox?status=all&risk_level=high&limit=1000", "/tower/inbox?status=expired"] {
        assert_eq!(app.get(Role::Viewer, path).await.json()["tickets"][0]["id"], 42);
    }
    let asked: Vec<_> = app
        .engine
        .ticket_filters
        .lock()
        .unwrap()
        .iter()
        .map(|(filter, limit)| (filter.status, filter.risk, *limit))
        .collect();
    assert_eq!(
        asked,
        [
            (Some(TicketStatus::Pending), None, 50),
            (None, Some(Risk::High), 200),
            (Some(TicketStatus::Expired), None, 50)
        ]
    );
    app.get(Role::Viewer, "/tower/inbox?risk_level=huge").await.assert_error(400, "invalid_query");
    app.get(Role::Viewer, "/tower/tickets/7").await.assert_error(404, "ticket_not_found");
}

#[tokio::test]
async fn a_resume_is_about_the_run_it_names() {
    let app = TestApp::new();
    let body = json!({"ticket_id": 42, "decision": "approve"});
    let answer = app.post(Role::Admin, "/tower/runs/run_ffffffffffffffff/resume", body).await;
    answer.assert_error(404, "run_not_found");
}
