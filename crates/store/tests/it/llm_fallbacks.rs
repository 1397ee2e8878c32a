//! Attempts at models that failed.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use store::llm_fallbacks::{Fallback, Summary, insert, summary};

use crate::common::each;

#[tokio::test]
async fn the_summary_counts_what_happened_since_and_says_how_often_the_next_model_answered() {
    each(|f| async move {
        let since = f.now() - TimeDelta::hours(24);
        let empty = Summary { total_fallbacks: 0, success_rate: 1.0, by_error_class: BTreeMap::new() };
        assert_eq!(summary(&f.db, since).await.unwrap(), empty);
        let mut tx = f.db.begin().await.unwrap();
        for (hours_ago, class, success) in [
            (30, "timeout", false),
            (24, "server_error", true),
            (2, "server_error", true),
            (1, "server_error", true),
            (0, "rate_limit", false),
        ] {
            let row = Fallback {
                ts: f.now() - TimeDelta::hours(hours_ago),
                primary_model: "claude-opus-4-6".into(),
                attempted_model: "claude-opus-4-6".into(),
                next_model: success.then(|| "gpt-4o".into()),
                error_class: class.into(),
                error_message: "m".into(),
                success,
                run_id: None,
            };
            insert(&mut tx, &row).await.unwrap();
        }
        tx.commit().await.unwrap();
        let by_error_class = [("rate_limit".to_owned(), 1), ("server_error".to_owned(), 3)].into();
        let wanted = Summary { total_fallbacks: 4, success_rate: 0.75, by_error_class };
        assert_eq!(summary(&f.db, since).await.unwrap(), wanted);
    })
    .await;
}
