//! Live events, as sockets and streams are fed with them.

use std::sync::Arc;

use domain::live::LiveEvent;
use serde_json::json;

/// What a subscriber is given.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveFrame {
    /// An event, already redacted.
    Event(Arc<LiveEvent>),
    /// So many events were dropped because they were not read in time.
    Dropped(u64),
}

impl LiveFrame {
    /// The text that goes out.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Event(event) => event.to_json().to_string(),
            Self::Dropped(count) => json!({"type": "events_dropped", "count": count}).to_string(),
        }
    }
}

/// One subscriber's end; dropping it ends the subscription.
#[async_trait::async_trait]
pub trait LiveFrames: Send {
    /// The next frame. Waits for ever when nothing happens; safe to cancel.
    async fn next(&mut self) -> LiveFrame;
}

/// Where the live events come from.
pub trait LiveFeed: Send + Sync {
    /// Events from now on.
    fn subscribe(&self) -> Box<dyn LiveFrames>;
}
