//! Where the rows are, and what carries the news.

use config::{Config, Database};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret as _;
use store::{Db, StoreError, Target};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use super::check::{Check, Part, Who};
use super::ways::LIMIT;
use crate::session::Session;

/// Opens the database and reads the version of its schema. Changes nothing, and makes no file.
pub(super) async fn database(session: &Session, config: &Config) -> Check {
    let check = Check::ok(Part::Storage, "database", Who::Real, "");
    let (engine, target, remedy) = match &config.database {
        Database::Sqlite { path } if !path.exists() => {
            return Check { found: "SQLite, made by the first start".to_owned(), ..check };
        }
        Database::Sqlite { path } => {
            let remedy = format!("see that this user may read and write {}", path.display());
            ("SQLite", Target::Sqlite { path: path.clone() }, remedy)
        }
        Database::Postgres { url, .. } => {
            let remedy = "see that PostgreSQL runs, and that DATABASE_URL names it with user and password".to_owned();
            ("PostgreSQL", Target::Postgres { url: url.expose_secret().to_owned(), pool_size: 1 }, remedy)
        }
    };
    let began = session.clock.monotonic();
    let read = tokio::time::timeout(LIMIT, schema(&target)).await;
    let check = check.took(session.clock.monotonic().saturating_sub(began));
    match read {
        Err(_) => check.fail(format!("{engine} does not answer within 5 s"), remedy),
        Ok(Err(error)) => check.fail(format!("{engine}: {}", cause(&error)), remedy),
        Ok(Ok((version, newest))) if version > newest => check.fail(
            format!("{engine}, schema {version} is newer than this program"),
            "use the program that made it, or a newer one; this one knows less",
        ),
        Ok(Ok((version, newest))) if version < newest => {
            Check { found: format!("{engine}, schema {version} of {newest}"), ..check }
                .note("the next start brings the schema up to date; so does: holly migrate")
        }
        Ok(Ok((version, _))) => Check { found: format!("{engine}, schema {version}"), ..check },
    }
}

async fn schema(target: &Target) -> Result<(i64, i64), StoreError> {
    let db = Db::open(target).await?;
    let answer = async {
        db.ping().await?;
        db.schema_version().await
    }
    .await;
    db.close().await;
    answer.map(|version| (version, store::SCHEMA_VERSION))
}

/// The last cause says what the system saw.
fn cause(error: &StoreError) -> String {
    let mut told = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        told = source.to_string();
        next = source.source();
    }
    told
}

/// Says PING to the Redis that is configured.
pub(super) async fn redis(session: &Session, config: &Config) -> Check {
    let Some(url) = &config.groups.storage.redis_url else {
        return Check::ok(Part::Storage, "redis", Who::Absent, "not used; everything runs in one process");
    };
    let check = Check::ok(Part::Storage, "redis", Who::Real, "");
    let remedy = "see that Redis runs, and that REDIS_URL names it with its password; nothing is lost meanwhile";
    let Ok(url) = Url::parse(url.expose_secret()) else {
        return check.fail("REDIS_URL is no address", "correct REDIS_URL");
    };
    let began = session.clock.monotonic();
    let answer = tokio::time::timeout(LIMIT, ping(&url)).await;
    let check = check.took(session.clock.monotonic().saturating_sub(began));
    match answer {
        Err(_) => check.fail("no answer within 5 s", remedy),
        Ok(Err(error)) => check.fail(format!("no connection ({})", error.kind()), remedy),
        Ok(Ok(Pinged::Pong)) => Check { found: "answers PING".to_owned(), ..check },
        Ok(Ok(Pinged::Connected)) => Check { found: "takes connections; not asked over TLS".to_owned(), ..check },
        Ok(Ok(Pinged::Refused(words))) => check.fail(words, remedy),
    }
}

enum Pinged {
    Pong,
    /// Behind TLS, which this probe does not speak.
    Connected,
    Refused(String),
}

/// Speaks as much of the protocol (RESP2) as a PING needs.
async fn ping(url: &Url) -> std::io::Result<Pinged> {
    let host = url.host_str().unwrap_or("localhost").trim_matches(['[', ']']);
    let mut stream = TcpStream::connect((host, url.port().unwrap_or(6379))).await?;
    if url.scheme() == "rediss" {
        return Ok(Pinged::Connected);
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut asked = String::new();
    if let Some(password) = url.password() {
        let mut parts = vec!["AUTH".to_owned()];
        parts.extend(Some(decoded(url.username())).filter(|user| !user.is_empty()));
        parts.push(decoded(password));
        asked.push_str(&command(&parts));
    }
    asked.push_str(&command(&["PING".to_owned()]));
    stream.write_all(asked.as_bytes()).await?;
    let mut answer = Vec::new();
    let mut buffer = [0_u8; 512];
    loop {
        let count = stream.read(&mut buffer).await?;
        answer.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&answer);
        if text.contains("+PONG\r\n") {
            return Ok(Pinged::Pong);
        }
        if let Some(error) = text.lines().find_map(|line| line.strip_prefix('-')) {
            return Ok(Pinged::Refused(error.chars().take(100).collect()));
        }
        if count == 0 || answer.len() > 4096 {
            return Ok(Pinged::Refused("what answers is not Redis".to_owned()));
        }
    }
}

fn command(parts: &[String]) -> String {
    let words = parts.iter().map(|part| format!("${}\r\n{part}\r\n", part.len()));
    format!("*{}\r\n{}", parts.len(), words.collect::<String>())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn against(answer: &'static str) -> (Pinged, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = Url::parse(&format!("redis://:{}@127.0.0.1:{port}/0", "pass".to_owned() + "%20word")).unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = vec![0_u8; 256];
            let count = stream.read(&mut heard).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&heard[..count]).into_owned()
        };
        let (pinged, heard) = tokio::join!(ping(&url), serve);
        (pinged.unwrap(), heard)
    }

    #[tokio::test]
    async fn redis_is_asked_in_its_own_protocol() {
        let (pinged, heard) = against("+OK\r\n+PONG\r\n").await;
        assert!(matches!(pinged, Pinged::Pong));
        assert_eq!(heard, "*2\r\n$4\r\nAUTH\r\n$9\r\npass word\r\n*1\r\n$4\r\nPING\r\n");
        let (pinged, _) = against("-WRONGPASS invalid\r\n").await;
        assert!(matches!(pinged, Pinged::Refused(words) if words == "WRONGPASS invalid"));
        let (pinged, _) = against("HTTP/1.1 400 Bad Request\r\n").await;
        assert!(matches!(pinged, Pinged::Refused(words) if words.contains("not Redis")));
    }
}
