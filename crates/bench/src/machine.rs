//! What the figures were measured on.

use std::fs;

use serde::Serialize;

/// The machine, and how busy it was before we began.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    cores: usize,
    memory_mib: u64,
    kernel: String,
    load_before: String,
}

impl Machine {
    /// Reads what the kernel tells; what it does not tell stays empty.
    pub(crate) fn look() -> Self {
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let kib = memory
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        let first_line = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        Self {
            cores: std::thread::available_parallelism().map_or(0, Into::into),
            memory_mib: kib.unwrap_or_default() / 1024,
            kernel: first_line("/proc/sys/kernel/osrelease"),
            load_before: first_line("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" "),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} cores, {} MiB memory, kernel {}, load before {}",
            self.cores, self.memory_mib, self.kernel, self.load_before
        )
    }
}
