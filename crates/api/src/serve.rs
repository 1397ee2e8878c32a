//! Takes connections until told to stop, then lets the requests under way end.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower_service::ServiceExt;

use crate::layers::client::Peer;

/// Request line and headers together, bytes; the layers refuse 8 KiB and 32 KiB apart, with a proper answer.
const MAX_HEAD_BYTES: usize = 40 * 1024 + 512;
/// How long a connection may be silent between two requests.
const IDLE: Duration = Duration::from_secs(75);
/// How long the head of the first request may take. Slow heads are how a few clients hold all connections.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Connections at once; more wait in the listener's queue.
const MAX_CONNECTIONS: usize = 10_000;
/// Rest after a failed accept (no file descriptors left), so that the loop does not spin.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Serves `app` on `listener` until `shutdown` is cancelled; returns when the last connection has ended. Whoever does
/// not want to wait so long drops the future, which cuts the remaining connections.
///
/// # Errors
/// When the listener has no address, i.e. is no listener.
pub async fn serve(listener: TcpListener, app: Router, shutdown: CancellationToken) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "listening");
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= MAX_CONNECTIONS {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = connections.join_next() => continue,
            }
        }
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(connection(stream, peer, app.clone(), shutdown.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// One connection. hyper has a single clock for "no head yet" and "silent between requests", so it is given the longer
/// time, and the first head is watched here.
async fn connection(stream: TcpStream, peer: SocketAddr, app: Router, shutdown: CancellationToken) {
    // Answers are small: waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let requests = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&requests);
    let service = service_fn(move |mut request: Request<Incoming>| {
        counted.fetch_add(1, Ordering::Relaxed);
        request.extensions_mut().insert(Peer(peer));
        app.clone().oneshot(request.map(Body::new))
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(IDLE).max_header_size(MAX_HEAD_BYTES);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let mut first_head = pin!(tokio::time::sleep(HEAD_TIME));
    let mut watching = true;
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = first_head.as_mut(), if watching => {
                if requests.load(Ordering::Relaxed) == 0 {
                    return;
                }
                watching = false;
            }
            () = shutdown.cancelled(), if !stopping => {
                connection.as_mut().graceful_shutdown();
                stopping = true;
            }
        }
    }
}
