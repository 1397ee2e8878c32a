//! How much the console does at once: so many requests at work, so many waiting, and whoever comes then is told to come
//! back.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Requests at work.
pub const AT_WORK: usize = 64;
/// Requests waiting.
pub const WAITING: usize = 256;

/// The places of one process.
#[derive(Debug)]
pub struct Bench {
    places: Semaphore,
    inside: AtomicUsize,
}

impl Default for Bench {
    fn default() -> Self {
        Self { places: Semaphore::new(AT_WORK), inside: AtomicUsize::new(0) }
    }
}

impl Bench {
    /// A seat; none when all are taken, waiting ones included.
    pub fn enter(&self) -> Option<Seat<'_>> {
        let before = self.inside.fetch_add(1, Ordering::Relaxed);
        let seat = Seat(self);
        (before < AT_WORK + WAITING).then_some(seat)
    }
}

/// Room for one request; dropping it makes room.
#[derive(Debug)]
pub struct Seat<'b>(&'b Bench);

impl Seat<'_> {
    /// Waits until the work may begin. None only when the bench was closed, which nobody does.
    pub async fn work(&self) -> Option<SemaphorePermit<'_>> {
        self.0.places.acquire().await.ok()
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bench_takes_those_at_work_and_those_who_wait_and_nobody_else() {
        let bench = Bench::default();
        let mut seats: Vec<_> = (0..AT_WORK + WAITING).map(|_| bench.enter().unwrap()).collect();
        assert!(bench.enter().is_none());
        assert!(bench.enter().is_none(), "a refusal takes no seat");
        seats.pop();
        assert!(bench.enter().is_some());
    }
}
