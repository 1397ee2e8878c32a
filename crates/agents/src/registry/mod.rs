//! The agents: their definitions, and the ones that the product brings along.

mod defaults;

pub use defaults::{AgentDefinition, default_agents};
