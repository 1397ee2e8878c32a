//! Providers of models that fail, and what the ledger says of it afterwards.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use store::llm_ledger::CallRow;
use store::{Db, Target, llm_fallbacks, llm_ledger};

use crate::server::{Server, wait_for};

/// A model of Anthropic's that the budget of one run can pay; with the dearest ones the next of the chain is taken.
const AFFORDABLE: (&str, &str) = ("HOLLY_MODEL", "claude-haiku-5-5");

/// The run of the Stripe event of this order, once it has ended. Runs of one order follow each other as its events came
/// in, so the print that may wait for a yes before it gets one.
fn revenue_run(server: &Server, order: &str) -> Value {
    let key = format!("order:{order}");
    wait_for("the end of the run of the payment", || {
        for ticket in server.get("/tower/inbox")["tickets"].as_array().unwrap() {
            server.decide(ticket, &json!({"decision": "approve"}));
        }
        server.runs().into_iter().find(|run| {
            run["serial_key"] == key.as_str()
                && run["run_name"].as_str().unwrap_or_default().starts_with("Stripe")
                && ["completed", "failed"].contains(&run["status"].as_str().unwrap_or_default())
        })
    })
}

/// What a server's database holds of one run, read after the process has ended.
struct Ledger {
    calls: Vec<CallRow>,
    fallbacks: llm_fallbacks::Summary,
}

impl Ledger {
    fn read(server: &mut Server, run: &Value) -> Self {
        server.kill();
        let path = server.data().join("holly.db");
        let run = run["run_id"].as_str().unwrap().parse().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let db = Db::open(&Target::Sqlite { path }).await.unwrap();
            let since = chrono::DateTime::from_timestamp(0, 0).unwrap();
            Self {
                calls: llm_ledger::for_run(&db, &run).await.unwrap(),
                fallbacks: llm_fallbacks::summary(&db, since).await.unwrap(),
            }
        })
    }

    /// Model, status and class of the failure of each call, in order.
    fn told(&self) -> Vec<(&str, &str, Option<&str>)> {
        self.calls
            .iter()
            .map(|call| (call.model_used.as_str(), call.status.as_str(), call.error_class.as_deref()))
            .collect()
    }

    fn cost_usd(&self) -> f64 {
        let micros: i64 = self.calls.iter().filter_map(|call| call.cost_micros).sum();
        f64::from(i32::try_from(micros).unwrap()) / 1e6
    }
}

fn fault(upstream: &str, kind: &str, times: u32) -> Value {
    json!({"upstream": upstream, "kind": kind, "times": times})
}

#[test]
fn an_empty_account_at_one_provider_hands_the_report_to_the_next_and_the_books_say_why() {
    let mut server = Server::start(&[AFFORDABLE]);
    server.cli(&["rehearse", "fault", "anthropic", "credit", "--times", "50"]);
    let order = server.order("paid");
    let run = revenue_run(&server, &order);
    assert_eq!(run["status"], "completed", "{run}");
    // An empty account is not asked a second time, by this call or the next.
    let asked = server.cli(&["rehearse", "requests", "--upstream", "anthropic", "--json"]);
    let asked: Value = serde_json::from_str(&asked).unwrap();
    assert_eq!((asked["requests"].as_array().unwrap().len(), &asked["requests"][0]["status"]), (1, &json!(400)));
    let ledger = Ledger::read(&mut server, &run);
    assert_eq!(
        ledger.told(),
        [("claude-haiku-5-5", "error", Some("credits_exhausted")), ("gpt-4o", "ok", None), ("gpt-4o", "ok", None),]
    );
    assert_eq!(ledger.calls[0].cost_micros, Some(0), "what was refused costs nothing");
    assert_eq!(ledger.fallbacks.by_error_class, BTreeMap::from([("credits_exhausted".to_owned(), 1)]));
    assert_eq!((ledger.fallbacks.total_fallbacks, ledger.fallbacks.success_rate), (1, 1.0));
}

#[test]
fn without_credit_anywhere_the_report_fails_and_says_so() {
    let mut server = Server::start(&[AFFORDABLE]);
    for upstream in ["anthropic", "openai"] {
        server.fault(upstream, "credit", 50);
    }
    let order = server.order("paid");
    let run = revenue_run(&server, &order);
    assert_eq!(run["status"], "failed", "{run}");
    assert!(run["last_error"].as_str().unwrap().contains("credit"), "{run}");
    assert_eq!(run["cost_usd"], 0.0);
    let ledger = Ledger::read(&mut server, &run);
    assert!(!ledger.calls.is_empty());
    for call in &ledger.calls {
        assert_eq!(
            (call.status.as_str(), call.error_class.as_deref()),
            ("error", Some("credits_exhausted")),
            "{call:?}"
        );
    }
    assert_eq!(ledger.fallbacks.success_rate, 0.0);
}

