//! What every answer carries, and how paths and heads are judged.

use axum::body::Body;
use domain::role::Role;

use crate::app::{TestApp, builder};
use crate::engine::{RUN, Trouble};

#[tokio::test]
async fn a_request_keeps_the_name_it_came_with_if_it_is_one() {
    let app = TestApp::new();
    let ask = |id: &str| app.send(builder("GET", "/").header("x-request-id", id).body(Body::empty()).unwrap());
    assert_eq!(ask("a.B_9-c").await.header("x-request-id"), Some("a.B_9-c"));
    for wrong in ["", "a b", "a\"b", &"x".repeat(65)] {
        let answer = ask(wrong).await;
        let given = answer.header("x-request-id").unwrap();
        assert!(given != wrong && given.len() == 32, "{given}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_protecting_headers_and_no_server_name() {
    let app = TestApp::new();
    for path in ["/", "/nothing", "/a//b"] {
        let answer = app.send(builder("GET", path).body(Body::empty()).unwrap()).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path} {name}");
        }
        assert_eq!((answer.header("server"), answer.header("strict-transport-security")), (None, None));
    }
}

#[tokio::test]
async fn a_panic_ends_the_request_and_tells_nothing() {
    let app = TestApp::new();
    app.engine.is_in(Trouble::Panics);
    let answer = app.get(Role::Viewer, "/tower/runs").await;
    let body = answer.assert_error(500, "internal");
    assert_eq!((body["error"].as_str(), body.as_object().unwrap().len()), (Some("Internal error"), 3));
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("hidden"));
    assert_eq!(app.send(builder("GET", "/").body(Body::empty()).unwrap()).await.status, 200);
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let app = TestApp::new();
    for (path, status) in [("/tower/runs", 200), ("/nothing", 404)] {
        let answer = app.ask(Role::Viewer, "HEAD", path, None).await;
        assert_eq!((answer.status.as_u16(), answer.bytes.len()), (status, 0), "{path}");
    }
}

#[tokio::test]
async fn paths_that_could_mean_something_else_are_refused() {
    let app = TestApp::new();
    for path in ["/tower/../health", "/tower/%2e%2e/health", "//health", "/tower%2fruns", "/health%00", "/%ff"] {
        app.get(Role::Admin, path).await.assert_error(400, "invalid_path");
    }
    assert_eq!(app.get(Role::Admin, "/%68ealth").await.status, 200, "decoded once, it is the same path");
    assert_eq!(app.get(Role::Admin, &format!("/tower/runs/%72un_{}", &RUN[4..])).await.status, 200);
    app.get(Role::Admin, "/%2568ealth").await.assert_error(404, "not_found");
}

#[tokio::test]
async fn long_lines_and_large_heads_are_refused() {
    let app = TestApp::new();
    let long = format!("/tower/runs?q={}", "a".repeat(8_200));
    app.get(Role::Viewer, &long).await.assert_error(414, "request_line_too_long");
    let request = builder("GET", "/").header("x-large", "a".repeat(33_000)).body(Body::empty()).unwrap();
    app.send(request).await.assert_error(431, "headers_too_large");
}
