//! The trace and the cost of an order, from the real binary.

use serde_json::{Value, json};

use crate::server::{Server, wait_for};

fn of_kind<'a>(trace: &'a Value, kind: &str) -> Vec<&'a Value> {
    trace["steps"].as_array().unwrap().iter().filter(|step| step["kind"] == kind).collect()
}

fn sum(parts: &Value) -> f64 {
    parts.as_object().unwrap().values().map(|usd| usd.as_f64().unwrap()).sum()
}

#[test]
fn the_trace_of_an_order_shows_its_nodes_its_calls_and_the_wait_for_a_person() {
    let server = Server::start(&[("HOLLY_TRACE_CONTENT", "1")]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    let path = format!("/traces/{}", ticket["run_id"].as_str().unwrap());
    let waiting = server.get(&path);
    assert_eq!((&waiting["status"], &of_kind(&waiting, "wait")[0]["status"]), (&json!("pending"), &json!("pending")));
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    let run = server.until(&ticket["run_id"], "completed");

    let trace = server.get(&path);
    assert_eq!((&trace["status"], &trace["tower_run_id"]), (&json!("success"), &ticket["run_id"]));
    let steps = trace["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["status"] == "success"), "{trace:#}");
    let nodes: Vec<_> =
        of_kind(&trace, "node").iter().map(|node| (node["name"].clone(), node["attempt"].clone())).collect();
    let tried = |name: &str, attempt: i64| (json!(name), json!(attempt));
    assert_eq!(
        nodes,
        [
            tried("input_guardrail", 1),
            tried("orchestrator", 1),
            tried("operations", 1),
            tried("operations", 2),
            tried("output_guardrail", 1),
        ]
    );
    // Calls lie in the nodes that made them, and the wait on the lane of its node.
    for call in of_kind(&trace, "llm").into_iter().chain(of_kind(&trace, "tool")) {
        let parent = steps.iter().find(|step| step["run_id"] == call["parent_id"]).unwrap();
        assert_eq!((&parent["kind"], &parent["node"], &call["depth"]), (&json!("node"), &call["node"], &json!(2)));
    }
    let wait = of_kind(&trace, "wait")[0];
    assert_eq!((&wait["node"], &wait["outputs_preview"]), (&json!("operations"), &json!("approved")));
    assert_eq!(wait["ticket_id"], ticket["id"]);
    let prints: Vec<_> = steps.iter().filter(|step| step["name"] == "printful_submit_order").collect();
    assert_eq!(prints.len(), 2, "proposed, and made");
    assert!(prints.iter().all(|call| call["attributes"]["effect_id"] == ticket["effect_id"]), "{prints:#?}");

    // Money: the model calls, the root and the run say the same.
    let models = of_kind(&trace, "llm");
    assert!(
        models.iter().all(|call| call["attributes"]["call_id"].is_i64() && call["total_tokens"].as_i64() > Some(0))
    );
    let cost: f64 = models.iter().map(|call| call["cost"].as_f64().unwrap()).sum();
    assert!((cost - trace["cost"].as_f64().unwrap()).abs() < 1e-9, "{cost} is not {}", trace["cost"]);
    assert_eq!((&trace["cost"], &trace["total_tokens"]), (&run["cost_usd"], &run["tokens"]));

    let content = server.get(&format!("{path}/spans/{}", models[0]["run_id"].as_str().unwrap()));
    assert!(content["inputs"]["messages"][0]["content"].as_str().unwrap().contains(&order), "{content:#}");
    let id = ticket["run_id"].as_str().unwrap();
    let found = server.get(&format!("/traces?q={id}&agent_id=operations&model=gpt-4o-mini&status=success"));
    assert_eq!((&found["count"], &found["traces"][0]["run_id"]), (&json!(1), &ticket["run_id"]));
}

#[test]
fn the_cost_summary_is_the_sum_of_all_runs() {
    let server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    server.until(&ticket["run_id"], "completed");
    wait_for("all runs to end", || server.runs().iter().all(|run| run["status"] == "completed").then_some(()));
    let runs: f64 = server.runs().iter().map(|run| run["cost_usd"].as_f64().unwrap()).sum();
    let costs = server.get("/costs/summary?days=7");
    let total = costs["total"].as_f64().unwrap();
    assert!(total > 0.0 && (total - runs).abs() < 1e-4, "{total} is not {runs}");
    for part in ["daily", "by_model", "by_agent", "by_provider", "by_workflow", "by_task_type"] {
        assert!((sum(&costs[part]) - total).abs() < 1e-4, "{part}: {costs:#}");
    }
    assert_eq!((&costs["unpriced_calls"], costs["daily"].as_object().unwrap().len()), (&json!(0), 7));
    assert!(costs["by_agent"]["operations"].as_f64().unwrap() > 0.0);
    assert!(costs["by_task_type"]["order_check"].as_f64().unwrap() > 0.0, "{costs:#}");
    let path = format!("/traces/{0}/spans/{0}", ticket["run_id"].as_str().unwrap());
    let hidden = server.try_call("GET", &path, None).unwrap();
    assert_eq!((hidden.status, &hidden.body["code"]), (404, &json!("span_not_found")), "contents were not kept");
}
