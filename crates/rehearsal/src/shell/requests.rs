//! The log of every request that reached the world: what a caller did, whatever it says it did.
//!
//! It is kept in memory and bounded. It tells of the wire and holds no books; after a start it is empty.

use std::collections::VecDeque;

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fault::FaultKind;

/// Requests that are remembered; older ones are forgotten.
const REMEMBERED: usize = 5_000;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Counts from 1, over all upstreams, in the order of arrival.
    pub number: u64,
    /// Who was asked.
    pub upstream: String,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Name of the GraphQL operation, when there is one and it was read.
    pub operation: Option<String>,
    /// World time of the arrival.
    pub at: Timestamp,
    /// Real time of the arrival: the clock by which a caller waits.
    pub real_at: Timestamp,
    /// Status of the answer; none while it is made, and when none was sent.
    pub status: Option<u16>,
    /// Refused because the caller asks too often, whatever the status.
    pub throttled: bool,
    /// The planted fault that hit it.
    pub fault: Option<FaultKind>,
}

/// From where on a reader wants the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    /// After this number.
    Number(u64),
    /// From this moment of world time on.
    Moment(Timestamp),
}

impl std::str::FromStr for Since {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = || text.parse().map(Self::Number).ok();
        let moment = || chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| Self::Moment(at.to_utc()));
        number().or_else(moment).ok_or(())
    }
}

/// What is known of an answer when it leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) operation: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) throttled: bool,
    pub(crate) fault: Option<FaultKind>,
}

/// The log.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    seen: VecDeque<Seen>,
    last: u64,
}

impl RequestLog {
    /// Notes an arrival; returns its number.
    pub(crate) fn arrived(
        &mut self,
        upstream: &str,
        method: &str,
        path: &str,
        at: Timestamp,
        real_at: Timestamp,
    ) -> u64 {
        self.last += 1;
        if self.seen.len() == REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(Seen {
            number: self.last,
            upstream: upstream.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            operation: None,
            at,
            real_at,
            status: None,
            throttled: false,
            fault: None,
        });
        self.last
    }

    /// Notes how the request with this number ended, unless it is forgotten.
    pub(crate) fn ended(&mut self, number: u64, outcome: Outcome) {
        let Some(first) = self.seen.front().map(|seen| seen.number) else { return };
        let place = number.checked_sub(first).and_then(|place| usize::try_from(place).ok());
        if let Some(seen) = place.and_then(|place| self.seen.get_mut(place)) {
            seen.operation = outcome.operation;
            seen.status = outcome.status;
            seen.throttled = outcome.throttled;
            seen.fault = outcome.fault;
        }
    }

    /// Those of `upstream` (all when none) from `since` on, oldest first.
    pub(crate) fn list(&self, upstream: Option<&str>, since: Option<Since>) -> Vec<&Seen> {
        let wanted = |seen: &&Seen| {
            upstream.is_none_or(|name| seen.upstream == name)
                && match since {
                    None => true,
                    Some(Since::Number(number)) => seen.number > number,
                    Some(Since::Moment(at)) => seen.at >= at,
                }
        };
        self.seen.iter().filter(wanted).collect()
    }

    /// The number of the newest request, 0 when there was none.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// How many are forgotten.
    pub(crate) fn forgotten(&self) -> u64 {
        self.seen.front().map_or(0, |seen| seen.number - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn the_oldest_are_forgotten_and_counted() {
        let mut log = RequestLog::default();
        for second in 0..6_000 {
            log.arrived("stripe", "GET", "/v1/charges", at(second), at(second));
        }
        log.ended(1, Outcome { status: Some(200), ..Outcome::default() });
        log.ended(6_000, Outcome { status: Some(429), throttled: true, ..Outcome::default() });
        assert_eq!((log.last(), log.forgotten(), log.list(None, None).len()), (6_000, 1_000, 5_000));
        let newest = log.list(None, Some(Since::Number(5_999)));
        assert_eq!((newest.len(), newest[0].status, newest[0].throttled), (1, Some(429), true));
        assert_eq!(log.list(None, Some(Since::Moment(at(5_990)))).len(), 10);
        assert!(log.list(Some("shopify"), None).is_empty());
    }

    #[test]
    fn a_reader_names_a_number_or_a_moment() {
        assert_eq!("17".parse(), Ok(Since::Number(17)));
        assert_eq!("2026-05-28T20:26:40Z".parse(), Ok(Since::Moment(at(0))));
        assert_eq!("yesterday".parse::<Since>(), Err(()));
    }
}
