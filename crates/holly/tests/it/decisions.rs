//! Whose word counts, and for what.

use serde_json::json;

use crate::server::{Server, wait_for};

#[test]
fn of_two_people_who_decide_at_once_one_wins() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    let (asked, about) = (&server, &ticket);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let decide =
            |verdict: &'static str| scope.spawn(move || asked.decide(about, &json!({"decision": verdict})).status);
        let both = [decide("approve"), decide("approve")];
        both.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let mut sorted = statuses.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [200, 409]);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.arrivals(&order), 1);
}

#[test]
fn a_viewer_decides_nothing_and_a_stale_answer_does_not_count() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    let path = format!("/tower/tickets/{}/decide", ticket["id"]);
    assert_eq!(server.call_as("viewer", "POST", &path, Some(&json!({"decision": "approve"}))).status, 403);
    let stale = server.decide(&ticket, &json!({"decision": "approve", "expected_checkpoint_id": "cp_000000000000"}));
    assert_eq!((stale.status, &stale.body["code"]), (409, &json!("ticket_stale")));
    assert_eq!(server.get(&format!("/tower/tickets/{}", ticket["id"]))["status"], "pending");
}

#[test]
fn a_no_is_told_to_the_agent_and_not_asked_again() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    let no = json!({"decision": "reject", "decision_payload": {"reason": "the customer asked to wait"}});
    assert_eq!(server.decide(&ticket, &no).status, 200);
    let run = server.until(&ticket["run_id"], "completed");
    let snapshot = server.get(&format!("/tower/runs/{}/snapshot", run["run_id"].as_str().unwrap()));
    assert!(snapshot["values"]["operations_result"].to_string().contains("not printed"));
    assert_eq!(server.effects(&run["run_id"])[0]["status"], "aborted");
    // The other delivery of the same order meets the no and raises no second ticket.
    wait_for("all runs to end", || server.runs().iter().all(|run| run["status"] == "completed").then_some(()));
    assert_eq!(server.get("/tower/inbox?status=all")["count"], 1);
    assert_eq!(server.arrivals(&order), 0);
}

#[test]
fn an_order_that_changed_after_the_approval_is_not_printed_under_it() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    // The approved run cannot go on before the order has changed: the printer does not answer its last look.
    server.fault("printful", "error", 200);
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    server.world("POST", &format!("/control/orders/{order}/cancel"), None);
    server.run_of(&order, "cancelled");
    server.world("DELETE", "/control/faults", None);
    server.until(&ticket["run_id"], "completed");
    let effect = server.get(&format!("/tower/effects/{}", ticket["effect_id"].as_str().unwrap()));
    assert_eq!(effect["status"], "aborted");
    assert_eq!(server.arrivals(&order), 0);
}

#[test]
fn an_edit_runs_as_edited_and_the_agent_is_told() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    let params = json!({"shopify_order_id": order, "confirm": false});
    let wrong = json!({"decision": "approve", "decision_payload": {"params": {"shopify_order_id": 7}}});
    let refused = server.decide(&ticket, &wrong);
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("invalid_params")));
    let edited = json!({"decision": "approve", "decision_payload": {"params": params}});
    assert_eq!(server.decide(&ticket, &edited).status, 200);
    let run = server.until(&ticket["run_id"], "completed");
    let effects = server.effects(&run["run_id"]);
    assert_eq!(
        (&effects[0]["status"], &effects[0]["business_key"]),
        (&json!("committed"), &json!(format!("draft:{order}")))
    );
    assert_eq!(effects[0]["result_payload"]["edited"], true);
    assert_ne!(effects[0]["payload_hash"], ticket["payload_hash"], "another call has another hash");
    assert_eq!(server.arrivals(&order), 0, "a draft is not a print");
}
