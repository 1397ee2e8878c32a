//! The hub of live events: one publisher side, any number of subscribers, none of whom can slow the publisher down.
//!
//! A subscriber that does not read loses its oldest events and is told how many. Events are hints: whoever misses some
//! reads the rows again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use domain::guardrails::Redactor;
use domain::live::LiveEvent;
use tokio::sync::Notify;

/// Most events that wait for one subscriber.
pub const QUEUE: usize = 500;

/// What a subscriber is given.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// An event, already redacted.
    Event(Arc<LiveEvent>),
    /// This many events were dropped because they were not read in time.
    Dropped(u64),
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<Arc<LiveEvent>>,
    dropped: u64,
}

/// Publishes to all subscribers of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hub {
    redactor: Arc<Redactor>,
    queues: Arc<Mutex<Vec<Weak<Queue>>>>,
}

impl Hub {
    /// A hub whose events pass `redactor` once, before anybody sees them.
    #[must_use]
    pub fn new(redactor: Arc<Redactor>) -> Self {
        Self { redactor, queues: Arc::default() }
    }

    /// Tells every subscriber. Never waits; without subscribers it costs a lock and nothing else.
    pub fn publish(&self, event: LiveEvent) {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|queue| queue.strong_count() > 0);
        if queues.is_empty() {
            return;
        }
        let subscribers: Vec<_> = queues.iter().filter_map(Weak::upgrade).collect();
        drop(queues);
        let event = Arc::new(event.cleaned(&self.redactor));
        for queue in subscribers {
            let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.events.len() >= QUEUE {
                waiting.events.pop_front();
                waiting.dropped += 1;
            }
            waiting.events.push_back(event.clone());
            drop(waiting);
            queue.news.notify_one();
        }
    }

    /// Whether anybody listens; what is costly to describe need not be described to nobody.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|queue| queue.strong_count() > 0)
    }

    /// Events from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        let queue = Arc::new(Queue::default());
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&queue));
        Subscription { queue }
    }
}

/// One subscriber's end. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    queue: Arc<Queue>,
}

impl Subscription {
    /// The next frame; the count of dropped events comes before the events that follow the gap. Safe to cancel.
    pub async fn next(&mut self) -> Frame {
        loop {
            {
                let mut waiting = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                if waiting.dropped > 0 {
                    return Frame::Dropped(std::mem::take(&mut waiting.dropped));
                }
                if let Some(event) = waiting.events.pop_front() {
                    return Frame::Event(event);
                }
            }
            self.queue.news.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    fn hub() -> Hub {
        Hub::new(Arc::new(Redactor::new(Vec::new())))
    }

    fn event(number: usize) -> LiveEvent {
        LiveEvent::new("log", DateTime::UNIX_EPOCH, None, json!({ "n": number }))
    }

    fn number(frame: &Frame) -> Option<u64> {
        match frame {
            Frame::Event(event) => event.fields["n"].as_u64(),
            Frame::Dropped(_) => None,
        }
    }

    #[tokio::test]
    async fn each_subscriber_sees_what_was_published_after_it_came() {
        let hub = hub();
        hub.publish(event(0));
        let mut one = hub.subscribe();
        hub.publish(event(1));
        let mut two = hub.subscribe();
        hub.publish(event(2));
        assert_eq!(number(&one.next().await), Some(1));
        assert_eq!(number(&one.next().await), Some(2));
        assert_eq!(number(&two.next().await), Some(2));
    }

    #[tokio::test]
    async fn who_does_not_read_loses_the_oldest_and_is_told_how_many() {
        let hub = hub();
        let mut slow = hub.subscribe();
        for n in 0..QUEUE + 7 {
            hub.publish(event(n));
        }
        assert_eq!(slow.next().await, Frame::Dropped(7));
        assert_eq!(number(&slow.next().await), Some(7));
    }

    #[tokio::test]
    async fn a_dropped_subscription_is_forgotten() {
        let hub = hub();
        drop(hub.subscribe());
        assert!(!hub.is_watched());
    }
}
