//! A loopback listener that can be closed and opened again, and that can hang up instead of answering.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use clock::SharedClock;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::ServiceExt;

use crate::model_host::HangUp;

/// The service asked to hang up: the connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("hung up on purpose")]
struct HungUp;

/// Where a server listens and how to close it for a while.
#[derive(Debug, Clone)]
pub(crate) struct Listener {
    /// Its address.
    pub(crate) address: SocketAddr,
    close: mpsc::Sender<Duration>,
}

impl Listener {
    /// Closes the listener and its connections for `duration` of real time; new connections are refused by the system.
    pub(crate) fn refuse_for(&self, duration: Duration) {
        // A full queue means that it is closed already.
        let _ = self.close.try_send(duration);
    }
}

/// Serves `router` on a free loopback port until `stop`.
pub(crate) async fn serve(
    router: Router,
    tasks: &TaskTracker,
    stop: CancellationToken,
    clock: SharedClock,
) -> io::Result<Listener> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let (close, closes) = mpsc::channel(4);
    tasks.spawn(accept(listener, address, router, tasks.clone(), stop, clock, closes));
    Ok(Listener { address, close })
}

async fn accept(
    first: TcpListener,
    address: SocketAddr,
    router: Router,
    tasks: TaskTracker,
    stop: CancellationToken,
    clock: SharedClock,
    mut closes: mpsc::Receiver<Duration>,
) {
    let mut listener = Some(first);
    loop {
        let Some(open) = listener.take() else {
            // Somebody may have taken the port meanwhile; the upstream's address is known to others, so wait for it.
            match TcpListener::bind(address).await {
                Ok(bound) => listener = Some(bound),
                Err(error) => {
                    tracing::warn!(%address, %error, "rehearsal port is taken, trying again");
                    tokio::select! { () = clock.sleep(Duration::from_millis(200)) => {} () = stop.cancelled() => return }
                }
            }
            continue;
        };
        let connections = stop.child_token();
        let closed_for = loop {
            tokio::select! {
                () = stop.cancelled() => return,
                // Nobody may be left who could close it; then it stays open.
                Some(closed) = closes.recv() => break closed,
                accepted = open.accept() => match accepted {
                    Ok((stream, _)) => {
                        let _ = stream.set_nodelay(true);
                        tasks.spawn(connection(stream, router.clone(), connections.clone()));
                    }
                    Err(error) => tracing::warn!(%error, "rehearsal listener"),
                },
            }
        };
        drop(open);
        connections.cancel();
        tokio::select! { () = clock.sleep(closed_for) => {} () = stop.cancelled() => return }
    }
}

async fn connection(stream: tokio::net::TcpStream, router: Router, stop: CancellationToken) {
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let answer: Result<Response<Body>, Infallible> = router.oneshot(request.map(Body::new)).await;
            let Ok(mut response) = answer;
            if response.extensions().get::<HangUp>().is_some() {
                return Err(HungUp);
            }
            response.headers_mut().insert("x-holly-rehearsal", HeaderValue::from_static("1"));
            Ok(response)
        }
    });
    let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! { _ = served => {} () = stop.cancelled() => {} }
}
