//! A proxy before PostgreSQL that loses a COMMIT, or the answer to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const PASS: u8 = 0;
const LOSE_COMMIT: u8 = 1;
const LOSE_ANSWER: u8 = 2;

/// The proxy; dropping it closes all connections.
pub(crate) struct Lossy {
    /// The address of the database through it.
    pub(crate) url: String,
    plan: Arc<AtomicU8>,
    _tasks: JoinSet<()>,
}

impl Lossy {
    /// Before the server of `url`, which is `postgres://user@host:port/database`.
    pub(crate) async fn before(url: &str) -> Self {
        let (head, rest) = url.split_once('@').unwrap();
        let (server, tail) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{head}@{}/{tail}", listener.local_addr().unwrap());
        let (plan, server) = (Arc::new(AtomicU8::new(PASS)), server.to_owned());
        let told = plan.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                open.spawn(carry(client, server, told.clone()));
            }
        });
        Self { url, plan, _tasks: tasks }
    }

    /// The next COMMIT does not arrive.
    pub(crate) fn lose_commit(&self) {
        self.plan.store(LOSE_COMMIT, Ordering::SeqCst);
    }

    /// The next COMMIT happens, and its answer does not arrive.
    pub(crate) fn lose_answer(&self) {
        self.plan.store(LOSE_ANSWER, Ordering::SeqCst);
    }

    /// Whether what was planned has happened.
    pub(crate) fn has_lost(&self) -> bool {
        self.plan.load(Ordering::SeqCst) == PASS
    }
}

/// Carries bytes both ways until either side, or the plan, ends it.
async fn carry(mut client: TcpStream, mut server: TcpStream, plan: Arc<AtomicU8>) {
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Some(sent) = read.ok().filter(|read| *read > 0).map(|read| &up[..read]) else { return };
                let commits = sent.windows(6).any(|part| part == b"COMMIT");
                let due = if commits { plan.swap(PASS, Ordering::SeqCst) } else { PASS };
                if due == LOSE_COMMIT || server.write_all(sent).await.is_err() {
                    return;
                }
                if due == LOSE_ANSWER {
                    // The answer has come: it has happened.
                    let _ = server.read(&mut down).await;
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Some(told) = read.ok().filter(|read| *read > 0).map(|read| &down[..read]) else { return };
                if client.write_all(told).await.is_err() {
                    return;
                }
            }
        }
    }
}
