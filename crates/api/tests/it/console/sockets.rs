//! `/ws/execution` and `/ws/logs` on real sockets, with the clock of the test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::ports::LiveFrame;
use api::serve;
use clock::Clock;
use domain::live::LiveEvent;
use domain::role::Role;
use futures_util::{SinkExt as _, StreamExt as _};
use http::HeaderValue;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::ConsoleApp;
use super::played::email;
use crate::sockets::close_code;

type Client = WebSocketStream<TcpStream>;

/// The next event; pings are answered by the library and show nothing.
async fn event(client: &mut Client) -> Value {
    loop {
        match client.next().await.unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) => {}
            other => panic!("no event: {other:?}"),
        }
    }
}

struct Server {
    app: ConsoleApp,
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn start() -> Self {
        let app = ConsoleApp::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        let (router, stop) = (app.router.clone(), app.agents.stop.clone());
        tasks.spawn(async move { serve(listener, router, stop).await.unwrap() });
        tasks.spawn(app.bridge.clone().run(app.agents.feed.clone()));
        Self { app, address, _tasks: tasks }
    }

    /// A handshake with these headers, when set.
    async fn knock(&self, path: &str, origin: Option<&str>, token: Option<&str>) -> Result<Client, Error> {
        let mut request = format!("ws://{}{path}", self.address).into_client_request().unwrap();
        let headers = request.headers_mut();
        if let Some(origin) = origin {
            headers.insert("origin", HeaderValue::from_str(origin).unwrap());
        }
        if let Some(token) = token {
            headers.insert("cookie", HeaderValue::from_str(&format!("holly_token={token}")).unwrap());
        }
        let stream = TcpStream::connect(self.address).await.unwrap();
        client_async(request, stream).await.map(|(client, _)| client)
    }

    /// A viewer's socket that was told that events arrive.
    async fn watch(&self, path: &str) -> Client {
        let own = format!("http://{}", self.address);
        let token = self.app.token(Role::Viewer);
        let mut client = self.knock(path, Some(&own), Some(&token)).await.unwrap();
        let mut first = event(&mut client).await;
        if first["status"] == "disconnected" {
            first = event(&mut client).await;
        }
        assert_eq!((&first["type"], &first["status"]), (&json!("bridge_status"), &json!("connected")));
        client
    }

    fn publish(&self, kind: &'static str, run_id: Option<&str>, fields: Value) {
        let event = LiveEvent::new(kind, self.app.agents.clock.now(), run_id, fields);
        assert!(self.app.agents.feed.0.send(LiveFrame::Event(Arc::new(event))).is_ok(), "nobody is subscribed");
    }

