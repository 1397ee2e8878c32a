//! From the parts of a request to typed values. No handler ever judges the form of what was sent.

pub mod caller;
pub mod json;
pub mod path;
pub mod query;
pub mod raw;

pub use caller::By;
pub use json::{Json, JsonOrEmpty};
pub use path::{EffectPath, OrderPath, RunPath, SpanPath, ThreadPath, TicketPath, TracePath};
pub use query::Query;
