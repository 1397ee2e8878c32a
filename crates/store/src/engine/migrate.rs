//! Numbered, checksummed migrations, rendered from one text for both engines.

use std::sync::Arc;

use domain::canonical::sha256_hex;
use domain::time::Timestamp;

use super::{Db, Engine, Stmt, Tx, args};
use crate::error::{Result, StoreError};

/// One migration: number, name, text with placeholders for types.
struct Migration {
    version: i64,
    name: &'static str,
    text: &'static str,
}

const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "engine", text: include_str!("../../migrations/0001_engine.sql") }];

// Held until the transaction ends; the number only has to be the same in every process.
static LOCK: Stmt =
    Stmt::per_engine("SELECT pg_advisory_xact_lock(4839201755)::text AS locked", "SELECT '1' AS locked");

// Not in the list of statements: they are prepared before the table exists.
static APPLIED: Stmt = Stmt::both("SELECT version, checksum FROM schema_migrations ORDER BY version");
static RECORD: Stmt =
    Stmt::both("INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)");
const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (version {bigint} NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at {ts} NOT NULL)";

/// What a run of the migrations did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Numbers applied now.
    pub applied: Vec<i64>,
    /// The newest number.
    pub version: i64,
}

/// Number of the newest migration of this program.
pub const SCHEMA_VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// The newest migration that was applied; 0 when there is none yet.
pub(super) async fn applied(db: &Db) -> Result<i64> {
    match db.fetch_all(&APPLIED, args![]).await {
        Ok(rows) => rows.last().map_or(Ok(0), |row| row.int("version")),
        // No table yet.
        Err(StoreError::Query(_)) => Ok(0),
        Err(error) => Err(error),
    }
}

pub(super) async fn run(db: &Db, now: Timestamp) -> Result<Migrated> {
    let mut tx = db.begin().await?;
    tx.fetch_all(&LOCK, args![]).await?;
    let engine = tx.engine();
    tx.script(render(TABLE, engine)).await?;
    let mut done = Vec::new();
    for row in tx.fetch_all(&APPLIED, args![]).await? {
        done.push((row.int("version")?, row.text("checksum")?));
    }
    let mut applied = Vec::new();
    for migration in MIGRATIONS {
        let checksum = sha256_hex(migration.text.as_bytes());
        match done.iter().find(|(version, _)| *version == migration.version) {
            Some((_, recorded)) if *recorded == checksum => {}
            Some(_) => return Err(refused(migration, "it was applied with another text", None)),
            None => {
                apply(&mut tx, migration, engine).await?;
                tx.execute(&RECORD, args![migration.version, migration.name, checksum, now]).await?;
                applied.push(migration.version);
            }
        }
    }
    tx.commit().await?;
    Ok(Migrated { applied, version: MIGRATIONS.last().map_or(0, |migration| migration.version) })
}

async fn apply(tx: &mut Tx, migration: &Migration, engine: Engine) -> Result<()> {
    tx.script(render(migration.text, engine))
        .await
        .map_err(|error| refused(migration, "a statement failed", Some(Arc::new(error))))
}

fn refused(migration: &Migration, reason: &str, source: Option<Arc<sqlx::Error>>) -> StoreError {
    StoreError::Migration { version: migration.version, reason: format!("{}: {reason}", migration.name), source }
}

/// Puts the types of `engine` in place of the placeholders. A `{json}` column stands on its own line, name first.
fn render(text: &str, engine: Engine) -> String {
    let types: &[(&str, &str)] = match engine {
        Engine::Postgres => &[
            ("{ts}", "TIMESTAMPTZ"),
            ("{json}", "JSONB"),
            ("{bool}", "BOOLEAN"),
            ("{false}", "FALSE"),
            ("{true}", "TRUE"),
            ("{bigserial}", "BIGSERIAL PRIMARY KEY"),
            ("{bigint}", "BIGINT"),
            ("{int}", "INTEGER"),
            ("{real}", "DOUBLE PRECISION"),
            ("{text_array}", "TEXT[]"),
            ("{int_array}", "INTEGER[]"),
            ("{no_ints}", "'{}'"),
        ],
        Engine::Sqlite => &[
            ("{ts}", "TEXT"),
            ("{bool}", "INTEGER"),
            ("{false}", "0"),
            ("{true}", "1"),
            ("{bigserial}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
            ("{bigint}", "INTEGER"),
            ("{int}", "INTEGER"),
            ("{real}", "REAL"),
            ("{no_ints}", "'[]'"),
        ],
    };
    let mut out = String::with_capacity(text.len() + 1024);
    for line in text.lines() {
        let mut line = line.to_owned();
        for (placeholder, name) in types {
            line = line.replace(placeholder, name);
        }
        if engine == Engine::Sqlite && ["{json}", "{text_array}", "{int_array}"].iter().any(|name| line.contains(name))
        {
            let column = line.split_whitespace().next().unwrap_or_default().to_owned();
            let checked = format!("TEXT CHECK (json_valid({column}))");
            line = line
                .replace("{json}", &checked)
                .replace("{text_array}", &checked)
                .replace("{int_array}", &checked)
                .replace("'{}'::text[]", "'[]'");
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_placeholder_is_left_over() {
        for migration in MIGRATIONS {
            for engine in [Engine::Postgres, Engine::Sqlite] {
                let text = render(migration.text, engine).replace("'{}'", "");
                assert!(!text.contains('{'), "{engine:?}: {}", &text[text.find('{').unwrap_or(0)..][..60]);
            }
        }
    }

    #[test]
    fn numbers_rise_by_one() {
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(usize::try_from(migration.version), Ok(index + 1));
        }
    }
}
