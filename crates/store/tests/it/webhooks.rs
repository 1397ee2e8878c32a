//! Deliveries: once, coalesced, tried again.

use chrono::TimeDelta;
use domain::ids::WebhookEventId;
use serde_json::json;
use store::Outcome;
use store::webhooks::{self, Inserted, NewWebhook, WebhookState};

use crate::common::{Fixture, each};

fn delivery(f: &Fixture, event_id: &str, resource: Option<&str>) -> NewWebhook {
    NewWebhook {
        provider: "shopify".to_owned(),
        event_id: event_id.to_owned(),
        event_type: "orders/paid".to_owned(),
        priority: "high".to_owned(),
        resource_key: resource.map(str::to_owned),
        occurred_at: None,
        received_at: f.now(),
        payload: json!({"id": 1}),
        headers_subset: json!({}),
    }
}

async fn deliver(f: &Fixture, event_id: &str, resource: Option<&str>) -> Inserted {
    let mut tx = f.db.begin().await.unwrap();
    let inserted = webhooks::insert(&mut tx, &delivery(f, event_id, resource)).await.unwrap();
    tx.commit().await.unwrap();
    inserted
}

async fn mark(f: &Fixture, id: WebhookEventId, state: WebhookState, error: Option<&str>) -> Outcome {
    let mut tx = f.db.begin().await.unwrap();
    let outcome = webhooks::mark(&mut tx, id, state, None, error).await.unwrap();
    tx.commit().await.unwrap();
    outcome
}

#[tokio::test]
async fn a_second_delivery_is_counted_and_is_no_news() {
    each(|f| async move {
        let Inserted::New(id) = deliver(&f, "e1", None).await else { panic!() };
        assert_eq!(deliver(&f, "e1", None).await, Inserted::Duplicate);
        let stored = webhooks::get(&f.db, id).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.duplicates), (WebhookState::Received, 1));
        assert_eq!(webhooks::find(&f.db, "shopify", "e1").await.unwrap(), Some(stored));
        assert_eq!(mark(&f, id, WebhookState::Dispatched, None).await, Outcome::Done);
        assert_eq!(mark(&f, WebhookEventId(99), WebhookState::Dispatched, None).await, Outcome::Gone);
        let _ = deliver(&f, "e2", None).await;
        let counts = webhooks::counts(&f.db).await.unwrap();
        assert_eq!(counts, [("shopify".into(), "dispatched".into(), 1), ("shopify".into(), "received".into(), 1)]);
    })
    .await;
}

#[tokio::test]
async fn events_of_one_resource_wait_for_the_first_one_and_then_come_together() {
    each(|f| async move {
        let _ = deliver(&f, "e1", Some("product:1")).await;
        f.later(60);
        let _ = deliver(&f, "e2", Some("product:1")).await;
        let _ = deliver(&f, "e3", Some("product:2")).await;
        let _ = deliver(&f, "e4", None).await;
        let due = async |arrived_by| {
            let mut tx = f.db.begin().await.unwrap();
            let due = webhooks::coalesced_due(&mut tx, arrived_by, 10).await.unwrap();
            // Dropping would let go of the rows a moment later, and the next look would skip them.
            tx.rollback().await.unwrap();
            due.into_iter().map(|event| event.event_id).collect::<Vec<_>>()
        };
        assert_eq!(due(f.now() - TimeDelta::seconds(61)).await, Vec::<String>::new());
        assert_eq!(due(f.now() - TimeDelta::seconds(60)).await, ["e1", "e2"]);
        assert_eq!(due(f.now()).await, ["e1", "e2", "e3"]);
    })
    .await;
}

#[tokio::test]
async fn what_failed_is_tried_again_until_it_failed_too_often() {
    each(|f| async move {
        let Inserted::New(id) = deliver(&f, "e1", None).await else { panic!() };
        assert!(webhooks::to_retry(&f.db, 2, 5).await.unwrap().is_empty());
        assert_eq!(mark(&f, id, WebhookState::Failed, Some("down")).await, Outcome::Done);
        let due = webhooks::to_retry(&f.db, 2, 5).await.unwrap();
        assert_eq!((due.len(), due[0].attempts, due[0].last_error.as_deref()), (1, 1, Some("down")));
        assert_eq!(mark(&f, id, WebhookState::Failed, Some("down")).await, Outcome::Done);
        assert!(webhooks::to_retry(&f.db, 2, 5).await.unwrap().is_empty());
    })
    .await;
}
