//! How bodies are read, beyond what the walk over the table shows.

use axum::body::Body;
use domain::role::Role;
use http::header;

use crate::app::{TestApp, builder};
use crate::engine::RUN;

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let app = TestApp::new();
    let json = br#"{"reason":"x"}"#;
    let mut body = json.to_vec();
    body.resize(1024 * 1024, b' ');
    assert_eq!(app.post_bytes(&format!("/tower/runs/{RUN}/cancel"), body).await.status, 200);
}

#[tokio::test]
async fn a_body_without_a_declared_type_is_taken_for_json() {
    let app = TestApp::new();
    let request = builder("POST", "/tower/tickets/42/decide")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token(Role::Operator)));
    assert_eq!(app.send(request.body(Body::from(r#"{"decision":"reject"}"#)).unwrap()).await.status, 200);
}

#[tokio::test]
async fn the_body_of_a_read_is_not_looked_at() {
    let app = TestApp::new();
    let request =
        builder("GET", "/tower/runs").header(header::AUTHORIZATION, format!("Bearer {}", app.token(Role::Viewer)));
    assert_eq!(app.send(request.body(Body::from("not json")).unwrap()).await.status, 200);
}
