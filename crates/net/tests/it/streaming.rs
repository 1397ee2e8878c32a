//! Answers that arrive bit by bit.

use std::time::Duration;

use futures_util::StreamExt;
use net::{NetError, Request, sse};

use crate::server::{Server, Step, answer};

const HEAD: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n";

#[tokio::test]
async fn events_are_read_as_they_come() {
    let server = Server::start(vec![Step::Bytes(format!("{HEAD}data: one\n\ndata: two\n\n"))]).await;
    let reply = server.upstream(|_| {}).open_stream("op", Request::get("/a")).await.unwrap();
    let events: Vec<_> = sse::events(reply.body).map(|event| event.unwrap().data).collect().await;
    assert_eq!(events, ["one", "two"]);
}

#[tokio::test]
async fn silence_in_mid_stream_ends_it_with_an_error() {
    let server = Server::start(vec![Step::Hang(format!("{HEAD}data: one\n\n"))]).await;
    let reply = server.upstream(|_| {}).open_stream("op", Request::get("/a")).await.unwrap();
    let items: Vec<_> = server.running(reply.body.collect()).await;
    assert!(matches!(&items[..], [Ok(_), Err(NetError::Timeout { .. })]), "{items:?}");
}

#[tokio::test]
async fn a_stream_above_its_cap_is_cut() {
    let server = Server::start(vec![Step::Bytes(format!("{HEAD}{}", "x".repeat(100)))]).await;
    let upstream = server.upstream(|settings| settings.max_stream_bytes = 50);
    let reply = upstream.open_stream("op", Request::get("/a")).await.unwrap();
    let items: Vec<_> = reply.body.collect().await;
    assert!(matches!(items.last(), Some(Err(NetError::TooLarge { limit: 50, .. }))));
}

#[tokio::test]
async fn a_refused_stream_is_an_error_with_its_body() {
    let server = Server::start(vec![answer(400, "", "why")]).await;
    let error = server.upstream(|_| {}).open_stream("op", Request::get("/a")).await.unwrap_err();
    assert_eq!(&error.reply().unwrap().body[..], b"why");
}

#[tokio::test]
async fn the_deadline_bounds_a_stream_that_never_falls_silent_long_enough() {
    let server = Server::start(vec![Step::Hang(format!("{HEAD}data: one\n\n"))]).await;
    let upstream = server.upstream(|settings| settings.idle_timeout = Duration::from_secs(1_000_000));
    let request = Request::get("/a").deadline(Duration::from_secs(500));
    let reply = upstream.open_stream("op", request).await.unwrap();
    let items: Vec<_> = server.running(reply.body.collect()).await;
    assert!(matches!(items.last(), Some(Err(NetError::Timeout { .. }))));
}
