//! How often somebody may try to sign in: per address and per account, in a sliding window of failures.
//!
//! An attempt counts from the moment it begins and is given back when it succeeds, so that attempts sent at once do not
//! all slip through before the first has failed.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::login::MAX_EMAIL_BYTES;
use crate::layers::rate::network;

/// Failures per address and minute.
const PER_ADDRESS: Limit = Limit { most: 5, window: Duration::from_secs(60) };
/// Failures per account and hour.
const PER_ACCOUNT: Limit = Limit { most: 20, window: Duration::from_secs(3600) };
/// Keys remembered. A flood of made-up names makes room by forgetting the one that failed least and longest ago; nobody is
/// refused for what others did.
const MAX_KEYS: usize = 20_000;
/// Keys looked at to find one to forget; looking at all of them would be work that a flood can ask for.
const SAMPLE: usize = 16;

#[derive(Debug, Clone, Copy)]
struct Limit {
    most: usize,
    window: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    Account(String),
}

impl Key {
    fn limit(&self) -> Limit {
        match self {
            Self::Address(_) => PER_ADDRESS,
            Self::Account(_) => PER_ACCOUNT,
        }
    }
}

/// Counts the attempts of this process.
#[derive(Debug, Default)]
pub struct Lockout {
    failures: Mutex<HashMap<Key, VecDeque<Duration>>>,
}

impl Lockout {
    /// Begins an attempt at `now` (monotonic).
    ///
    /// # Errors
    /// The seconds to wait when there were too many.
    pub fn begin(&self, address: IpAddr, account: &str, now: Duration) -> Result<(), u64> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = keys(address, account);
        for key in &keys {
            let limit = key.limit();
            let Some(times) = failures.get_mut(key) else { continue };
            while times.front().is_some_and(|first| now.saturating_sub(*first) >= limit.window) {
                times.pop_front();
            }
            if times.len() >= limit.most
                && let Some(first) = times.front()
            {
                let left = limit.window.saturating_sub(now.saturating_sub(*first));
                return Err(left.as_secs() + u64::from(left.subsec_nanos() > 0));
            }
        }
        for key in keys {
            if failures.len() >= MAX_KEYS && !failures.contains_key(&key) {
                forget_one(&mut failures);
            }
            failures.entry(key).or_default().push_back(now);
        }
        Ok(())
    }

    /// Gives back an attempt that began at `began` and succeeded.
    pub fn succeeded(&self, address: IpAddr, account: &str, began: Duration) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys(address, account) {
            if let Some(times) = failures.get_mut(&key)
                && let Some(place) = times.iter().rposition(|time| *time == began)
            {
                times.remove(place);
            }
        }
    }
}

/// Forgets, of a few keys, the one with the fewest failures, and of these the oldest.
fn forget_one(failures: &mut HashMap<Key, VecDeque<Duration>>) {
    let least = failures.iter().take(SAMPLE).min_by_key(|(_, times)| (times.len(), times.back().copied()));
    if let Some(key) = least.map(|(key, _)| key.clone()) {
        failures.remove(&key);
    }
}

/// A name longer than an address can be is no account; all of them together are one key, so that no key is large.
fn keys(address: IpAddr, account: &str) -> [Key; 2] {
    let account = if account.len() <= MAX_EMAIL_BYTES { account } else { "" };
    [Key::Address(network(address)), Key::Account(account.to_owned())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_sixth_failure_of_an_address_within_a_minute_waits() {
        let lockout = Lockout::default();
        for n in 0..5 {
            assert_eq!(lockout.begin(ip(1), &format!("a{n}"), at(n)), Ok(()));
        }
        assert_eq!(lockout.begin(ip(1), "b", at(10)), Err(50));
        assert_eq!(lockout.begin(ip(2), "b", at(10)), Ok(()), "another address is counted apart");
        assert_eq!(lockout.begin(ip(1), "b", at(60)), Ok(()));
    }

    #[test]
    fn the_twenty_first_failure_of_an_account_within_an_hour_waits_wherever_it_comes_from() {
        let lockout = Lockout::default();
        for n in 0..20_u8 {
            assert_eq!(lockout.begin(ip(n), "owner", at(u64::from(n))), Ok(()));
        }
        assert_eq!(lockout.begin(ip(99), "owner", at(100)), Err(3500));
        assert_eq!(lockout.begin(ip(99), "other", at(100)), Ok(()));
    }

    #[test]
    fn a_name_that_is_too_long_is_not_kept() {
        let lockout = Lockout::default();
        let long = "a".repeat(1_000_000);
        assert_eq!(lockout.begin(ip(1), &long, at(0)), Ok(()));
        let failures = lockout.failures.lock().unwrap();
        assert!(failures.keys().all(|key| !matches!(key, Key::Account(name) if name.len() > MAX_EMAIL_BYTES)));
    }

    #[test]
    fn neighbours_in_one_network_of_ipv6_are_one_caller() {
        let lockout = Lockout::default();
        for n in 0..5_u16 {
            let neighbour = IpAddr::from([0x2001, 0xdb8, 0, 7, 0, 0, 0, n]);
            assert_eq!(lockout.begin(neighbour, &format!("a{n}"), at(0)), Ok(()));
        }
        assert!(lockout.begin(IpAddr::from([0x2001, 0xdb8, 0, 7, 9, 9, 9, 9]), "b", at(1)).is_err());
        assert!(lockout.begin(IpAddr::from([0x2001, 0xdb8, 0, 8, 0, 0, 0, 1]), "b", at(1)).is_ok());
    }

    #[test]
    fn a_flood_of_names_shuts_nobody_out_and_frees_nobody_who_failed_often() {
        let lockout = Lockout::default();
        for n in 0..20_u8 {
            assert_eq!(lockout.begin(ip(n), "owner", at(0)), Ok(()));
        }
        for n in 0..MAX_KEYS as u32 {
            let address = IpAddr::from((0x0a00_0000 + n).to_be_bytes());
            let _ = lockout.begin(address, &format!("made-up-{n}"), at(1));
        }
        assert!(lockout.failures.lock().unwrap().len() <= MAX_KEYS + 1);
        assert_eq!(lockout.begin(ip(200), "somebody", at(2)), Ok(()));
        assert!(lockout.begin(ip(201), "owner", at(2)).is_err(), "twenty failures are not forgotten for one of others");
    }

    #[test]
    fn success_is_not_held_against_anybody() {
        let lockout = Lockout::default();
        for n in 0..100 {
            assert_eq!(lockout.begin(ip(1), "owner", at(n)), Ok(()));
            lockout.succeeded(ip(1), "owner", at(n));
        }
    }
}
