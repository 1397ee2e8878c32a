//! What tests share: fresh databases of both engines, and the Tower with a scripted world around it.
//!
//! A dependency of tests only. It holds no SQL and no mock of anything that is tested: what is scripted here (nodes,
//! tools, the upstream behind them) is what lies beyond the Tower.

mod databases;
mod invariants;
mod scripted_nodes;
mod scripted_tools;
mod tower_app;

pub use databases::{Engine, TestDatabase, test_databases};
pub use invariants::Invariants;
pub use scripted_nodes::ScriptedNodes;
pub use scripted_tools::{Reply, ScriptedTools, Upstream};
pub use tower_app::{Process, TowerWorld, any_params};
