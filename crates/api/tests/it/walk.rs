//! Every bad request that the table gives rise to, sent to the server in this process.

use api::routes::agents;
use axum::body::Body;
use http::header;

use crate::app::{TestApp, builder, filled};
use crate::bad_input::{Sender, cases};

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
