//! The HTTP surface: authentication, limits, parsing, and one handler per route that calls one application function.
//!
//! A request passes, from the outside in: request id and rendering of errors, CORS, the catching of panics, a clean
//! path, then per route the rate limit, authentication, authorisation and the reading of the body ([`layers`],
//! [`extract`]). What a route is (method, path, who may, how often, how large, what it says in the OpenAPI document)
//! stands in one table, [`routes::agents`]; router, permission check, document and tests all read that table, so
//! nothing can be served that is not declared there.
//!
//! What the handlers need of the engine is the trait [`ports::ControlTower`]; the binary implements it. This crate must
//! never contain SQL, know a database or an upstream, or decide what the engine decides: it turns requests into typed
//! questions and answers into JSON.

pub mod agents;
pub mod app;
pub mod console;
pub mod error;
pub mod extract;
pub mod layers;
pub mod openapi;
pub mod ports;
pub mod route;
pub mod routes;
pub mod serve;
pub mod settings;
pub mod socket;
pub mod token;

pub use app::{Parts, agents_app};
pub use axum::Router;
pub use console::{ConsoleParts, console_app};
pub use openapi::{agents_document, console_document};
pub use serve::serve;
pub use settings::Settings;
