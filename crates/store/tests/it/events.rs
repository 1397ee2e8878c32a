//! Numbers of events.

use domain::event::NewEvent;
use store::{StoreError, events};

use crate::common::each;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_append_at_once_leave_no_gap() {
    each(|f| async move {
        let id = f.start(f.new_run()).await;
        let appended = (0..20).map(|_| async {
            f.db.transact(|tx| {
                let (id, now) = (id.clone(), f.now());
                Box::pin(async move {
                    events::append(tx, id.as_str(), &[NewEvent::node_started("a"), NewEvent::node_started("b")], now)
                        .await
                })
            })
            .await
            .unwrap()
        });
        let mut last = futures_util::future::join_all(appended).await;
        last.sort_unstable();
        assert_eq!(last, (1..=20).map(|n| n * 2 + 1).collect::<Vec<_>>());
        assert_eq!(f.timeline(&id).await.len(), 41);
        let page = events::list(&f.db, id.as_str(), 40, 10).await.unwrap();
        assert_eq!(page.iter().map(|event| event.seq).collect::<Vec<_>>(), [41]);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_run_has_a_timeline_too() {
    each(|f| async move {
        for _ in 0..2 {
            let mut tx = f.db.begin().await.unwrap();
            events::append(&mut tx, "cascade-1", &[NewEvent::node_started("a")], f.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        let seqs: Vec<_> =
            events::list(&f.db, "cascade-1", 0, 10).await.unwrap().iter().map(|event| event.seq).collect();
        assert_eq!(seqs, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_closure_that_fails_is_rolled_back_whole() {
    each(|f| async move {
        let run = f.new_run();
        let failed: Result<(), _> =
            f.db.transact(|tx| {
                let run = run.clone();
                Box::pin(async move {
                    store::runs::insert(tx, &run, &[]).await?;
                    Err(StoreError::NulByte)
                })
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(store::runs::get(&f.db, &run.run_id).await.unwrap(), None);
    })
    .await;
}
