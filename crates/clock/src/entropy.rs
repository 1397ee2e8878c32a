//! Random bytes and the ids made of them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::{CheckpointId, InterruptId, RunId};
use domain::time::Timestamp;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};

/// A source of random bytes.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // A machine without a working generator cannot make an id that is unique; going on would break every key.
        #[expect(clippy::expect_used, reason = "no safe way to go on without a random source")]
        SysRng.try_fill_bytes(bytes).expect("the operating system's random source failed");
    }
}

/// A generator that gives the same bytes for the same seed.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    /// A generator that starts from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}

/// Makes the ids of rows that are named at random.
#[derive(Debug, Clone)]
pub struct Ids(Arc<dyn Entropy>);

impl Ids {
    /// Ids from `entropy`.
    #[must_use]
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self(entropy)
    }

    /// Ids from the operating system's generator.
    #[must_use]
    pub fn random() -> Self {
        Self(Arc::new(OsEntropy))
    }

    /// `2 * bytes` lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(&self, bytes: usize) -> String {
        let mut buffer = vec![0_u8; bytes];
        self.0.fill(&mut buffer);
        buffer.iter().fold(String::with_capacity(bytes * 2), |mut text, byte| {
            use fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// A new run id.
    #[must_use]
    pub fn run(&self) -> RunId {
        RunId::from_hex(&self.hex(8))
    }

    /// A new checkpoint id.
    #[must_use]
    pub fn checkpoint(&self) -> CheckpointId {
        CheckpointId::from_hex(&self.hex(6))
    }

    /// A new interrupt id.
    #[must_use]
    pub fn interrupt(&self) -> InterruptId {
        InterruptId::from_hex(&self.hex(6))
    }

    /// A random version 4 UUID, RFC 9562 section 5.4.
    #[must_use]
    pub fn uuid(&self) -> String {
        let mut bytes = [0_u8; 16];
        self.0.fill(&mut bytes);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        uuid_text(bytes)
    }

    /// A version 7 UUID, RFC 9562 section 5.7: sorts by its millisecond, and within one by `count` (12 bits of it).
    #[must_use]
    pub fn ordered_uuid(&self, at: Timestamp, count: u16) -> String {
        let mut bytes = [0_u8; 16];
        self.0.fill(&mut bytes[8..]);
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bytes[6..8].copy_from_slice(&(0x7000 | (count & 0x0fff)).to_be_bytes());
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        uuid_text(bytes)
    }
}

fn uuid_text(bytes: [u8; 16]) -> String {
    use fmt::Write;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_uuids_sort_by_time_and_then_by_count() {
        let ids = Ids::new(Arc::new(SeededEntropy::new(1)));
        let at = |ms| Timestamp::from_timestamp_millis(ms).unwrap();
        let made: Vec<_> = [(5, 0), (5, 1), (5, 4095), (6, 0), (1_700_000_000_000, 0)]
            .into_iter()
            .map(|(ms, count)| ids.ordered_uuid(at(ms), count))
            .collect();
        assert!(made.is_sorted(), "{made:?}");
        assert!(made.iter().all(|id| id.len() == 36 && id.as_bytes()[14] == b'7'));
    }
}
