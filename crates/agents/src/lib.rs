//! The agents: what they are told, what they may call, and the loop in which a model proposes and code disposes.
//!
//! [`registry`] holds the agents and [`prompts`] what they are told; [`toolbox`] holds the tools; [`dispatch`] checks a
//! proposed call (allow-list, schema, guardrails) before it reaches a tool or the effect gateway; [`node`] is the agent
//! node: model rounds, tool rounds, the parsed answer.
//!
//! Nothing here sends a mutating call: that is the Tower's effect gateway alone. A prompt is never a control; every
//! limit stated to a model is enforced in code too.

pub mod books;
pub mod dispatch;
pub mod node;
pub mod prompts;
pub mod registry;
pub mod runner;
pub mod toolbox;

pub use runner::AgentRunner;
pub use toolbox::Toolbox;
