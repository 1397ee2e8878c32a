//! Memory: the only crate that knows SQL.
//!
//! `engine` makes one text run on SQLite and on PostgreSQL and knows no table; beside it stands one file per family of
//! tables. `&Db` reads, `&mut Tx` writes; functions that read inside a transaction end in `_in`. `writer` commits the
//! steps of many runs together.
//!
//! SQL here is static text. Nothing builds a statement from strings, and no transaction waits for a model or for HTTP:
//! this crate must never know of either. Time is always a parameter, never the database's clock.

mod bulk;
mod engine;
mod error;
mod outcome;

pub mod audit;
pub mod checkpoints;
pub mod console_users;
pub mod costs;
pub mod dead_letters;
pub mod effects;
pub mod events;
pub mod figures;
pub mod gate;
pub mod guardrail_checks;
pub mod idempotency;
pub mod leaders;
pub mod llm_fallbacks;
pub mod llm_ledger;
pub mod log_lines;
pub mod orders;
pub mod outbox;
pub mod parks;
pub mod registries;
pub mod revoked_tokens;
pub mod runs;
pub mod scheduler;
pub mod spans;
pub mod switches;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tickets;
pub mod versions;
pub mod webhooks;
pub mod world_file;
pub mod writer;

pub use engine::{Db, Engine, Migrated, SCHEMA_VERSION, Stmt, Target, Tx};
pub use error::{Result, StoreError};
pub use outcome::Outcome;

/// Every statement of the crate with its name, so that a test can prepare each on both engines.
#[must_use]
pub fn statements() -> Vec<(&'static str, &'static Stmt)> {
    let families: &[&[(&'static str, &'static Stmt)]] = &[
        audit::STATEMENTS,
        checkpoints::STATEMENTS,
        console_users::STATEMENTS,
        dead_letters::STATEMENTS,
        costs::STATEMENTS,
        engine::STATEMENTS,
        events::STATEMENTS,
        figures::STATEMENTS,
        gate::STATEMENTS,
        guardrail_checks::STATEMENTS,
        idempotency::STATEMENTS,
        leaders::STATEMENTS,
        llm_fallbacks::STATEMENTS,
        llm_ledger::STATEMENTS,
        log_lines::STATEMENTS,
        orders::STATEMENTS,
        outbox::STATEMENTS,
        parks::STATEMENTS,
        registries::STATEMENTS,
        revoked_tokens::STATEMENTS,
        scheduler::STATEMENTS,
        switches::STATEMENTS,
        versions::STATEMENTS,
        webhooks::STATEMENTS,
    ];
    let nested = effects::STATEMENTS.iter().chain(runs::STATEMENTS).chain(spans::STATEMENTS);
    let nested = nested.chain(tickets::STATEMENTS).chain(writer::STATEMENTS);
    families.iter().chain(nested).flat_map(|family| family.iter().copied()).collect()
}
