//! The main job and its variants, each from the first delivery to the last row.

use serde_json::json;

use crate::server::{Server, wait_for};

fn approve() -> serde_json::Value {
    json!({"decision": "approve"})
}

#[test]
fn a_paid_order_becomes_a_ticket_and_one_print() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    assert_eq!((&ticket["risk_level"], &ticket["ticket_type"]), (&json!("medium"), &json!("tool_call")));
    assert_eq!(ticket["payload_hash"].as_str().unwrap().len(), 64);
    let run_id = ticket["run_id"].clone();
    let parked = server.run(&run_id);
    assert_eq!((&parked["status"], &parked["last_ticket_id"]), (&json!("waiting_approval"), &ticket["id"]));
    assert_eq!(server.arrivals(&order), 0, "nothing is printed before a yes");
    let asked_before = server.books()["model_calls"]["total"].as_u64().unwrap();

    assert_eq!(server.decide(&ticket, &approve()).status, 200);
    let run = server.until(&run_id, "completed");
    assert_eq!(
        server.events(&run_id),
        [
            "run.queued",
            "run.started",
            "node.started",
            "node.finished",
            "node.started",
            "node.finished",
            "node.started",
            "tool.called",
            "ticket.created",
            "run.waiting_approval",
            "ticket.decided",
            "run.resume_queued",
            "run.resumed",
            "tool.called",
            "node.finished",
            "node.started",
            "node.finished",
            "run.completed",
        ]
    );
    assert_eq!(server.arrivals(&order), 1);
    let effects = server.effects(&run_id);
    assert_eq!(effects.len(), 1);
    assert_eq!(
        (&effects[0]["status"], &effects[0]["business_key"]),
        (&json!("committed"), &json!(format!("print:{order}")))
    );
    assert_eq!(effects[0]["payload_hash"], ticket["payload_hash"]);
    assert_eq!(effects[0]["provider_key"], json!(order), "the print bears the shop's order id");
    assert!(run["cost_usd"].as_f64().unwrap() > 0.0);
    let file = server.get(&format!("/orders/{order}"));
    assert_eq!(file["order"]["payment"], "paid");
    assert!(file["order"]["print_cost_minor"].as_i64().unwrap() > 0);

    // The run of the other delivery of this order ends without a second ticket and without a second print.
    wait_for("all runs of the order to end", || {
        let open = server.runs().into_iter().filter(|run| run["status"] != "completed").count();
        (open == 0).then_some(())
    });
    assert_eq!(server.arrivals(&order), 1);
    assert_eq!(server.get("/tower/inbox?status=all")["count"], 1);
    // One model round was left for the decided run: its answer after the print. The rounds before are not asked again.
    let events = server.get(&format!("/tower/runs/{}/snapshot", run_id.as_str().unwrap()));
    assert_eq!(events["values"]["operations_result"]["status"], "completed");
    assert!(server.books()["model_calls"]["total"].as_u64().unwrap() > asked_before);
}

#[test]
fn an_unpaid_order_waits_and_prints_nothing() {
    let server = Server::start(&[]);
    let order = server.order("unpaid");
    let run = server.run_of(&order, "created");
    server.until(&run["run_id"], "completed");
    assert!(server.effects(&run["run_id"]).is_empty());
    assert_eq!(server.get("/tower/inbox?status=all")["count"], 0);
    assert_eq!(server.arrivals(&order), 0);

    server.world("POST", &format!("/control/orders/{order}/pay"), None);
    let ticket = server.ticket_of(&order);
    assert_eq!(server.decide(&ticket, &approve()).status, 200);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.arrivals(&order), 1);
}

#[test]
fn an_order_cancelled_while_its_print_waits_is_never_printed() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    server.world("POST", &format!("/control/orders/{order}/cancel"), None);
    let path = format!("/tower/tickets/{}", ticket["id"]);
    let withdrawn =
        wait_for("the withdrawal", || Some(server.get(&path)).filter(|ticket| ticket["status"] == "rejected"));
    assert_eq!(
        (&withdrawn["decided_by"], &withdrawn["decision_payload"]["withdrawn"]),
        (&json!("system"), &json!(true))
    );
    let answer = server.decide(&ticket, &approve());
    assert_eq!((answer.status, &answer.body["code"]), (409, &json!("ticket_decided")));
    server.until(&ticket["run_id"], "completed");
    let cancelled = server.run_of(&order, "cancelled");
    server.until(&cancelled["run_id"], "completed");
    assert_eq!(server.effects(&ticket["run_id"])[0]["status"], "aborted");
    assert_eq!(server.arrivals(&order), 0);
}

#[test]
fn a_refund_after_the_print_is_reconciled() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    assert_eq!(server.decide(&ticket, &approve()).status, 200);
    server.until(&ticket["run_id"], "completed");
    server.world("POST", &format!("/control/orders/{order}/refund"), None);
    let run = wait_for("the run of the refund", || {
        server.runs().into_iter().find(|run| run["run_name"].as_str().unwrap_or_default().starts_with("Refund on"))
    });
    // All of it was given back and nothing is in production yet: stopping the print is asked for.
    let cancel = wait_for("the ticket of the cancellation", || {
        let inbox = server.get("/tower/inbox");
        let tickets = inbox["tickets"].as_array().unwrap().clone();
        tickets.into_iter().find(|ticket| ticket["proposed_action"]["tool"] == "printful_cancel_order")
    });
    assert_eq!(server.decide(&cancel, &approve()).status, 200);
    server.until(&run["run_id"], "completed");
    let file = server.get(&format!("/orders/{order}"));
    assert!(file["order"]["refunded_minor"].as_i64().unwrap() > 0);
    assert_eq!(server.arrivals(&order), 1);
}

#[test]
fn a_print_whose_answer_is_lost_is_read_back_and_not_sent_again() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    server.fault("printful", "drop_reply", 30);
    assert_eq!(server.decide(&ticket, &approve()).status, 200);
    let path = format!("/tower/effects/{}", ticket["effect_id"].as_str().unwrap());
    wait_for("an unknown outcome", || {
        let events = server.events(&ticket["run_id"]);
        events.iter().any(|event| event == "effect.unknown" || event == "run.yielded").then_some(())
    });
    server.world("DELETE", "/control/faults", None);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.get(&path)["status"], "committed");
    assert_eq!(server.arrivals(&order), 1);
}
