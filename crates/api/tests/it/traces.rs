//! Traces and costs over the API.

use domain::role::Role;
use domain::trace::SpanStatus;
use serde_json::json;

use crate::app::TestApp;
use crate::engine::{RUN, SPAN};

#[tokio::test]
async fn a_trace_is_its_root_with_the_steps_beside_it() {
    let app = TestApp::new();
    let trace = app.get(Role::Viewer, &format!("/traces/{RUN}")).await.json();
    assert_eq!((&trace["run_id"], &trace["depth"], &trace["model"]), (&json!(RUN), &json!(0), &json!("unknown")));
    assert_eq!((&trace["steps"][0]["run_id"], &trace["steps"][0]["depth"]), (&json!(SPAN), &json!(1)));
    assert_eq!(trace["steps_truncated"], false);
}

#[tokio::test]
async fn every_filter_of_traces_arrives() {
    let app = TestApp::new();
    let query =
        "days=30&status=error&model=gpt-4o&workflow_id=default&agent_id=sage&q=mug&min_cost=0.05&min_ms=1500&limit=900";
    let page = app.get(Role::Viewer, &format!("/traces?{query}")).await.json();
    assert_eq!((&page["count"], &page["total"], &page["next_cursor"]), (&json!(1), &json!(1), &json!(null)));
    let (filter, asked) = app.engine.trace_filters.lock().unwrap().remove(0);
    assert_eq!((filter.days, filter.status, asked.limit), (30, Some(SpanStatus::Error), 200));
    assert_eq!((filter.min_cost_micros, filter.min_ms), (Some(50_000), Some(1_500)));
    let texts = [filter.model, filter.workflow_id, filter.agent_id, filter.text].map(Option::unwrap_or_default);
    assert_eq!(texts, ["gpt-4o", "default", "sage", "mug"]);
}

#[tokio::test]
async fn a_cursor_leads_to_the_next_page() {
    let app = TestApp::new();
    let page = app.get(Role::Viewer, "/traces?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    app.get(Role::Viewer, &format!("/traces?limit=1&cursor={cursor}")).await.json();
    let (_, asked) = app.engine.trace_filters.lock().unwrap().remove(1);
    assert_eq!(asked.after.unwrap().run_id, RUN);
}

#[tokio::test]
async fn a_span_or_a_trace_that_is_not_there_is_named_so() {
    let app = TestApp::new();
    let other = "run_ffffffffffffffff";
    app.get(Role::Viewer, &format!("/traces/{other}")).await.assert_error(404, "trace_not_found");
    let answer = app.get(Role::Operator, &format!("/traces/{RUN}/spans/{RUN}")).await;
    answer.assert_error(404, "span_not_found");
    app.get(Role::Viewer, &format!("/traces/{RUN}/spans/{SPAN}")).await.assert_error(403, "forbidden");
}

#[tokio::test]
async fn windows_beyond_ninety_days_are_refused() {
    let app = TestApp::new();
    for days in ["0", "91", "-1", "1.5", "x"] {
        for path in ["/traces", "/costs/summary"] {
            app.get(Role::Viewer, &format!("{path}?days={days}")).await.assert_error(400, "invalid_query");
        }
    }
    let costs = app.get(Role::Viewer, "/costs/summary?days=90").await.json();
    assert_eq!((costs["daily"].as_object().unwrap().len(), &costs["total"]), (90, &json!(0.0)));
    assert!(costs.get("reconciliation").is_none());
}
