//! A server that answers from a script, and an upstream that points at it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clock::{ManualClock, SeededEntropy};
use net::{BaseUrl, Breakers, PlainHttp, Settings, Upstream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What a connection gets for its request.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// These bytes, then the end.
    Bytes(String),
    /// The request is read, then the connection closes.
    Drop,
    /// These bytes, then silence.
    Hang(String),
}

/// A whole answer with a status, extra header lines and a body.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Step {
    let length = body.len();
    Step::Bytes(format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"))
}

/// The server. Dropping it stops it.
pub(crate) struct Server {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) port: u16,
    hits: Arc<AtomicUsize>,
    last: Arc<std::sync::Mutex<String>>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// Serves the steps in turn; the last one again and again.
    pub(crate) async fn start(steps: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (hits, last) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(String::new())));
        let mut tasks = JoinSet::new();
        let (counter, seen) = (hits.clone(), last.clone());
        tasks.spawn(async move {
            let mut held = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                *seen.lock().unwrap() = request;
                let step = steps[counter.fetch_add(1, Ordering::SeqCst).min(steps.len() - 1)].clone();
                match step {
                    Step::Drop => {}
                    Step::Bytes(text) => drop(stream.write_all(text.as_bytes()).await),
                    Step::Hang(text) => {
                        drop(stream.write_all(text.as_bytes()).await);
                        held.push(stream);
                    }
                }
            }
        });
        Self { clock: Arc::new(ManualClock::at_epoch()), port, hits, last, _tasks: tasks }
    }

    pub(crate) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    pub(crate) fn last_request(&self) -> String {
        self.last.lock().unwrap().clone()
    }

    pub(crate) fn breakers(&self) -> Breakers {
        Breakers::new(self.clock.clone())
    }

    /// An upstream with limits that only the test's clock reaches.
    pub(crate) fn upstream(&self, adjust: impl FnOnce(&mut Settings)) -> Upstream {
        self.upstream_with(self.breakers(), adjust)
    }

    pub(crate) fn upstream_with(&self, breakers: Breakers, adjust: impl FnOnce(&mut Settings)) -> Upstream {
        upstream(self.port, &self.clock, breakers, adjust)
    }

    /// Awaits `future` while the clock runs.
    pub(crate) async fn running<T>(&self, future: impl Future<Output = T>) -> T {
        let run = async {
            loop {
                tokio::time::sleep(Duration::from_millis(1)).await;
                self.clock.advance(Duration::from_secs(1));
            }
        };
        tokio::select! {
            output = future => output,
            () = run => unreachable!("the clock runs for ever"),
        }
    }
}

pub(crate) fn upstream(
    port: u16,
    clock: &Arc<ManualClock>,
    breakers: Breakers,
    adjust: impl FnOnce(&mut Settings),
) -> Upstream {
    let base = BaseUrl::parse(&format!("http://127.0.0.1:{port}"), PlainHttp::NearOnly).unwrap();
    let mut settings = Settings::new("stripe", base);
    settings.attempt_timeout = Duration::from_secs(1_000_000);
    settings.operation_timeout = Duration::from_secs(1_000_000);
    adjust(&mut settings);
    Upstream::new(settings, breakers, clock.clone(), Arc::new(SeededEntropy::new(1))).unwrap()
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0_u8; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        text.extend_from_slice(&buffer[..read]);
        let seen = String::from_utf8_lossy(&text).to_lowercase();
        let Some(head) = seen.find("\r\n\r\n") else {
            if read == 0 {
                return seen;
            }
            continue;
        };
        let length = seen.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if read == 0 || text.len() >= head + 4 + length {
            return seen;
        }
    }
}
