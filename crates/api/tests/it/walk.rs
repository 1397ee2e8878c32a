//! Every bad request that the table gives rise to, sent to the server in this process.

use api::console::table::routes;
use api::route::Route;
use api::routes::agents;
use axum::body::Body;
use domain::role::Role;
use http::header;

use crate::app::{TestApp, builder, filled};
use crate::bad_input::{Sender, cases};
use crate::console::ConsoleApp;

#[tokio::test]
async fn every_bad_request_is_refused_with_a_sentence_that_names_what_is_wrong() {
    let app = TestApp::new();
    let cases = cases(&agents(), &filled);
    assert!(cases.len() > 1_000, "only {} cases", cases.len());
    let mut problems = Vec::new();
    for case in cases {
        let mut request = builder(&case.method, &case.path);
        match case.sender {
            Sender::Stranger => {}
            Sender::Forger => request = request.header(header::AUTHORIZATION, "Bearer eyJhbGciOiJub25lIn0.e30."),
            Sender::Known(role) => {
                request = request.header(header::AUTHORIZATION, format!("Bearer {}", app.token(role)));
            }
        }
        for (name, value) in &case.headers {
            request = request.header(*name, value);
        }
        let answer = app.send(request.body(Body::from(case.body.clone())).unwrap()).await;
        let body = serde_json::from_slice(&answer.bytes).unwrap_or_default();
        problems.extend(case.judge(answer.status.as_u16(), &body).err());
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[tokio::test]
async fn the_console_refuses_every_bad_request_too() {
    let app = ConsoleApp::new();
    // Signing in has rules of its own: whatever is wrong with the words, the answer is the same and attempts are counted.
    let table = routes().into_iter().map(|entry| entry.route);
    let table: Vec<Route> = table.filter(|route| route.facts.path != "/api/auth/login").collect();
    let mut problems = Vec::new();
    for case in cases(&table, &filled) {
        let mut request = builder(&case.method, &case.path);
        match case.sender {
            Sender::Stranger => {}
            Sender::Forger => request = request.header(header::COOKIE, "holly_token=eyJhbGciOiJub25lIn0.e30."),
            // No user of the console has this role.
            Sender::Known(Role::Webhook) => continue,
            Sender::Known(role) => request = request.header(header::COOKIE, format!("holly_token={}", app.token(role))),
        }
        for (name, value) in &case.headers {
            request = request.header(*name, value);
        }
        let answer = app.send(request.body(Body::from(case.body.clone())).unwrap()).await;
        let body = serde_json::from_slice(&answer.bytes).unwrap_or_default();
        problems.extend(case.judge(answer.status.as_u16(), &body).err());
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
