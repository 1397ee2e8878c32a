//! Upstreams that fail, and the mode in which nothing is sent.

use serde_json::json;

use crate::server::{Server, wait_for};

#[test]
fn in_look_only_nothing_reaches_the_world() {
    let server = Server::start(&[("HOLLY_EFFECTS", "off")]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    assert!(ticket["context_pack"]["impact"].as_str().unwrap().contains("nothing will be sent"));
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.effects(&ticket["run_id"])[0]["status"], "not_sent");
    assert_eq!(server.books()["prints"], json!([]));
    assert_eq!(server.get("/health")["effects"], "off");
}

#[test]
fn a_model_that_fails_for_a_moment_costs_a_retry_and_not_the_run() {
    let server = Server::start(&[]);
    server.fault("openai", "error", 1);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.arrivals(&order), 1);
}

#[test]
fn a_printer_that_refuses_connections_is_tried_again_under_the_same_approval() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    let refuse = json!({"upstream": "printful", "kind": "refuse", "times": 1, "seconds": 4});
    server.world("POST", "/control/faults", Some(&refuse));
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    wait_for("the end", || Some(server.run(&ticket["run_id"])).filter(|run| run["status"] == "completed"));
    assert_eq!(server.arrivals(&order), 1);
    assert_eq!(server.get("/tower/inbox?status=all")["count"], 1);
}
