//! Handing conversations in, and waiting for what becomes of them.

use std::sync::Arc;
use std::time::Duration;

use api::ports::LiveFrame;
use clock::Clock;
use domain::live::LiveEvent;
use domain::role::Role;
use domain::run::RunStatus;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::engine::RUN;

fn body() -> Value {
    json!({"input": {"messages": [{"role": "user", "content": "How many orders?"}]}})
}

fn tell(app: &TestApp, kind: &'static str, thread: &str, fields: Value) {
    let event = LiveEvent::new(kind, app.clock.now(), Some(thread), fields);
    assert!(app.feed.0.send(LiveFrame::Event(Arc::new(event))).is_ok());
}

/// Waits until the engine was asked to start a run.
async fn started(app: &TestApp) {
    while app.engine.starts.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_conversation_becomes_a_run_of_the_active_workflow() {
    let app = TestApp::new();
    for role in [Role::Operator, Role::Webhook] {
        let answer = app.post(role, "/agent/invoke", body()).await;
        assert_eq!(answer.status, 200);
        let output = answer.json()["output"].clone();
        assert_eq!((&output["run_id"], &output["status"]), (&json!(RUN), &json!("queued")));
    }
    let starts = app.engine.starts.lock().unwrap();
    assert_eq!((starts[0].workflow_id.as_deref(), starts[0].created_by.as_str()), (None, "api"));
    assert_eq!(starts[0].run_name.as_deref(), Some("How many orders?"));
}

#[tokio::test]
async fn nothing_of_a_batch_starts_when_one_input_is_wrong() {
    let app = TestApp::new();
    let wrong = json!({"inputs": [{"messages": ["a"]}, {"messages": []}]});
    let answer = app.post(Role::Webhook, "/agent/batch", wrong).await.assert_error(400, "invalid_body");
    assert_eq!(answer["details"][0]["field"], "inputs[1].messages");
    assert!(app.engine.starts.lock().unwrap().is_empty());
    let answer =
        app.post(Role::Webhook, "/agent/batch", json!({"inputs": [{"messages": ["a"]}, {"messages": ["b"]}]})).await;
    assert_eq!(answer.json()["output"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_run_that_waits_for_a_person_is_answered_at_once_with_its_ticket() {
    let app = TestApp::new();
    let answer = app.post(Role::Operator, "/agent/direct/invoke", body()).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json(), json!({"run_id": RUN, "status": "waiting_approval", "ticket_id": 42}));
}

#[tokio::test]
async fn the_caller_waits_until_the_run_has_ended_even_without_any_event() {
    let app = TestApp::new();
    *app.engine.status.lock().unwrap() = Some(RunStatus::Running);
    let ends = async {
        started(&app).await;
        *app.engine.status.lock().unwrap() = Some(RunStatus::Completed);
        app.pass(1);
    };
    let (answer, ()) = tokio::join!(app.post(Role::Operator, "/agent/direct/invoke", body()), ends);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({"output": {}, "run_id": RUN, "status": "completed", "error": null}));
}

#[tokio::test]
async fn a_caller_is_let_go_after_five_minutes_with_the_run_in_hand() {
    let app = TestApp::new();
    *app.engine.status.lock().unwrap() = Some(RunStatus::Running);
    let time_passes = async {
        started(&app).await;
        for _ in 0..310 {
            app.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    let (answer, ()) = tokio::join!(app.post(Role::Operator, "/agent/direct/invoke", body()), time_passes);
    let body = answer.assert_error(504, "run_not_finished");
    assert_eq!(body["run_id"], RUN);
}

#[tokio::test]
async fn a_stream_has_the_events_of_its_run_and_then_the_end() {
    let app = TestApp::new();
    *app.engine.status.lock().unwrap() = Some(RunStatus::Running);
    let happens = async {
        started(&app).await;
        tell(&app, "node_entered", RUN, json!({"node": "operations"}));
        tell(&app, "node_entered", "run_ffffffffffffffff", json!({"node": "sage"}));
        tell(&app, "node_exited", RUN, json!({"node": "operations"}));
        *app.engine.status.lock().unwrap() = Some(RunStatus::Completed);
        tell(&app, "tower_run", RUN, json!({"status": "completed"}));
        app.pass(1);
    };
    let (answer, ()) = tokio::join!(app.post(Role::Operator, "/agent/direct/stream", body()), happens);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
    let names: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names, ["node_entered", "node_exited", "tower_run", "end"], "{text}");
    assert!(!text.contains("sage"));
    let last = text.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().unwrap();
    let wanted = json!({"run_id": RUN, "status": "completed", "ticket_id": null});
    assert_eq!(serde_json::from_str::<Value>(last).unwrap(), wanted);
}

#[tokio::test]
async fn a_stop_lets_those_who_wait_go() {
    let app = TestApp::new();
    *app.engine.status.lock().unwrap() = Some(RunStatus::Running);
    let stops = async {
        started(&app).await;
        app.stop.cancel();
    };
    let (answer, ()) = tokio::join!(app.post(Role::Operator, "/agent/direct/invoke", body()), stops);
    answer.assert_error(504, "run_not_finished");
    let answer = app.post(Role::Operator, "/agent/direct/stream", body()).await;
    assert!(String::from_utf8_lossy(&answer.bytes).contains("event: end"));
}
