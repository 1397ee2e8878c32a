//! The OpenAPI 3.1 document of the server, made from the table of routes.
//!
//! The document is also a file in the tree (`openapi/agents.json`); a test fails when the two differ, so a change of the
//! surface is always visible in a change of that file.

mod components;
mod console;
mod document;
mod operation;
pub mod schema;

pub use console::console_document;
pub use document::agents_document;
pub use operation::{Answer, BodyDoc, Operation, Param};
