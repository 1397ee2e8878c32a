//! What every request passes before its handler, from the outside in:
//! [`trace`] → [`cors`] → [`panic`] → [`path`], and for each route [`gate`] (rate limit, authentication, authorisation).

pub mod client;
pub mod cors;
pub mod gate;
pub mod offered;
pub mod panic;
pub mod path;
pub mod rate;
pub mod trace;
