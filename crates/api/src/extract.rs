//! From the parts of a request to typed values. No handler ever judges the form of what was sent.

pub mod caller;
pub mod json;
pub mod path;
pub mod query;
pub mod raw;

pub use caller::By;
pub use json::{Json, JsonOrEmpty};
pub use path::{
    AgentPath, AgentVersionPath, EffectPath, JobPath, LetterPath, OrderPath, RunPath, SpanPath, ThreadPath, TicketPath,
    TracePath, WorkflowPath, WorkflowVersionPath,
};
pub use query::Query;
