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