/// Plants one fault in the middle of the first answer and claims that the report comes all the same: the broken call
/// stands in the ledger at what the provider had counted, the whole answers once each, and nothing besides.
fn a_report_in_spite_of(kind: &str) {
    let mut server = Server::start(&[AFFORDABLE]);
    server.world("POST", "/control/faults", Some(&fault("anthropic", kind, 1)));
    let order = server.order("paid");
    let run = revenue_run(&server, &order);
    assert_eq!(run["status"], "completed", "{run}");
    let log = server.world("GET", "/control/requests", None);
    let reached = |upstream: &str| {
        let requests = log["requests"].as_array().unwrap();
        requests.iter().filter(|request| request["upstream"] == upstream).cloned().collect::<Vec<Value>>()
    };
    let broken = reached("anthropic");
    assert_eq!((&broken[0]["status"], &broken[0]["fault"]), (&json!(200), &json!(kind)));
    let snapshot = server.get(&format!("/tower/runs/{}/snapshot", run["run_id"].as_str().unwrap()));
    assert_eq!(snapshot["values"]["revenue_result"]["status"], "completed", "{snapshot}");
    let ledger = Ledger::read(&mut server, &run);
    let first = &ledger.calls[0];
    assert_eq!((first.model_used.as_str(), first.status.as_str()), ("claude-haiku-5-5", "error"), "{first:?}");
    assert!(
        first.input_tokens > 0 && first.cost_micros.is_some_and(|cost| cost > 0),
        "reported and charged: {first:?}"
    );
    let whole: Vec<&CallRow> = ledger.calls.iter().filter(|call| call.status == "ok").collect();
    assert_eq!((whole.len(), ledger.calls.len()), (2, 3), "{:?}", ledger.told());
    let mut ids: Vec<&str> = ledger.calls.iter().filter_map(|call| call.request_id.as_deref()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert!(ids.len() >= whole.len(), "each answer has an id of its own: {ids:?}");
    assert!(
        (run["cost_usd"].as_f64().unwrap() - ledger.cost_usd()).abs() < 1e-9,
        "{} {}",
        run["cost_usd"],
        ledger.cost_usd()
    );
    assert_eq!(ledger.fallbacks.total_fallbacks, 1);
}

#[test]
fn a_reply_that_breaks_off_is_neither_lost_nor_paid_twice() {
    a_report_in_spite_of("break_stream");
}

#[test]
fn a_provider_that_gives_up_in_the_middle_is_neither_lost_nor_paid_twice() {
    a_report_in_spite_of("overloaded");
}

#[test]
fn an_order_is_printed_once_although_an_answer_about_it_broke_off() {
    let server = Server::start(&[]);
    server.world("POST", "/control/faults", Some(&fault("openai", "break_stream", 2)));
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    assert_eq!(server.decide(&ticket, &json!({"decision": "approve"})).status, 200);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.arrivals(&order), 1);
    assert_eq!(server.get("/tower/inbox?status=all")["count"], 1);
}

#[test]
fn each_model_is_asked_at_its_own_provider_in_its_own_words() {
    let settings = [AFFORDABLE, ("HOLLY_MODEL_SMALL", "gpt-6-luna"), ("HOLLY_REHEARSAL_OLLAMA", "1")];
    let mut server = Server::start(&settings);
    // The classifier's model is at Ollama, the reporter's at Anthropic, and the printing desk's speaks Responses.
    let asked = json!({"messages": [{"type": "human", "content": "How was our revenue last week?"}]});
    let started = server.post("/tower/runs/start", &json!({"input_state": asked, "run_name": "a question"}));
    assert!(started.status < 300, "{}", started.body);
    server.until(&started.body["run_id"], "completed");
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    let log = server.world("GET", "/control/requests", None);
    let reached: std::collections::BTreeSet<(String, String)> = log["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| ["upstream", "path"].map(|name| request[name].as_str().unwrap().to_owned()).into())
        .filter(|(upstream, path): &(String, String)| {
            ["ollama", "anthropic", "openai"].contains(&upstream.as_str()) && path != "/api/tags"
        })
        .collect();
    let expected = [("anthropic", "/v1/messages"), ("ollama", "/api/chat"), ("openai", "/v1/responses")];
    assert_eq!(reached, expected.map(|(upstream, path)| (upstream.to_owned(), path.to_owned())).into());
    let ledger = Ledger::read(&mut server, &json!({"run_id": ticket["run_id"]}));
    assert!(ledger.told().iter().all(|call| *call == ("gpt-6-luna", "ok", None)), "{:?}", ledger.told());
    assert_eq!(ledger.fallbacks.total_fallbacks, 0);
}
