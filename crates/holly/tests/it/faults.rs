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

/// Plants one fault where the approved print begins and claims that the approval still ends in one print.
fn one_print_in_spite_of(kind: &str) {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    let fault = json!({"upstream": "printful", "kind": kind, "times": 1, "seconds": 2});
    server.world("POST", "/control/faults", Some(&fault));
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.world("GET", "/control/faults", None)["faults"], json!([]), "the fault did not happen");
    assert_eq!(server.effects(&ticket["run_id"])[0]["status"], "committed");
    assert_eq!(server.arrivals(&order), 1);
    assert_eq!(server.get("/tower/inbox?status=all")["count"], 1);
}

#[test]
fn a_printer_at_its_rate_limit_is_waited_for() {
    one_print_in_spite_of("rate_limit");
}

#[test]
fn a_printer_that_errs_once_is_asked_again() {
    one_print_in_spite_of("error");
}

/// Plants one fault at the models and claims that the order is printed all the same.
fn one_print_although_the_model(kind: &str) {
    let server = Server::start(&[]);
    let fault = json!({"upstream": "openai", "kind": kind, "times": 1, "seconds": 2});
    server.world("POST", "/control/faults", Some(&fault));
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    assert_eq!(server.world("GET", "/control/faults", None)["faults"], json!([]), "the fault did not happen");
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.arrivals(&order), 1);
}

#[test]
fn a_model_at_its_rate_limit_is_waited_for() {
    one_print_although_the_model("rate_limit");
}

#[test]
fn a_model_answer_that_breaks_off_is_asked_for_again() {
    one_print_although_the_model("malformed");
}

#[test]
fn a_run_whose_models_are_all_left_alone_waits_for_them_in_the_queue() {
    let server = Server::start(&[]);
    // The runs of order and payment ask two models each, and the first three questions fail: one run gets no answer.
    server.fault("openai", "error", 3);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    let waited = |run: &serde_json::Value| server.events(&run["run_id"]).iter().any(|event| event == "run.yielded");
    assert!(server.runs().iter().any(waited), "no run went back to the queue");
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.arrivals(&order), 1);
}

#[test]
fn without_credit_a_run_fails_with_the_reason_and_nothing_is_asked_or_printed() {
    let server = Server::start(&[]);
    server.fault("openai", "credit", 50);
    let order = server.order("paid");
    let run = server.run_of(&order, "paid");
    let run = server.until(&run["run_id"], "failed");
    let error = run["last_error"].as_str().unwrap();
    assert!(error.contains("openai") && error.contains("credits_exhausted"), "{error}");
    assert!(error.ends_with("add credit to the account at openai or raise its spending limit"), "{error}");
    // A provider without credit is left alone: of many planted faults the first call met one and no other call was made.
    let left = server.world("GET", "/control/faults", None)["faults"][0]["times"].as_u64().unwrap();
    assert!(left >= 45, "the provider was asked {} times", 50 - left);
    assert_eq!(run["cost_usd"], 0.0);
    assert!(server.effects(&run["run_id"]).is_empty());
    assert_eq!(server.get("/tower/inbox?status=all")["count"], 0);
    assert_eq!(server.arrivals(&order), 0);
}
