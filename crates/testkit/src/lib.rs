//! What tests share: fresh databases of both engines.
//!
//! A dependency of tests only. It holds no SQL and no mock of anything that is tested.

mod databases;

pub use databases::{Engine, TestDatabase, test_databases};
