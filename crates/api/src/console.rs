//! The console server: the API behind the web UI, its sockets and its files.
//!
//! `/api/X` runs the handler of the agents route `/X` in this process, with the role and e-mail of the signed-in user
//! as identity; [`table`] says which routes those are. What differs from the agents server is at the door: a cookie
//! instead of a bearer token ([`session`], [`login`]), protection against other sites' pages ([`origin`]), a bound on the
//! work at hand ([`bench`]), and answers that keep a screen usable when the store is down ([`fallback`]).

pub mod app;
pub mod bench;
pub mod breakers;
pub mod bridge;
pub mod bulk;
pub mod document;
pub mod execute;
pub mod fallback;
pub mod files;
pub mod gate;
pub mod graph;
pub mod health;
pub mod live;
pub mod lockout;
pub mod login;
pub mod origin;
pub mod overview;
pub mod password;
pub mod ports;
pub mod session;
pub mod table;
mod watcher;

pub use app::{ConsoleParts, console_app};
pub use bridge::Bridge;
