//! The process dies between a call to the printer and the commit of its outcome.

use serde_json::json;

use crate::server::{Server, wait_for};

#[test]
fn a_print_in_flight_when_the_process_dies_is_read_back_and_not_sent_again() {
    let mut server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    // The printer acts at once and answers late, so the process dies with the print made and its outcome unknown.
    let delay = json!({"upstream": "printful", "kind": "delay", "times": 30, "seconds": 3});
    server.world("POST", "/control/faults", Some(&delay));
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    wait_for("the print", || (server.arrivals(&order) > 0).then_some(()));
    let path = format!("/tower/effects/{}", ticket["effect_id"].as_str().unwrap());
    assert_eq!(server.get(&path)["status"], "executing", "the outcome was recorded before the process died");
    server.kill();

    server.up();
    server.world("DELETE", "/control/faults", None);
    let run = server.until(&ticket["run_id"], "completed");
    let events = server.events(&run["run_id"]);
    for expected in ["run.recovered", "effect.unknown", "effect.reconciled"] {
        assert_eq!(events.iter().filter(|event| *event == expected).count(), 1, "{expected} in {events:?}");
    }
    let effect = server.get(&path);
    assert_eq!(effect["status"], "committed");
    assert!(effect["reconciled_at"].is_string(), "{effect}");
    assert_eq!(server.arrivals(&order), 1);
    assert_eq!(server.get("/tower/inbox?status=all")["count"], 1, "the approval given still counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_call_lost_in_flight_is_charged_and_recorded_answers_are_not_asked_again() {
    let (folder, run_id) = tokio::task::spawn_blocking(|| {
        let mut server = Server::start(&[]);
        let delay = json!({"upstream": "openai", "kind": "delay", "times": 1, "after": 1, "seconds": 8});
        server.world("POST", "/control/faults", Some(&delay));
        let order = server.order("paid");
        let key = format!("order:{order}");
        // The first round is answered and its read is done; the second round is on its way.
        let run = wait_for("the second round", || {
            let runs = server.runs();
            let of_order = |run: &&serde_json::Value| run["serial_key"] == key.as_str() && run["status"] == "running";
            let run = runs.iter().find(of_order)?.clone();
            server.events(&run["run_id"]).iter().any(|event| event == "tool.called").then_some(run)
        });
        std::thread::sleep(std::time::Duration::from_millis(700));
        server.kill();
        server.up();
        server.world("DELETE", "/control/faults", None);
        let ticket = server.ticket_of(&order);
        assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
        server.until(&ticket["run_id"], "completed");
        server.until(&run["run_id"], "completed");
        assert_eq!(server.arrivals(&order), 1);
        server.kill();
        (server, run["run_id"].as_str().unwrap().to_owned())
    })
    .await
    .unwrap();
    let db = store::Db::open(&store::Target::Sqlite { path: folder.data().join("holly.db") }).await.unwrap();
    let calls = store::llm_ledger::for_run(&db, &run_id.parse().unwrap()).await.unwrap();
    let with = |status: &str| calls.iter().filter(|call| call.status == status).collect::<Vec<_>>();
    assert_eq!(with("lost").len(), 1, "{calls:?}");
    assert!(with("lost")[0].cost_micros.is_some_and(|cost| cost > 0), "charged at its reserve");
    // The order's first run or that of its payment, whichever came first: three rounds or two, each answered once.
    let rounds = if calls[0].agent_id.as_deref() == Some("operations") { 3 } else { 2 };
    assert_eq!(with("ok").len(), rounds, "{calls:?}");
    assert_eq!(calls.len(), rounds + 1);
}
