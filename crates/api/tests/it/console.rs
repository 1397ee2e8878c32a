//! The console server over the same played engine as the agents server.

mod bulk;
mod played;
mod shared;
mod sign_in;
mod sockets;
mod table_walk;

pub(crate) use played::ConsoleApp;
