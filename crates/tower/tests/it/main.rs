//! The Tower as a whole, over a real database, with a scripted world around it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

// Elsewhere the package is imported under its folder's name; here too.
extern crate holly_tower as tower;

mod approval;
mod branches;
mod ending;
mod live;
mod order_poll;
mod plan;
mod recovery;
mod scheduler;
mod simulation;
mod trace;
