//! Merging news into orders.

use domain::ids::OrderKey;
use domain::order::{OrderFacts, Origin, Payment};
use store::orders::OrderFilter;
use store::{Outcome, orders};

use crate::common::{Fixture, each};

async fn merge(f: &Fixture, facts: &OrderFacts) -> domain::order::OrderMerge {
    f.db.transact(|tx| {
        let (facts, now) = (facts.clone(), f.now());
        Box::pin(async move { orders::merge_in(tx, &facts, now).await })
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn an_order_is_read_back_as_it_was_merged_and_the_same_news_changes_nothing() {
    each(|f| async move {
        let key = OrderKey::shopify("5830").unwrap();
        let mut facts = OrderFacts::new(Origin::Shopify, key.clone());
        facts.order_name = Some("#1042".to_owned());
        facts.currency = Some("USD".to_owned());
        facts.total_minor = Some(3_900);
        facts.payment = Some(Payment::Paid);
        facts.at = Some(f.now());
        facts.item_count = Some(2);
        facts.refunds.insert("r1".to_owned(), 100);
        let first = merge(&f, &facts).await;
        assert!(first.changed && !first.version_raised);
        assert_eq!(orders::get(&f.db, &key).await.unwrap(), Some(first.order.clone()));
        f.later(5);
        assert!(!merge(&f, &facts).await.changed);
        assert_eq!(orders::get(&f.db, &key).await.unwrap(), Some(first.order));
        facts.cancelled = Some(true);
        let third = merge(&f, &facts).await;
        assert!(third.version_raised);
        assert_eq!(
            orders::get(&f.db, &key).await.unwrap().map(|order| (order.version, order.cancelled)),
            Some((1, true))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_that_arrives_at_once_is_all_merged() {
    each(|f| async move {
        let key = OrderKey::shopify("77").unwrap();
        let news = (0..12).map(|index| {
            let mut facts = OrderFacts::new(Origin::Shopify, key.clone());
            facts.refunds.insert(format!("r{index}"), 10);
            let f = &f;
            async move { merge(f, &facts).await }
        });
        futures_util::future::join_all(news).await;
        let order = orders::get(&f.db, &key).await.unwrap().unwrap();
        assert_eq!((order.refunded_minor, order.refunds.len()), (120, 12));
    })
    .await;
}

#[tokio::test]
async fn the_first_note_stays_and_orders_are_paged_by_key() {
    each(|f| async move {
        let mut keys = Vec::new();
        for index in 0..5 {
            let key = OrderKey::shopify(&index.to_string()).unwrap();
            merge(&f, &OrderFacts::new(Origin::Shopify, key.clone())).await;
            keys.insert(0, key);
        }
        let mut cursor = None;
        let mut seen = Vec::new();
        loop {
            let filter = OrderFilter { limit: 2, cursor: cursor.clone(), ..OrderFilter::default() };
            let page = orders::list(&f.db, &filter).await.unwrap();
            let Some(last) = page.last() else { break };
            cursor = Some((last.updated_at, last.order_key.clone()));
            seen.extend(page.into_iter().map(|order| order.order_key));
        }
        assert_eq!(seen, keys);
        let skipped = OrderFilter { limit: 2, offset: 3, ..OrderFilter::default() };
        let skipped: Vec<_> = orders::list(&f.db, &skipped).await.unwrap().into_iter().map(|o| o.order_key).collect();
        assert_eq!(skipped, keys[3..]);
        let named =
            OrderFacts { order_name: Some("#10%4".into()), ..OrderFacts::new(Origin::Shopify, keys[4].clone()) };
        merge(&f, &named).await;
        for (q, found) in [("#10%4", 1), ("0%", 1), ("1_4", 0), ("SHOPIFY:3", 1), ("nothing", 0)] {
            let filter = OrderFilter { q: Some(q.to_owned()), limit: 10, ..OrderFilter::default() };
            assert_eq!(orders::list(&f.db, &filter).await.unwrap().len(), found, "{q}");
        }
        let mut tx = f.db.begin().await.unwrap();
        assert_eq!(orders::set_note_in(&mut tx, &keys[0], "a", f.now()).await.unwrap(), Outcome::Done);
        assert_eq!(orders::set_note_in(&mut tx, &keys[0], "b", f.now()).await.unwrap(), Outcome::Lost);
        let unknown = OrderKey::shopify("999").unwrap();
        assert_eq!(orders::set_note_in(&mut tx, &unknown, "b", f.now()).await.unwrap(), Outcome::Gone);
        tx.commit().await.unwrap();
        assert_eq!(orders::get(&f.db, &keys[0]).await.unwrap().unwrap().customer_note.as_deref(), Some("a"));
    })
    .await;
}
