//! The one place that starts tasks: each has a name, is counted, stops when told to, and does not die unseen.

use std::future::Future;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Owns the tasks of a process.
#[derive(Debug, Clone, Default)]
pub struct Supervisor {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Supervisor {
    /// A supervisor without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts `task` under `name`; it is dropped when the supervisor is told to stop.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.spawn_finishing(name, async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// Starts `task` under `name`; it is told to stop through [`Supervisor::stopping`] and is waited for.
    pub fn spawn_finishing(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let handle = self.tracker.spawn(task);
        self.tracker.spawn(async move {
            match handle.await {
                Ok(()) => tracing::debug!(task = name, "task ended"),
                Err(error) if error.is_cancelled() => {}
                Err(error) => tracing::error!(task = name, %error, "task panicked"),
            }
        });
    }

    /// Ends when the supervisor is told to stop.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// The tracker, for parts that start their own tasks under this supervisor.
    #[must_use]
    pub fn tracker(&self) -> &TaskTracker {
        &self.tracker
    }

    /// Tells every task to stop and waits until they have.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}
