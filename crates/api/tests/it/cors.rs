//! Requests of browsers from elsewhere.

use axum::body::Body;
use domain::role::Role;
use http::header;

use crate::app::{TestApp, builder};

const LISTED: &str = "http://localhost:3000";

#[tokio::test]
async fn a_listed_origin_may_ask_and_read() {
    let app = TestApp::new();
    let preflight =
        builder("OPTIONS", "/tower/runs").header(header::ORIGIN, LISTED).header("access-control-request-method", "GET");
    let answer = app.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200);
    for (name, value) in [
        ("access-control-allow-origin", LISTED),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS"),
        ("access-control-max-age", "600"),
        ("access-control-expose-headers", "X-Request-Id"),
        ("vary", "Origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert!(answer.header("access-control-allow-headers").unwrap().contains("Authorization"));
    let refused =
        app.send(builder("GET", "/tower/runs").header(header::ORIGIN, LISTED).body(Body::empty()).unwrap()).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("access-control-allow-origin")),
        (401, Some(LISTED)),
        "errors can be read too"
    );
}

#[tokio::test]
async fn another_origin_gets_an_answer_without_a_single_header() {
    let app = TestApp::new();
    for origin in [
        "http://localhost:3001",
        "https://localhost:3000",
        "null",
        "http://localhost:3000.evil.example",
        "http://LOCALHOST:3000",
    ] {
        for method in ["OPTIONS", "GET"] {
            let answer =
                app.send(builder(method, "/").header(header::ORIGIN, origin).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, 200);
            assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{origin}");
            assert_eq!(answer.header("vary"), Some("Origin"));
        }
    }
    assert_eq!(app.get(Role::Viewer, "/tower/runs").await.header("access-control-allow-origin"), None);
}
