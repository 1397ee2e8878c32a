//! The rate limit: 120 requests, one more every half second.

use domain::time::Timestamp;

const SIZE: u32 = 120;
const MICROS_PER_TOKEN: i64 = 500_000;

/// Tokens at a moment of world time. Not kept in the file: a limit does not outlive a restart.
#[derive(Debug)]
pub(super) struct Bucket {
    tokens: u32,
    since: Option<Timestamp>,
}

impl Bucket {
    /// A full one.
    pub(super) fn full() -> Self {
        Self { tokens: SIZE, since: None }
    }

    /// Takes a token and returns how many are left; none when it is empty.
    pub(super) fn take(&mut self, now: Timestamp) -> Option<u32> {
        let since = *self.since.get_or_insert(now);
        let gained = (now - since).num_microseconds().unwrap_or(0).max(0) / MICROS_PER_TOKEN;
        if gained > 0 {
            self.tokens = self.tokens.saturating_add(u32::try_from(gained).unwrap_or(SIZE)).min(SIZE);
            self.since = Some(since + chrono::TimeDelta::microseconds(gained * MICROS_PER_TOKEN));
        }
        self.tokens = self.tokens.checked_sub(1)?;
        Some(self.tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_bucket_gives_one_token_per_half_second() {
        let start = Timestamp::from_timestamp(1_780_000_000, 0).unwrap();
        let mut bucket = Bucket::full();
        assert!((0..120).all(|_| bucket.take(start).is_some()));
        assert_eq!(bucket.take(start), None);
        assert_eq!(bucket.take(start + chrono::TimeDelta::milliseconds(500)), Some(0));
        assert_eq!(bucket.take(start + chrono::TimeDelta::hours(1)), Some(119));
    }
}
