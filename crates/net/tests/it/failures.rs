//! What a caller of a mutation learns from each way to fail.

use std::sync::Arc;
use std::time::Duration;

use clock::ManualClock;
use net::{Breakers, Certainty, Idempotency, NetError, NotSent, Request, SecretString};

use crate::server::{Server, Step, answer, upstream};

fn mutation() -> Request {
    Request::post("/v1/things", Idempotency::Unsafe).body("text/plain", "x")
}

#[tokio::test]
async fn a_refused_connection_means_nothing_was_sent() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let clock = Arc::new(ManualClock::at_epoch());
    let upstream = upstream(port, &clock, Breakers::new(clock.clone()), |_| {});
    let error = upstream.send("op", mutation()).await.unwrap_err();
    assert!(matches!(error, NetError::NotSent { reason: NotSent::Connect, .. }), "{error:?}");
    assert_eq!(error.certainty(), Certainty::NotDone);
}

#[tokio::test]
async fn a_reply_lost_after_the_request_was_written_is_unclear_and_not_repeated() {
    let server = Server::start(vec![Step::Drop]).await;
    let error = server.upstream(|_| {}).send("op", mutation()).await.unwrap_err();
    assert_eq!((error.certainty(), server.hits()), (Certainty::Unclear, 1), "{error:?}");
}

#[tokio::test]
async fn a_refusal_keeps_its_body_for_the_caller() {
    let server = Server::start(vec![answer(402, "", "{\"error\":1}")]).await;
    let error = server.upstream(|_| {}).send("op", mutation()).await.unwrap_err();
    assert_eq!(error.certainty(), Certainty::Refused);
    assert_eq!(&error.reply().unwrap().body[..], b"{\"error\":1}");
    assert!(!format!("{error:?} {error}").contains("error\\\""));
}

#[tokio::test]
async fn a_server_error_leaves_a_mutation_unclear() {
    let server = Server::start(vec![answer(500, "", "")]).await;
    let error = server.upstream(|_| {}).send("op", mutation()).await.unwrap_err();
    assert_eq!((error.certainty(), server.hits()), (Certainty::Unclear, 1));
}

#[tokio::test]
async fn a_redirect_is_an_error_and_not_followed() {
    let server = Server::start(vec![answer(302, "location: /elsewhere\r\n", ""), answer(200, "", "")]).await;
    let error = server.upstream(|_| {}).send("op", Request::get("/a")).await.unwrap_err();
    assert!(matches!(error, NetError::Redirect { status: 302, .. }));
    assert_eq!(server.hits(), 1);
}

#[tokio::test]
async fn an_answer_above_the_cap_fails_announced_or_not() {
    let unannounced = Step::Bytes("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n12345678901".to_owned());
    for step in [answer(200, "", "12345678901"), unannounced] {
        let server = Server::start(vec![step]).await;
        let upstream = server.upstream(|settings| settings.max_bytes = 10);
        let error = upstream.send("op", Request::get("/a")).await.unwrap_err();
        assert!(matches!(error, NetError::TooLarge { limit: 10, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn silence_ends_in_a_timeout_that_is_unclear() {
    let server = Server::start(vec![Step::Hang(String::new())]).await;
    let upstream = server.upstream(|settings| settings.attempt_timeout = Duration::from_secs(30));
    let error = server.running(upstream.send("op", mutation())).await.unwrap_err();
    assert!(matches!(error, NetError::Timeout { written: true, .. }));
    assert_eq!(error.certainty(), Certainty::Unclear);
}

#[tokio::test]
async fn the_upstream_sees_who_calls_and_credentials_only_in_a_header() {
    let server = Server::start(vec![answer(200, "", "{}")]).await;
    let secret = SecretString::from("sk_test_".to_owned() + "0000");
    let request = Request::get("/v1/things").query("created[gte]", 5).bearer(&secret);
    server.upstream(|_| {}).send("op", request).await.unwrap();
    let seen = server.last_request();
    assert!(seen.starts_with("get /v1/things?created%5bgte%5d=5 http/1.1"), "{seen}");
    assert!(seen.contains("user-agent: holly-grace/1.0.0") && seen.contains("authorization: bearer sk_test_0000"));
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_fails_before_anything_leaves() {
    let server = Server::start(vec![answer(200, "", "{}")]).await;
    let request = mutation().bearer(&SecretString::from("line\nbreak"));
    let error = server.upstream(|_| {}).send("op", request).await.unwrap_err();
    assert_eq!((error.certainty(), server.hits()), (Certainty::NotDone, 0));
}
