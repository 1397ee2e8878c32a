//! Keys, leaders, revoked tokens, audit, checks.

use chrono::TimeDelta;
use domain::ledger::GuardrailCheck;
use serde_json::json;
use store::audit::{self, AuditEntry};
use store::idempotency::{self, Claimed};
use store::{Outcome, guardrail_checks, leaders, revoked_tokens};

use crate::common::each;

#[tokio::test]
async fn a_key_answers_the_same_request_refuses_another_and_is_free_after_its_time() {
    each(|f| async move {
        let expires = f.now() + TimeDelta::hours(24);
        let mut tx = f.db.begin().await.unwrap();
        assert_eq!(idempotency::claim(&mut tx, "start", "k", "h1", f.now(), expires).await.unwrap(), Claimed::New);
        assert_eq!(
            idempotency::claim(&mut tx, "start", "k", "h1", f.now(), expires).await.unwrap(),
            Claimed::Same(None)
        );
        let kept = idempotency::store_response(&mut tx, "start", "k", &json!({"run_id": "r"})).await.unwrap();
        assert_eq!(kept, Outcome::Done);
        let same = idempotency::claim(&mut tx, "start", "k", "h1", f.now(), expires).await.unwrap();
        assert_eq!(same, Claimed::Same(Some(json!({"run_id": "r"}))));
        assert_eq!(
            idempotency::claim(&mut tx, "start", "k", "h2", f.now(), expires).await.unwrap(),
            Claimed::OtherBody
        );
        assert_eq!(idempotency::claim(&mut tx, "retry", "k", "h2", f.now(), expires).await.unwrap(), Claimed::New);
        let later = expires + TimeDelta::seconds(1);
        assert_eq!(
            idempotency::claim(&mut tx, "start", "k", "h2", later, later + TimeDelta::hours(1)).await.unwrap(),
            Claimed::New
        );
        assert_eq!(idempotency::prune(&mut tx, later).await.unwrap(), 1);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_leads_until_its_lease_ends_or_it_resigns() {
    each(|f| async move {
        let until = |seconds| f.now() + TimeDelta::seconds(seconds);
        let a = leaders::acquire(&f.db, "scheduler", "a", until(15), f.now()).await.unwrap().unwrap();
        assert_eq!(leaders::acquire(&f.db, "scheduler", "b", until(15), f.now()).await.unwrap(), None);
        assert_eq!(leaders::acquire(&f.db, "scheduler", "a", until(15), f.now()).await.unwrap(), Some(a.clone()));
        assert!(leaders::renew(&f.db, "scheduler", &a, until(15), f.now()).await.unwrap());
        f.later(16);
        assert!(!leaders::renew(&f.db, "scheduler", &a, until(15), f.now()).await.unwrap());
        let b = leaders::acquire(&f.db, "scheduler", "b", until(15), f.now()).await.unwrap().unwrap();
        assert!(b.epoch > a.epoch);
        leaders::resign(&f.db, "scheduler", &a, f.now()).await.unwrap();
        assert!(leaders::renew(&f.db, "scheduler", &b, until(15), f.now()).await.unwrap());
        leaders::resign(&f.db, "scheduler", &b, f.now()).await.unwrap();
        assert!(leaders::acquire(&f.db, "scheduler", "a", until(15), f.now()).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_revoked_token_stays_revoked_until_it_would_have_expired() {
    each(|f| async move {
        let mut tx = f.db.begin().await.unwrap();
        for _ in 0..2 {
            revoked_tokens::revoke(&mut tx, "jti-1", f.now() + TimeDelta::hours(1), f.now()).await.unwrap();
        }
        assert_eq!(revoked_tokens::prune(&mut tx, f.now()).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert!(revoked_tokens::is_revoked(&f.db, "jti-1").await.unwrap());
        assert!(!revoked_tokens::is_revoked(&f.db, "jti-2").await.unwrap());
        assert_eq!(revoked_tokens::active(&f.db, f.now()).await.unwrap(), ["jti-1"]);
        let later = f.now() + TimeDelta::hours(2);
        assert_eq!(revoked_tokens::active(&f.db, later).await.unwrap(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn audit_entries_and_checks_are_added() {
    each(|f| async move {
        let entry = AuditEntry {
            ts: f.now(),
            actor: Some("me".to_owned()),
            role: Some("admin".to_owned()),
            ip: None,
            action: "ticket.decide".to_owned(),
            target: Some("42".to_owned()),
            outcome: "ok".to_owned(),
            request_id: None,
            details: json!({}),
        };
        let mut tx = f.db.begin().await.unwrap();
        audit::insert(&mut tx, &entry).await.unwrap();
        let check =
            GuardrailCheck { ts: f.now(), point: "input", source: "api".to_owned(), flags: vec![], tripped: true };
        guardrail_checks::insert(&mut tx, None, &[check]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(audit::count(&f.db, "ticket.decide").await.unwrap(), 1);
    })
    .await;
}
