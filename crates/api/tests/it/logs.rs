//! Recent log lines.

use api::ports::{LogFilter, LogLevel};
use domain::role::Role;
use serde_json::json;

use crate::app::TestApp;
use crate::engine::RUN;

#[tokio::test]
async fn the_filter_reaches_the_book_and_a_full_page_has_a_cursor() {
    let app = TestApp::new();
    let path = format!("/logs?level=warning&agent=operations&run_id={RUN}&q=Slow&cursor=99&limit=1");
    let answer = app.get(Role::Viewer, &path).await.json();
    assert_eq!(answer["next_cursor"], "7");
    let line = &answer["logs"][0];
    assert_eq!((&line["type"], &line["level"], &line["thread_id"]), (&json!("log"), &json!("warning"), &json!(RUN)));
    assert!(line["timestamp"].is_f64());
    let wanted = LogFilter {
        level: Some(LogLevel::Warning),
        agent: Some("operations".into()),
        run_id: Some(RUN.parse().unwrap()),
        text: Some("Slow".into()),
        since: None,
        until: None,
        before: Some(99),
    };
    assert_eq!(*app.logs.0.lock().unwrap(), [(wanted, 1)]);
    assert_eq!(app.get(Role::Viewer, "/logs?limit=5000").await.json()["next_cursor"], json!(null));
    assert_eq!(app.logs.0.lock().unwrap()[1], (LogFilter::default(), 1_000));
}

#[tokio::test]
async fn what_the_filter_does_not_know_is_refused_by_name() {
    let app = TestApp::new();
    for (query, field) in [
        ("level=WARN", "level"),
        ("run_id=run_x", "run_id"),
        ("since=yesterday", "since"),
        ("cursor=-1", "cursor"),
        ("cursor=99999999999999999999", "cursor"),
        ("limit=0", "limit"),
    ] {
        let answer = app.get(Role::Viewer, &format!("/logs?{query}")).await.assert_error(400, "invalid_query");
        assert_eq!(answer["details"][0]["field"], field, "{query}");
    }
}
