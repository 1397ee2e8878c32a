//! Random bytes and the ids made of them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::{CheckpointId, InterruptId, RunId};
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
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}
