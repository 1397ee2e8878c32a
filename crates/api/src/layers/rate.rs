//! How often one caller may ask: a sliding minute, exact to a second.
//!
//! A token bucket would allow nearly twice the limit within a minute (its burst, and what drips in meanwhile). Here the
//! last 60 seconds are counted in 60 cells, so the limit holds in every window and `Retry-After` is the second in which
//! the oldest counted request leaves the window.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::route::RateClass;
use crate::settings::Rates;

const WINDOW: usize = 60;
const SHARDS: usize = 16;
/// Callers remembered per shard. Beyond it all new callers share one count: a flood of addresses cannot fill the memory.
const MAX_CALLERS: usize = 4_096;

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Caller {
    ip: IpAddr,
    subject: Option<String>,
}

impl Caller {
    /// A caller by address and, with a good token, by its subject. Of an IPv6 address the network counts, because one
    /// customer of a provider usually has a whole /64.
    #[must_use]
    pub fn new(ip: IpAddr, subject: Option<&str>) -> Self {
        Self { ip: network(ip), subject: subject.map(str::to_owned) }
    }
}

/// The address under which somebody is counted: of IPv6 the /64.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

/// What the count of one request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Requests a minute.
    pub limit: u32,
    /// How many are left now.
    pub remaining: u32,
    /// Seconds until the first of the counted requests leaves the window.
    pub reset_s: u64,
    /// Whether this request may go on.
    pub allowed: bool,
}

impl Verdict {
    /// Writes the `RateLimit-*` headers.
    pub fn write(&self, headers: &mut HeaderMap) {
        const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
        const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
        const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(self.reset_s));
    }
}

/// Counts the requests of all callers of one process.
#[derive(Debug)]
pub struct RateLimiter {
    rates: Rates,
    shards: Vec<Mutex<Shard>>,
}

/// The windows of some of the callers; none stands for all that came when the shard was full.
#[derive(Debug, Default)]
struct Shard {
    windows: HashMap<(Option<Caller>, RateClass), Window>,
    pruned_at: u64,
}

impl Shard {
    fn window(&mut self, caller: Caller, class: RateClass, second: u64) -> &mut Window {
        let mut key = (Some(caller), class);
        if self.windows.len() >= MAX_CALLERS && !self.windows.contains_key(&key) {
            // Once a second: else a flood would make every request pay for a walk over all windows.
            if second > self.pruned_at {
                self.windows.retain(|_, window| window.is_live(second));
                self.pruned_at = second;
            }
            if self.windows.len() >= MAX_CALLERS {
                key.0 = None;
            }
        }
        self.windows.entry(key).or_default()
    }
}

impl RateLimiter {
    /// A limiter with these limits.
    #[must_use]
    pub fn new(rates: Rates) -> Self {
        Self { rates, shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    /// Counts a request at `now` (monotonic). None when the class has no limit.
    pub fn count(&self, caller: Caller, class: RateClass, now: Duration) -> Option<Verdict> {
        let limit = match class {
            RateClass::Exempt => 0,
            RateClass::Read => self.rates.reads,
            RateClass::Write => self.rates.writes,
            RateClass::Costly => self.rates.costly,
        };
        if limit == 0 {
            return None;
        }
        let second = now.as_secs();
        let mut shard = self.shards[shard_of(&caller)].lock().unwrap_or_else(PoisonError::into_inner);
        Some(shard.window(caller, class, second).count(second, limit))
    }
}

fn shard_of(caller: &Caller) -> usize {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    caller.hash(&mut hasher);
    usize::try_from(hasher.finish() % SHARDS as u64).unwrap_or(0)
}

/// Allowed requests of the last 60 seconds, a cell for each second.
#[derive(Debug)]
struct Window {
    newest: u64,
    total: u32,
    cells: [u32; WINDOW],
}

impl Default for Window {
    fn default() -> Self {
        Self { newest: 0, total: 0, cells: [0; WINDOW] }
    }
}

impl Window {
    fn is_live(&self, second: u64) -> bool {
        second.saturating_sub(self.newest) < WINDOW as u64
    }

    fn count(&mut self, second: u64, limit: u32) -> Verdict {
        let second = second.max(self.newest);
        for passed in 0..(second - self.newest).min(WINDOW as u64) {
            let cell = index(second - passed);
            self.total -= self.cells[cell];
            self.cells[cell] = 0;
        }
        self.newest = second;
        let allowed = self.total < limit;
        if allowed {
            self.cells[index(second)] += 1;
            self.total += 1;
        }
        Verdict {
            limit,
            remaining: limit.saturating_sub(self.total),
            reset_s: self.seconds_to_first_leaving(second),
            allowed,
        }
    }

    fn seconds_to_first_leaving(&self, second: u64) -> u64 {
        (1..=WINDOW as u64).find(|ahead| self.cells[index(second + ahead)] > 0).unwrap_or(WINDOW as u64)
    }
}

fn index(second: u64) -> usize {
    usize::try_from(second % WINDOW as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn caller(last: u8) -> Caller {
        Caller::new(IpAddr::from([192, 0, 2, last]), None)
    }

    fn at(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    #[test]
    fn the_sixty_first_costly_request_of_a_minute_is_refused_and_told_when_to_come_back() {
        let limiter = RateLimiter::new(Rates::default());
        for number in 0..60 {
            assert!(limiter.count(caller(1), RateClass::Costly, at(5 + number / 10)).unwrap().allowed);
        }
        let refused = limiter.count(caller(1), RateClass::Costly, at(20)).unwrap();
        assert_eq!(refused, Verdict { limit: 60, remaining: 0, reset_s: 45, allowed: false });
        assert!(limiter.count(caller(1), RateClass::Read, at(20)).unwrap().allowed, "classes are counted apart");
        assert!(limiter.count(caller(2), RateClass::Costly, at(20)).unwrap().allowed, "callers are counted apart");
        assert!(limiter.count(caller(1), RateClass::Costly, at(65)).unwrap().allowed);
    }

    #[test]
    fn zero_means_no_limit() {
        let limiter = RateLimiter::new(Rates { costly: 0, ..Rates::default() });
        assert_eq!(limiter.count(caller(1), RateClass::Costly, at(0)), None);
        assert_eq!(limiter.count(caller(1), RateClass::Exempt, at(0)), None);
    }

    #[test]
    fn a_flood_of_addresses_is_counted_together_and_fills_no_memory() {
        let limiter = RateLimiter::new(Rates::default());
        for number in 0..200_000_u32 {
            let ip = IpAddr::from(number.to_be_bytes());
            let _ = limiter.count(Caller::new(ip, None), RateClass::Read, at(1));
        }
        let held: usize = limiter.shards.iter().map(|shard| shard.lock().unwrap().windows.len()).sum();
        assert!(held <= SHARDS * (MAX_CALLERS + 1), "{held}");
    }

    proptest! {
        #[test]
        fn no_window_of_a_minute_ever_holds_more_than_the_limit(steps in proptest::collection::vec(0_u64..20, 1..300), limit in 1_u32..8) {
            let limiter = RateLimiter::new(Rates { reads: limit, ..Rates::default() });
            let mut now = 0;
            let mut allowed: Vec<u64> = Vec::new();
            for step in steps {
                now += step;
                if limiter.count(caller(1), RateClass::Read, at(now)).unwrap().allowed {
                    allowed.push(now);
                }
                let within = allowed.iter().filter(|second| now - **second < 60).count();
                prop_assert!(within <= limit as usize);
            }
        }
    }
}
