//! `/ws/events` on a real socket, with the clock of the test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use api::ports::LiveFrame;
use api::serve;
use clock::{Clock, Ids};
use domain::live::LiveEvent;
use domain::role::Role;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, Request};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::app::TestApp;

type Client = WebSocketStream<TcpStream>;

struct Server {
    app: TestApp,
    address: SocketAddr,
    tasks: JoinSet<std::io::Result<()>>,
}

impl Server {
    async fn start() -> Self {
        let app = TestApp::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, app.router.clone(), app.stop.clone()));
        Self { app, address, tasks }
    }

    fn request(&self, query: &str, headers: &[(&'static str, String)]) -> Request<()> {
        let mut request = format!("ws://{}/ws/events{query}", self.address).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        request
    }

    async fn open(&self, query: &str, headers: &[(&'static str, String)]) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        client_async(self.request(query, headers), stream).await.unwrap().0
    }

    fn bearer(&self, role: Role) -> (&'static str, String) {
        ("authorization", format!("Bearer {}", self.app.token(role)))
    }

    /// A viewer's socket whose loop is running: it has delivered an event.
    async fn watched(&self) -> Client {
        let mut client = self.open("", &[self.bearer(Role::Viewer)]).await;
        self.publish(json!({"n": 0}));
        assert_eq!(event(&mut client).await["n"], 0);
        client
    }

    fn publish(&self, fields: Value) {
        let event = LiveEvent::new("log", self.app.clock.now(), None, fields);
        assert!(self.app.feed.0.send(LiveFrame::Event(Arc::new(event))).is_ok(), "nobody is subscribed");
    }

    fn pass(&self, seconds: u64) {
        self.app.clock.advance(Duration::from_secs(seconds));
    }
}

async fn event(client: &mut Client) -> Value {
    match client.next().await.unwrap().unwrap() {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("no event: {other:?}"),
    }
}

/// The code the server closes with.
pub(crate) async fn close_code(client: &mut Client) -> u16 {
    loop {
        match client.next().await {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(Message::Close(None))) | None => panic!("closed without a code"),
            Some(Ok(_)) => {}
            Some(Err(error)) => panic!("no close frame: {error}"),
        }
    }
}

#[tokio::test]
async fn a_token_opens_the_socket_in_each_of_three_places() {
    let server = Server::start().await;
    let token = server.app.token(Role::Viewer);
    for (query, headers) in [
        (String::new(), vec![server.bearer(Role::Viewer)]),
        (format!("?token={token}"), vec![]),
        (String::new(), vec![("sec-websocket-protocol", format!("bearer.{token}"))]),
        (String::new(), vec![("sec-websocket-protocol", format!("bearer.{token}, holly"))]),
    ] {
        let mut client = server.open(&query, &headers).await;
        server.publish(json!({"n": 1}));
        let seen = event(&mut client).await;
        assert_eq!((&seen["type"], &seen["n"]), (&json!("log"), &json!(1)));
        assert!(seen["timestamp"].is_f64());
        client.close(None).await.unwrap();
    }
}

#[tokio::test]
async fn the_token_is_not_repeated_to_a_client_that_offers_another_protocol() {
    let server = Server::start().await;
    let token = server.app.token(Role::Viewer);
    let offered = [("sec-websocket-protocol", format!("bearer.{token}, holly"))];
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (_client, response) = client_async(server.request("", &offered), stream).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "holly");
}

#[tokio::test]
async fn an_unfit_client_is_accepted_and_closed_with_a_code() {
    let server = Server::start().await;
    let ended = server.app.keys.mint(&Ids::random(), "x", Role::Admin, Duration::from_secs(1), server.app.clock.now());
    let ended = ended.unwrap();
    server.pass(60);
    let good = server.app.token(Role::Viewer);
    for (query, headers, code) in [
        (String::new(), vec![], 4001),
        ("?token=".into(), vec![], 4001),
        ("?token=a.b.c".into(), vec![], 4001),
        (format!("?token={ended}"), vec![], 4001),
        (format!("?token={good}&token={good}"), vec![], 4001),
        (format!("?token={good}"), vec![("authorization", "Bearer x".into())], 4001),
        (String::new(), vec![("authorization", format!("bearer {good}"))], 4001),
        (String::new(), vec![("sec-websocket-protocol", "bearer.x".into())], 4001),
        (String::new(), vec![server.bearer(Role::Webhook)], 4003),
        (String::new(), vec![server.bearer(Role::Viewer), ("origin", "null".into())], 4003),
        (String::new(), vec![server.bearer(Role::Viewer), ("origin", "https://elsewhere.example".into())], 4003),
        (String::new(), vec![("origin", "http://localhost:3000.elsewhere.example".into())], 4003),
    ] {
        let mut client = server.open(&query, &headers).await;
        assert_eq!(close_code(&mut client).await, code, "{query} {headers:?}");
    }
    let listed = [server.bearer(Role::Viewer), ("origin", "http://localhost:3000".into())];
    let mut client = server.open("", &listed).await;
    server.publish(json!({"n": 5}));
    assert_eq!(event(&mut client).await["n"], 5);
}

#[tokio::test]
async fn lost_events_are_counted_in_their_place() {
    let server = Server::start().await;
    let mut client = server.watched().await;
    server.app.feed.0.send(LiveFrame::Dropped(7)).unwrap();
    server.publish(json!({"n": 8}));
    assert_eq!(event(&mut client).await, json!({"type": "events_dropped", "count": 7}));
    assert_eq!(event(&mut client).await["n"], 8);
}

#[tokio::test]
async fn the_socket_ends_with_its_token() {
    let server = Server::start().await;
    let mut client = server.watched().await;
    server.pass(3_600);
    assert_eq!(close_code(&mut client).await, 4001);
}

#[tokio::test]
async fn a_revoked_token_loses_its_socket_at_the_next_look() {
    let server = Server::start().await;
    let mut client = server.watched().await;
    server.app.revocations.0.store(true, Ordering::SeqCst);
    server.pass(20);
    assert_eq!(close_code(&mut client).await, 4001);
}

#[tokio::test]
async fn a_client_that_answers_pings_stays_and_a_silent_one_is_dropped() {
    let server = Server::start().await;
    let mut client = server.watched().await;
    for round in 0..3 {
        server.pass(20);
        assert!(matches!(client.next().await.unwrap().unwrap(), Message::Ping(_)), "round {round}");
        // The answer goes out with the next message. That one is a ping itself: its answer shows that the server has
        // read both before time passes again.
        client.send(Message::Ping(vec![1].into())).await.unwrap();
        assert!(matches!(client.next().await.unwrap().unwrap(), Message::Pong(_)), "round {round}");
    }
    server.pass(20);
    assert!(matches!(client.next().await.unwrap().unwrap(), Message::Ping(_)));
    // The answer to this one stays in the client's buffer, because nobody flushes it.
    let silent = client.get_mut();
    server.pass(10);
    let mut rest = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(silent, &mut rest).await.unwrap();
    assert!(rest.is_empty(), "the connection ends without a word: {rest:?}");
}

#[tokio::test]
async fn what_a_client_says_is_ignored_unless_it_is_bytes_or_too_long() {
    let server = Server::start().await;
    let mut client = server.watched().await;
    for text in ["", "{}", "not json", "{\"type\":\"subscribe\"}"] {
        client.send(Message::text(text)).await.unwrap();
    }
    client.send(Message::text("x".repeat(256 * 1024))).await.unwrap();
    server.publish(json!({"n": 2}));
    assert_eq!(event(&mut client).await["n"], 2);
    client.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(close_code(&mut client).await, 1003);

    let mut client = server.watched().await;
    client.send(Message::text("x".repeat(256 * 1024 + 1))).await.unwrap();
    assert_eq!(close_code(&mut client).await, 1009);
}

#[tokio::test]
async fn a_stop_closes_every_socket_and_waits_for_it() {
    let mut server = Server::start().await;
    let mut one = server.watched().await;
    let mut two = server.watched().await;
    server.app.stop.cancel();
    assert_eq!(close_code(&mut one).await, 1001);
    // The confirmation of the second one is still out when the server itself has ended.
    server.tasks.join_next().await.unwrap().unwrap().unwrap();
    let closed = server.app.sockets.closed();
    let (code, ()) = tokio::join!(
        async {
            let code = close_code(&mut two).await;
            let _ = (one.next().await, two.next().await);
            code
        },
        closed
    );
    assert_eq!(code, 1001);
}

#[tokio::test]
async fn a_request_that_is_no_handshake_is_told_so_but_only_with_a_token() {
    let app = TestApp::new();
    let answer = app.get(Role::Viewer, "/ws/events").await;
    answer.assert_error(426, "upgrade_required");
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    app.get(Role::Webhook, "/ws/events").await.assert_error(403, "forbidden");
    let half = |bearer: Option<String>| {
        let mut request = crate::app::builder("GET", "/ws/events").header("upgrade", "websocket");
        if let Some(bearer) = bearer {
            request = request.header("authorization", bearer);
        }
        request.body(axum::body::Body::empty()).unwrap()
    };
    app.send(half(None)).await.assert_error(401, "invalid_credentials");
    app.send(half(Some(format!("Bearer {}", app.token(Role::Viewer))))).await.assert_error(426, "upgrade_required");
}
