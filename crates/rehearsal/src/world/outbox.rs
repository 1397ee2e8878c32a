//! Webhooks that wait to be delivered, and when they are tried again.

use chrono::TimeDelta;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::State;

/// Who sends a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The shop.
    Shopify,
    /// The payments.
    Stripe,
    /// The printer.
    Printful,
}

impl Provider {
    /// Its name in paths and faults.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::Stripe => "stripe",
            Self::Printful => "printful",
        }
    }

    /// Seconds of world time until the next attempt after `attempts` failed ones; none when the provider gives up.
    fn retry_after(self, attempts: u32) -> Option<i64> {
        match self {
            // Eight repetitions within four hours.
            Self::Shopify => [10, 30, 120, 300, 900, 1_800, 3_600, 7_200].get(attempts as usize - 1).copied(),
            // Growing to eight hours, for three days.
            Self::Stripe => (attempts <= 16).then(|| (30 * 3_i64.pow(attempts.min(7) - 1)).min(28_800)),
            // 1, 4, 16, 64, 256 and 1024 minutes.
            Self::Printful => (attempts <= 6).then(|| 60 * 4_i64.pow(attempts - 1)),
        }
    }
}

/// One webhook. It keeps its ids through every attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Who sends it.
    pub provider: Provider,
    /// Topic or type.
    pub topic: String,
    /// Id of this message (Shopify's webhook id, Stripe's event id).
    pub webhook_id: String,
    /// Id of what happened; several topics may share it.
    pub event_id: String,
    /// Body as it is sent, apart from a counter of repetitions.
    pub body: Value,
    /// When it happened.
    pub triggered_at: Timestamp,
    /// About a test order.
    pub test: bool,
    /// Attempts so far.
    pub attempts: u32,
    /// Earliest next attempt.
    pub next_at: Timestamp,
}

impl State {
    /// Queues a webhook; it is delivered after the commit that holds it.
    pub(crate) fn announce(
        &mut self,
        at: Timestamp,
        provider: Provider,
        topic: &str,
        event_id: String,
        body: Value,
        test: bool,
    ) {
        let webhook_id = if provider == Provider::Stripe { event_id.clone() } else { self.meta_mut().rng.uuid() };
        let sequence = self.next_sequence();
        self.meta_mut().webhooks_sent += 1;
        self.outgoing.put(
            format!("{sequence:012}"),
            Outgoing {
                provider,
                topic: topic.to_owned(),
                webhook_id,
                event_id,
                body,
                triggered_at: at,
                test,
                attempts: 0,
                next_at: at,
            },
        );
    }

    /// The webhooks whose next attempt is due, oldest first.
    #[must_use]
    pub fn ready(&self, now: Timestamp) -> Vec<(String, Outgoing)> {
        self.outgoing
            .iter()
            .filter(|(_, outgoing)| outgoing.next_at <= now)
            .map(|(id, outgoing)| (id.to_owned(), outgoing.clone()))
            .collect()
    }

    /// Notes an attempt: acknowledged ones are done, others come again later, or never once the provider gives up.
    pub fn attempted(&mut self, id: &str, acknowledged: bool, now: Timestamp) {
        if acknowledged {
            if self.outgoing.remove(id).is_some() {
                self.meta_mut().webhooks_acknowledged += 1;
            }
            return;
        }
        let Some(outgoing) = self.outgoing.get_mut(id) else { return };
        outgoing.attempts += 1;
        match outgoing.provider.retry_after(outgoing.attempts) {
            Some(seconds) => outgoing.next_at = now + TimeDelta::seconds(seconds),
            None => {
                self.outgoing.remove(id);
            }
        }
    }

    /// Makes every waiting webhook due: the receiver has (re)appeared.
    pub fn deliver_now(&mut self, now: Timestamp) {
        let waiting: Vec<String> =
            self.outgoing.iter().filter(|(_, row)| row.next_at > now).map(|(id, _)| id.to_owned()).collect();
        for id in waiting {
            if let Some(outgoing) = self.outgoing.get_mut(&id) {
                outgoing.next_at = now;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Provider;

    #[test]
    fn delays_grow_and_end() {
        for provider in [Provider::Shopify, Provider::Stripe, Provider::Printful] {
            let delays: Vec<i64> = (1..).map_while(|attempts| provider.retry_after(attempts)).collect();
            assert!(delays.is_sorted(), "{provider:?} {delays:?}");
            assert!(delays.len() >= 6);
        }
        assert_eq!(Provider::Printful.retry_after(6), Some(1024 * 60));
    }
}