    /// Publishes an event and waits until the bridge has numbered it.
    async fn carry(&self) {
        let before = self.app.bridge.newest();
        self.publish("node_entered", None, json!({}));
        for _ in 0..100_000 {
            if self.app.bridge.newest() > before {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("the bridge does not carry");
    }

    /// Lets the test's clock run until the client has been sent something.
    async fn event(&self, client: &mut Client) -> Value {
        let mut waiting = std::pin::pin!(event(client));
        loop {
            tokio::select! {
                event = &mut waiting => return event,
                () = tokio::time::sleep(Duration::from_millis(5)) => {
                    self.app.agents.clock.advance(Duration::from_millis(50));
                }
            }
        }
    }

    /// The next frame that is no heartbeat.
    async fn news(&self, client: &mut Client) -> Value {
        loop {
            let event = self.event(client).await;
            if event["type"] != "heartbeat" {
                return event;
            }
        }
    }
}

#[tokio::test]
async fn only_pages_of_the_console_and_listed_origins_open_a_socket() {
    let server = Server::start().await;
    let token = server.app.token(Role::Viewer);
    let own = format!("http://{}", server.address);
    for path in ["/ws/execution", "/ws/logs"] {
        for origin in [None, Some("null"), Some("http://evil.example")] {
            let mut client = server.knock(path, origin, Some(&token)).await.unwrap();
            assert_eq!(close_code(&mut client).await, 4003, "{origin:?}");
        }
        let expired_or_none = [None, Some("nonsense".to_owned()), Some(server.app.agents.token(Role::Admin))];
        for token in expired_or_none {
            let mut client = server.knock(path, Some(&own), token.as_deref()).await.unwrap();
            assert_eq!(close_code(&mut client).await, 4001);
        }
        for origin in [own.as_str(), "http://localhost:3000"] {
            let mut client = server.knock(path, Some(origin), Some(&token)).await.unwrap();
            assert_eq!(event(&mut client).await["type"], "bridge_status");
        }
    }
}

#[tokio::test]
async fn a_plain_request_is_no_socket_and_tells_strangers_nothing() {
    let app = ConsoleApp::new();
    app.get(Role::Viewer, "/ws/execution").await.assert_error(426, "upgrade_required");
    app.get(Role::Viewer, "/ws/execution?since=x").await.assert_error(400, "invalid_query");
    app.get(Role::Viewer, "/ws/logs?level=loud").await.assert_error(400, "invalid_query");
    let request = crate::app::builder("GET", "/ws/execution").body(axum::body::Body::empty()).unwrap();
    app.send(request).await.assert_detail(401, "authentication_required", "Not authenticated");
}

#[tokio::test]
async fn events_are_numbered_and_filtered() {
    let server = Server::start().await;
    let mut all = server.watch("/ws/execution").await;
    let mut runs = server.watch("/ws/execution?types=tower_run,tower_ticket").await;
    let mut of_run = server.watch("/ws/execution?run_id=run_b").await;
    let mut errors = server.watch("/ws/logs?level=warning&q=PRINT").await;
    server.publish("tower_run", Some("run_a"), json!({"run_id": "run_a", "status": "queued"}));
    server.publish("log", Some("run_b"), json!({"level": "info", "message": "print begins"}));
    server.publish("log", Some("run_b"), json!({"level": "error", "message": "the print failed"}));
    let first = server.news(&mut all).await;
    assert_eq!((&first["type"], &first["seq"]), (&json!("tower_run"), &json!(1)));
    assert!(first["timestamp"].is_f64() && first["epoch"].is_string());
    for seq in [2, 3] {
        let next = server.news(&mut all).await;
        assert_eq!((&next["seq"], &next["epoch"]), (&json!(seq), &first["epoch"]));
    }
    assert_eq!(server.news(&mut runs).await, first);
    assert_eq!(server.news(&mut of_run).await["seq"], 2);
    assert_eq!(server.news(&mut errors).await["seq"], 3);
}

#[tokio::test]
async fn who_comes_back_is_given_what_was_missed_or_told_to_look_again() {
    let server = Server::start().await;
    let mut client = server.watch("/ws/execution").await;
    for n in 1..=5 {
        server.publish("node_entered", None, json!({"n": n}));
    }
    for n in 1..=5 {
        assert_eq!(server.news(&mut client).await["n"], n);
    }
    let mut back = server.watch("/ws/execution?since=3").await;
    assert_eq!(server.news(&mut back).await["seq"], 4);
    assert_eq!(server.news(&mut back).await["seq"], 5);
    let mut stranger = server.watch("/ws/execution?since=77").await;
    assert_eq!(server.news(&mut stranger).await["type"], "resync", "a number of another process");
    drop((client, back, stranger));
    for _ in 6..=1_010 {
        server.carry().await;
    }
    let mut late = server.watch("/ws/execution?since=5").await;
    assert_eq!(server.news(&mut late).await["type"], "resync", "the events after it are no longer kept");
    let mut in_time = server.watch("/ws/execution?since=1000").await;
    assert_eq!(server.news(&mut in_time).await["seq"], 1_001);
}

#[tokio::test]
async fn a_browser_that_falls_behind_is_told_how_many_events_it_missed() {
    let server = Server::start().await;
    let mut slow = server.watch("/ws/execution").await;
    // The first event opens the pause between two bursts; the clock stands still meanwhile.
    server.publish("node_entered", None, json!({}));
    assert_eq!(event(&mut slow).await["seq"], 1);
    for _ in 0..520 {
        server.carry().await;
    }
    let notice = server.news(&mut slow).await;
    assert_eq!((&notice["type"], &notice["count"]), (&json!("events_dropped"), &json!(20)));
    assert_eq!(server.news(&mut slow).await["seq"], 22);
}

#[tokio::test]
async fn a_quiet_link_beats() {
    let server = Server::start().await;
    let mut client = server.watch("/ws/logs").await;
    let beat = server.event(&mut client).await;
    assert_eq!(beat["type"], "heartbeat");
    assert!(beat["timestamp"].is_f64());
}

#[tokio::test]
async fn a_socket_ends_with_its_session() {
    let server = Server::start().await;
    let mut client = server.watch("/ws/execution").await;
    server.app.accounts.change(&email(Role::Viewer), |user| user.disabled = true);
    server.app.pass(20);
    assert_eq!(close_code(&mut client).await, 4001, "disabled");

    server.app.accounts.change(&email(Role::Viewer), |user| user.disabled = false);
    let mut client = server.watch("/ws/execution").await;
    server.app.pass(24 * 3600);
    assert_eq!(close_code(&mut client).await, 4001, "expired");
}

#[tokio::test]
async fn the_end_of_the_bridge_is_told_and_bytes_are_refused() {
    let mut server = Server::start().await;
    let mut client = server.watch("/ws/execution").await;
    let mut other = server.watch("/ws/execution").await;
    other.send(Message::Binary(vec![1_u8].into())).await.unwrap();
    assert_eq!(close_code(&mut other).await, 1003);
    server.app.agents.stop.cancel();
    assert_eq!(close_code(&mut client).await, 1001);
    server._tasks.shutdown().await;
    assert!(!server.app.bridge.is_connected());
}
