//! When a call is repeated.

use std::time::Duration;

use net::{Certainty, Idempotency, NetError, Request};

use crate::server::{Server, Step, answer};

#[tokio::test]
async fn a_read_is_repeated_until_it_works() {
    let server = Server::start(vec![answer(503, "", ""), Step::Drop, answer(200, "", "done")]).await;
    let upstream = server.upstream(|_| {});
    let reply = server.running(upstream.send("op", Request::get("/a"))).await.unwrap();
    assert_eq!((&reply.body[..], server.hits()), (&b"done"[..], 3));
}

#[tokio::test]
async fn after_three_repetitions_the_failure_is_final() {
    let server = Server::start(vec![answer(502, "", "")]).await;
    let upstream = server.upstream(|_| {});
    let error = server.running(upstream.send("op", Request::get("/a"))).await.unwrap_err();
    assert_eq!((error.status(), server.hits()), (Some(502), 4));
}

#[tokio::test]
async fn an_unclear_first_attempt_keeps_the_whole_unclear_until_a_clear_answer() {
    let keyed = || Request::post("/v1/refunds", Idempotency::Keyed).body("text/plain", "x");
    let put_off = Server::start(vec![Step::Drop, answer(429, "", "")]).await;
    let upstream = put_off.upstream(|_| {});
    let error = put_off.running(upstream.send("op", keyed())).await.unwrap_err();
    assert!(matches!(error, NetError::AfterUnclear { .. }), "{error:?}");
    assert_eq!((error.certainty(), error.status()), (Certainty::Unclear, Some(429)));

    let refused = Server::start(vec![Step::Drop, answer(400, "", "")]).await;
    let upstream = refused.upstream(|_| {});
    let error = refused.running(upstream.send("op", keyed())).await.unwrap_err();
    assert_eq!(error.certainty(), Certainty::Refused);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_fails_at_once_and_names_it() {
    let server = Server::start(vec![answer(429, "retry-after: 60\r\n", "")]).await;
    let request = Request::get("/a").deadline(Duration::from_secs(59));
    let error = server.upstream(|_| {}).send("op", request).await.unwrap_err();
    assert_eq!((error.retry_after_s(), server.hits()), (Some(60), 1));
}

#[tokio::test]
async fn the_asked_wait_is_kept() {
    let server = Server::start(vec![answer(429, "retry-after: 40\r\n", ""), answer(200, "", "")]).await;
    let (upstream, clock) = (server.upstream(|_| {}), server.clock.clone());
    let before = clock::Clock::monotonic(&*clock);
    server.running(upstream.send("op", Request::get("/a"))).await.unwrap();
    assert!(clock::Clock::monotonic(&*clock) - before >= Duration::from_secs(40));
}
