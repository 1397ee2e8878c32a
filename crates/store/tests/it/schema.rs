//! Statements and schema, compared between the engines.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection, Executor, PgConnection, Row, SqliteConnection};
use store::{Db, Engine, Target};

use crate::common::each;

#[tokio::test]
async fn every_statement_can_be_prepared() {
    each(|f| async move {
        let mut names = BTreeSet::new();
        for (name, stmt) in store::statements() {
            assert!(names.insert(name), "{name} is listed twice");
            let text = stmt.text(f.db.engine());
            let prepared = match &f.target {
                Target::Sqlite { path } => {
                    let mut raw = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
                    raw.prepare(sqlx::SqlSafeStr::into_sql_str(text)).await.map(drop)
                }
                Target::Postgres { url, .. } => {
                    let mut raw = PgConnection::connect(url).await.unwrap();
                    raw.prepare(sqlx::SqlSafeStr::into_sql_str(text)).await.map(drop)
                }
            };
            assert!(prepared.is_ok(), "{name}: {prepared:?}");
        }
        assert!(names.len() > 80);
    })
    .await;
}

#[test]
fn every_file_with_statements_is_listed() {
    let listed: BTreeSet<_> =
        store::statements().into_iter().filter_map(|(name, _)| name.rsplit_once("::")).map(|(file, _)| file).collect();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut declared = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path).unwrap().contains("\nstatements! {") {
                declared += 1;
            }
        }
    }
    assert_eq!(listed.len(), declared, "{listed:?}");
}

/// Column to (family of its type, may be null).
type Columns = BTreeMap<String, (String, bool)>;

async fn columns(db: &Target) -> Columns {
    match db {
        Target::Sqlite { path } => {
            let mut raw = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
            let rows = raw
                .fetch_all(
                    "SELECT m.name || '.' || c.name AS name, c.type AS type, c.\"notnull\" = 0 AND c.pk = 0 AS nullable
                     FROM sqlite_master m JOIN pragma_table_info(m.name) c
                     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
                )
                .await
                .unwrap();
            rows.iter()
                .map(|row| {
                    let family = match row.get::<String, _>("type").as_str() {
                        "INTEGER" => "integer",
                        "REAL" => "real",
                        "TEXT" => "text",
                        other if other.starts_with("VARCHAR") => "text",
                        other => panic!("unexpected type {other}"),
                    };
                    (row.get("name"), (family.to_owned(), row.get::<i64, _>("nullable") == 1))
                })
                .collect()
        }
        Target::Postgres { url, .. } => {
            let mut raw = PgConnection::connect(url).await.unwrap();
            let rows = raw
                .fetch_all(
                    "SELECT table_name || '.' || column_name AS name, data_type::text AS type, is_nullable = 'YES' AS nullable
                     FROM information_schema.columns WHERE table_schema = 'public'",
                )
                .await
                .unwrap();
            rows.iter()
                .map(|row| {
                    let family = match row.get::<String, _>("type").as_str() {
                        "integer" | "bigint" | "boolean" => "integer",
                        "double precision" => "real",
                        "text" | "jsonb" | "timestamp with time zone" | "ARRAY" | "character varying" => "text",
                        other => panic!("unexpected type {other}"),
                    };
                    (row.get("name"), (family.to_owned(), row.get("nullable")))
                })
                .collect()
        }
    }
}

#[tokio::test]
async fn both_engines_have_the_same_columns() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    each(|f| {
        let seen = seen.clone();
        async move {
            let columns = columns(&f.target).await;
            assert!(columns.contains_key("tower_runs.event_seq"));
            seen.lock().unwrap().push(columns);
        }
    })
    .await;
    let seen = seen.lock().unwrap();
    for pair in seen.windows(2) {
        for name in pair[0].keys().chain(pair[1].keys()) {
            assert_eq!(pair[0].get(name), pair[1].get(name), "{name}");
        }
    }
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    each(|f| async move {
        let again = f.db.migrate(f.now()).await.unwrap();
        assert_eq!((again.applied, again.version), (vec![], 1));
        f.db.ping().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn two_processes_that_migrate_at_once_apply_each_migration_once() {
    each(|f| async move {
        // A database of its own is needed; only the file engine makes one without an administrator.
        let Target::Sqlite { path } = &f.target else { return };
        let target = Target::Sqlite { path: path.with_file_name("other.db") };
        let (a, b) = (Db::open(&target).await.unwrap(), Db::open(&target).await.unwrap());
        assert_eq!(a.engine(), Engine::Sqlite);
        let (a, b) = tokio::join!(a.migrate(f.now()), b.migrate(f.now()));
        let applied = [a.unwrap().applied, b.unwrap().applied].concat();
        assert_eq!(applied, vec![1]);
    })
    .await;
}

#[tokio::test]
async fn a_changed_migration_is_refused() {
    each(|f| async move {
        let change = "UPDATE schema_migrations SET checksum = 'other' WHERE version = 1";
        match &f.target {
            Target::Sqlite { path } => {
                let mut raw = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
                raw.execute(change).await.map(drop).unwrap();
            }
            Target::Postgres { url, .. } => {
                PgConnection::connect(url).await.unwrap().execute(change).await.map(drop).unwrap();
            }
        }
        let refused = f.db.migrate(f.now()).await.unwrap_err();
        assert!(matches!(refused, store::StoreError::Migration { version: 1, .. }), "{refused:?}");
    })
    .await;
}
