//! Fresh databases for one test, one of each engine.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use config::EnvSource;
use tempfile::TempDir;

/// Tells the databases of one process apart.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Which engine a test database runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database of its own for one test.
#[derive(Debug)]
pub struct TestDatabase {
    /// Which engine.
    pub engine: Engine,
    /// Says in a failure where it happened.
    pub name: String,
    /// How to reach it: `sqlite:PATH` (the file does not exist yet) or `postgres://...`.
    pub url: String,
    /// The SQLite file.
    pub path: Option<PathBuf>,
    _folder: Option<TempDir>,
}

/// A fresh SQLite file and a fresh PostgreSQL database. `create` makes a database of a name on the server of an
/// administrator's URL and returns its URL; only the store may say that in SQL.
///
/// # Panics
/// When `HOLLY_TEST_DATABASE_URL` is unset, unless `HOLLY_ALLOW_MISSING=1` allows to skip PostgreSQL.
pub async fn test_databases<F, E>(create: impl FnOnce(String, String) -> F) -> Vec<TestDatabase>
where
    F: Future<Output = Result<String, E>>,
    E: Debug,
{
    let environment = EnvSource::process().expect("the working directory");
    let mut databases = vec![sqlite()];
    match environment.get("HOLLY_TEST_DATABASE_URL") {
        Some(admin) => {
            let name = format!("holly_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let url = create(admin.to_owned(), name.clone()).await.expect("a fresh PostgreSQL database");
            databases.push(TestDatabase { engine: Engine::Postgres, name, url, path: None, _folder: None });
        }
        None if environment.get("HOLLY_ALLOW_MISSING") == Some("1") => {
            eprintln!("SKIPPED on PostgreSQL: HOLLY_TEST_DATABASE_URL is unset and HOLLY_ALLOW_MISSING=1");
        }
        None => panic!(
            "HOLLY_TEST_DATABASE_URL is unset: run the tests with `cargo xtask test`, which starts a private PostgreSQL, or \
             set HOLLY_ALLOW_MISSING=1 to test on SQLite only"
        ),
    }
    databases
}

fn sqlite() -> TestDatabase {
    let folder = TempDir::with_prefix("holly-test-").expect("a temporary folder");
    let path = folder.path().join("holly.db");
    TestDatabase {
        engine: Engine::Sqlite,
        name: "sqlite".to_owned(),
        url: format!("sqlite:{}", path.display()),
        path: Some(path),
        _folder: Some(folder),
    }
}
