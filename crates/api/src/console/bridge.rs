//! The bridge from the live events of the process to all browsers: one subscription, numbered, the last thousand kept.
//!
//! Browsers have no queues of their own. Each remembers the number it has read up to, and reads on from the shared ring;
//! one that falls too far behind is moved forward and told how many events it missed. So a slow browser costs nothing
//! and slows nobody.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use clock::Ids;
use domain::live::LiveEvent;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::ports::{LiveFeed, LiveFrame};

/// Events kept for those who come back.
pub const RING: usize = 1_000;
/// Events that one browser may be behind.
pub const BEHIND: u64 = 500;

/// One numbered event.
#[derive(Debug, Clone)]
pub(super) struct Numbered {
    /// Its number, from 1.
    pub(super) seq: u64,
    /// The event; none stands for events that the bridge itself missed.
    pub(super) event: Option<Arc<LiveEvent>>,
    /// The frame.
    pub(super) text: Arc<str>,
}

/// What a browser has to know to read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Number of the newest event; 0 before the first.
    pub(super) newest: u64,
    /// Whether events arrive.
    pub(super) connected: bool,
}

/// The bridge of one process.
pub struct Bridge {
    epoch: String,
    ring: Mutex<VecDeque<Numbered>>,
    mark: watch::Sender<Mark>,
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("epoch", &self.epoch).field("mark", &*self.mark.borrow()).finish_non_exhaustive()
    }
}

impl Bridge {
    /// A bridge that is not connected yet.
    #[must_use]
    pub fn new(ids: &Ids) -> Arc<Self> {
        let (mark, _) = watch::channel(Mark { newest: 0, connected: false });
        Arc::new(Self { epoch: ids.hex(8), ring: Mutex::default(), mark })
    }

    /// Carries events over until it is dropped. Run it once.
    pub async fn run(self: Arc<Self>, feed: Arc<dyn LiveFeed>) {
        /// Says that the link is gone, however the task ends.
        struct Disconnect(Arc<Bridge>);
        impl Drop for Disconnect {
            fn drop(&mut self) {
                self.0.mark.send_modify(|mark| mark.connected = false);
            }
        }
        let mut frames = feed.subscribe();
        self.mark.send_modify(|mark| mark.connected = true);
        let _at_the_end = Disconnect(self.clone());
        loop {
            match frames.next().await {
                LiveFrame::Event(event) => self.add(Some(event.clone()), event.to_json()),
                LiveFrame::Dropped(count) => self.add(None, json!({"type": "events_dropped", "count": count})),
            }
        }
    }

    /// Number of the newest event; 0 before the first.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.mark.borrow().newest
    }

    /// Whether events arrive.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.mark.borrow().connected
    }

    fn add(&self, event: Option<Arc<LiveEvent>>, mut frame: Value) {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = self.mark.borrow().newest + 1;
        frame["seq"] = json!(seq);
        frame["epoch"] = json!(self.epoch);
        if ring.len() >= RING {
            ring.pop_front();
        }
        ring.push_back(Numbered { seq, event, text: frame.to_string().into() });
        // Within the lock, so that whoever sees the number finds the event.
        self.mark.send_modify(|mark| mark.newest = seq);
    }

    /// This process's name of its numbering.
    pub(super) fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Where the numbering stands, and a way to hear when it moves.
    pub(super) fn watch(&self) -> watch::Receiver<Mark> {
        self.mark.subscribe()
    }

    /// Those of the kept events whose number is greater than `after`, oldest first, and how many between are gone.
    pub(super) fn after(&self, after: u64) -> (u64, Vec<Numbered>) {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let first = ring.partition_point(|one| one.seq <= after);
        let gone = ring.front().map_or(0, |oldest| oldest.seq.saturating_sub(after + 1));
        (gone, ring.range(first..).cloned().collect())
    }
}
