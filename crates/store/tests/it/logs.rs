//! Log lines.

use chrono::TimeDelta;
use serde_json::{Map, json};
use store::log_lines::{self, LogFilter, LogLevel, NewLogLine};

use crate::common::each;

#[tokio::test]
async fn lines_are_found_by_everything_they_say_newest_first() {
    each(|f| async move {
        let line = |n: i64, level, message: &str| NewLogLine {
            ts: f.now() + TimeDelta::seconds(n),
            level,
            logger: "holly_tower::worker".to_owned(),
            message: message.to_owned(),
            agent: (n == 2).then(|| "operations".to_owned()),
            run_id: (n == 2).then(|| "run_0123456789abcdef".to_owned()),
            fields: Map::from_iter([("n".to_owned(), json!(n))]),
        };
        let lines = [
            line(1, LogLevel::Debug, "one"),
            line(2, LogLevel::Info, "Two 100%"),
            line(3, LogLevel::Warning, "three"),
            line(4, LogLevel::Error, "four"),
        ];
        let mut tx = f.db.begin().await.unwrap();
        log_lines::insert(&mut tx, &lines).await.unwrap();
        log_lines::insert(&mut tx, &[]).await.unwrap();
        tx.commit().await.unwrap();

        let found = async |filter: LogFilter, limit| {
            let lines = log_lines::list(&f.db, &filter, limit).await.unwrap();
            lines.iter().map(|line| line.fields["n"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        let any = LogFilter::default;
        assert_eq!(found(any(), 10).await, [4, 3, 2, 1]);
        assert_eq!(found(LogFilter { level: Some(LogLevel::Warning), ..any() }, 10).await, [4, 3]);
        assert_eq!(found(LogFilter { agent: Some("operations".into()), ..any() }, 10).await, [2]);
        assert_eq!(found(LogFilter { run_id: Some("run_0123456789abcdef".into()), ..any() }, 10).await, [2]);
        assert_eq!(found(LogFilter { q: Some("TWO 100%".into()), ..any() }, 10).await, [2]);
        assert_eq!(found(LogFilter { q: Some("t%e".into()), ..any() }, 10).await, [0; 0]);
        assert_eq!(found(LogFilter { q: Some("worker".into()), ..any() }, 2).await, [4, 3]);
        let (since, until) = (Some(f.now() + TimeDelta::seconds(2)), Some(f.now() + TimeDelta::seconds(4)));
        assert_eq!(found(LogFilter { since, until, ..any() }, 10).await, [3, 2]);
        let newest = log_lines::list(&f.db, &any(), 1).await.unwrap().remove(0);
        assert_eq!((newest.level.as_str(), newest.message.as_str()), ("error", "four"));
        assert_eq!(found(LogFilter { before: Some(newest.id), ..any() }, 2).await, [3, 2]);

        let mut tx = f.db.begin().await.unwrap();
        assert_eq!(log_lines::sweep(&mut tx, f.now() + TimeDelta::seconds(2), 50_000).await.unwrap(), 1);
        assert_eq!(log_lines::sweep(&mut tx, f.now(), 2).await.unwrap(), 1);
        assert_eq!(log_lines::sweep(&mut tx, f.now(), 2).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert_eq!(found(any(), 10).await, [4, 3]);
    })
    .await;
}
