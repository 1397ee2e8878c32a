//! One browser's view of the bridge: which events it wants, how far it has read, and what it is told besides.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clock::SharedClock;
use domain::live::LiveEvent;
use domain::time::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::bridge::{BEHIND, Bridge, Mark};
use crate::socket::Feed;

/// How often a browser is shown that the link lives.
const BEAT: Duration = Duration::from_secs(15);
/// Bursts are sent at most this often.
const BURST: Duration = Duration::from_millis(50);

/// Which events a browser wants; every member that is set narrows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// Only these types.
    pub(super) types: Option<Vec<String>>,
    /// Only of this run.
    pub(super) run_id: Option<String>,
    /// Only of at least this level.
    pub(super) level: Option<Level>,
    /// Only of this agent.
    pub(super) agent: Option<String>,
    /// Only with this text in the message, lower case.
    pub(super) text: Option<String>,
}

/// Weight of a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

impl Level {
    /// The words in filters and events.
    pub(super) const WORDS: [&'static str; 4] = ["error", "warning", "info", "debug"];

    /// Reads a filter or an event.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "error" => Self::Error,
            "warning" => Self::Warning,
            "info" => Self::Info,
            "debug" => Self::Debug,
            _ => return None,
        })
    }
}

impl Filter {
    /// Whether the browser wants this event.
    pub(super) fn wants(&self, event: &LiveEvent) -> bool {
        let field = |name: &str| event.fields.get(name).and_then(Value::as_str);
        let same =
            |wanted: &Option<String>, found: Option<&str>| wanted.as_deref().is_none_or(|wanted| found == Some(wanted));
        let is_of_run = self
            .run_id
            .as_deref()
            .is_none_or(|run_id| event.thread_id.as_deref() == Some(run_id) || field("run_id") == Some(run_id));
        self.types.as_ref().is_none_or(|types| types.iter().any(|one| one == event.kind))
            && is_of_run
            && same(&self.agent, field("agent"))
            && self.level.is_none_or(|least| field("level").and_then(Level::parse).is_some_and(|level| level >= least))
            && self
                .text
                .as_deref()
                .is_none_or(|text| field("message").is_some_and(|message| message.to_lowercase().contains(text)))
    }
}

/// The frames of one browser.
pub(super) struct Watcher {
    bridge: Arc<Bridge>,
    mark: watch::Receiver<Mark>,
    filter: Filter,
    clock: SharedClock,
    /// Number of the last event that was looked at.
    read: u64,
    /// What the browser was last told of the link.
    told: Option<bool>,
    /// Ready to go out.
    outbox: VecDeque<Arc<str>>,
    next_beat: Duration,
    next_burst: Duration,
}

impl Watcher {
    /// A browser that reads on after `since`, or from now on.
    pub(super) fn new(bridge: Arc<Bridge>, filter: Filter, since: Option<u64>, clock: SharedClock) -> Self {
        let mark = bridge.watch();
        let newest = mark.borrow().newest;
        let now = clock.monotonic();
        let mut watcher = Self {
            bridge,
            mark,
            filter,
            clock,
            read: newest,
            told: None,
            outbox: VecDeque::new(),
            next_beat: now + BEAT,
            next_burst: now,
        };
        watcher.tell_the_link();
        match since {
            // Everything after it is still kept.
            Some(since) if since <= newest && watcher.bridge.after(since).0 == 0 => {
                watcher.read = since;
                watcher.collect(u64::MAX);
            }
            // Some of it is gone, or it is a number of another process.
            Some(_) => watcher.say(json!({"type": "resync"})),
            None => {}
        }
        watcher
    }

    fn say(&mut self, mut frame: Value) {
        frame["timestamp"] = json!(seconds(self.clock.now()));
        frame["epoch"] = json!(self.bridge.epoch());
        self.outbox.push_back(frame.to_string().into());
    }

    /// Tells of the link when that is news.
    fn tell_the_link(&mut self) {
        let connected = self.mark.borrow_and_update().connected;
        if self.told != Some(connected) {
            self.told = Some(connected);
            let status = if connected { "connected" } else { "disconnected" };
            self.say(json!({"type": "bridge_status", "status": status}));
        }
    }

    /// Takes over what is new; of more than `most` the oldest are left out and counted.
    fn collect(&mut self, most: u64) {
        let (lost_unseen, new) = self.bridge.after(self.read);
        if let Some(newest) = new.last() {
            self.read = newest.seq;
        }
        let mut wanted: VecDeque<Arc<str>> = new
            .into_iter()
            .filter(|one| one.event.as_ref().is_none_or(|event| self.filter.wants(event)))
            .map(|one| one.text)
            .collect();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let left_out = wanted.len().saturating_sub(most);
        wanted.drain(..left_out);
        let dropped = lost_unseen + left_out as u64;
        if dropped > 0 {
            self.say(json!({"type": "events_dropped", "count": dropped}));
        }
        self.outbox.extend(wanted);
    }
}

#[async_trait]
impl Feed for Watcher {
    async fn next(&mut self) -> Arc<str> {
        loop {
            if let Some(text) = self.outbox.pop_front() {
                return text;
            }
            let now = self.clock.monotonic();
            self.tell_the_link();
            if now >= self.next_beat {
                self.next_beat = now + BEAT;
                self.say(json!({"type": "heartbeat"}));
            }
            let has_news = self.mark.borrow().newest > self.read;
            if has_news && now >= self.next_burst {
                self.next_burst = now + BURST;
                self.collect(BEHIND);
            }
            if !self.outbox.is_empty() {
                continue;
            }
            let until = if has_news { self.next_burst.min(self.next_beat) } else { self.next_beat };
            let clock = self.clock.clone();
            tokio::select! {
                changed = self.mark.changed(), if !has_news => {
                    if changed.is_err() {
                        // The bridge lives as long as this; it cannot be gone before.
                        std::future::pending::<()>().await;
                    }
                }
                () = clock.sleep(until.saturating_sub(now)) => {}
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit a double")]
fn seconds(at: Timestamp) -> f64 {
    at.timestamp_micros() as f64 / 1_000_000.0
}
