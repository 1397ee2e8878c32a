//! The server on a real socket.

use api::serve;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::TestApp;

async fn started(app: &TestApp) -> (std::net::SocketAddr, CancellationToken, JoinSet<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(serve(listener, app.router.clone(), stop.clone()));
    (address, stop, tasks)
}

async fn exchange(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn a_request_is_answered_over_a_socket_and_a_stop_ends_the_server() {
    let app = TestApp::new();
    let (address, stop, mut tasks) = started(&app).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let text = exchange(&mut stream, "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(text.starts_with("HTTP/1.1 200 OK") && text.ends_with(r#"{"status":"alive"}"#), "{text}");
    let silent = TcpStream::connect(address).await.unwrap();
    stop.cancel();
    assert!(
        tasks.join_next().await.unwrap().unwrap().is_ok(),
        "an open but silent connection does not hold up the stop"
    );
    drop(silent);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_oversized_head_is_refused_on_the_wire() {
    let app = TestApp::new();
    let (address, _stop, _tasks) = started(&app).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let text =
        exchange(&mut stream, &format!("GET / HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "a".repeat(42_000))).await;
    assert!(text.starts_with("HTTP/1.1 431"), "{text}");
}

#[tokio::test]
async fn a_request_without_sense_is_refused_on_the_wire() {
    let app = TestApp::new();
    let (address, _stop, _tasks) = started(&app).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let text = exchange(&mut stream, "NONSENSE\r\n\r\n").await;
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let app = TestApp::new();
    let (address, _stop, _tasks) = started(&app).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let keep = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    let close = "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let text = exchange(&mut stream, &format!("{keep}{keep}{close}")).await;
    assert_eq!((text.matches("HTTP/1.1 200").count(), text.matches("HTTP/1.1 401").count()), (2, 1), "{text}");
}
