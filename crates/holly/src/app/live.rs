//! The live events of the Tower, as the API's sockets read them.

use api::ports::{LiveFeed, LiveFrame, LiveFrames};
use tower::live::{Frame, Hub, Subscription};

/// The hub of this process.
#[derive(Debug)]
pub(super) struct HubFeed(pub(super) Hub);

impl LiveFeed for HubFeed {
    fn subscribe(&self) -> Box<dyn LiveFrames> {
        Box::new(HubFrames(self.0.subscribe()))
    }
}

struct HubFrames(Subscription);

#[async_trait::async_trait]
impl LiveFrames for HubFrames {
    async fn next(&mut self) -> LiveFrame {
        match self.0.next().await {
            Frame::Event(event) => LiveFrame::Event(event),
            Frame::Dropped(count) => LiveFrame::Dropped(count),
        }
    }
}
