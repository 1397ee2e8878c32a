//! The settings of the product: one typed table, and everything that is made of it.
//!
//! Each setting is declared once, in the file of its group under `groups/`: its name, type, parser, default, who must set
//! it and what it means. From that table come [`Config`] (what the process runs on), `.env.example`, the page
//! `docs/configuration.md` and the answer of `holly config --explain`; a test fails when one of the files has drifted.
//!
//! ```text
//! environment + .env -> layers -> groups (typed) -> cross checks -> generated secrets (rehearsal) -> Config
//! ```
//!
//! This crate reads the process environment, once, in [`EnvSource::process`], and nothing else in the workspace does. It
//! lists every problem at once. It never prints, logs or returns the value of a setting in an error, whether or not the
//! setting is a secret: a key pasted into the wrong line must not end up in a log. It never opens a connection and never
//! ends the process; the binary turns [`ConfigErrors`] into exit code 78.

#[macro_use]
mod setting;

mod config;
mod cross_checks;
mod dot_env;
mod env_source;
mod errors;
mod explain;
mod groups;
mod layers;
mod mode;
mod parse;
mod reader;
mod render;
mod secrets;
mod unknown;
mod upstream;

pub use config::{Config, Database, Loaded};
pub use env_source::EnvSource;
pub use errors::{ConfigErrors, Problem, Warning};
pub use explain::{Explanation, Row, explain};
pub use groups::{
    Auth, Autonomy, Aws, Console, GitHub, Groups, Inbox, Memory, Models, Notifications, Payments, Print, Process,
    Rehearsal, Server, Shop, Social, Solana, Storage, Telemetry, Tools, Work,
};
pub use ipnet::IpNet;
pub use layers::Source;
pub use mode::{AutoApprove, Effects, EmbeddingProvider, LogFormat, Mode, SmsCarrier};
pub use render::{configuration_page, env_example};
pub use secrets::{Secrets, new_password};
pub use setting::{Default, Group, Requirement, Setting, groups};
pub use upstream::{Upstream, Wiring};
