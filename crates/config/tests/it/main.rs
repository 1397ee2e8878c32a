//! One binary for the tests of the settings.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod files;
mod loading;
mod never_leaks;
