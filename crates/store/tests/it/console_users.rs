//! Users of the console, and the figures of its status strip.

use chrono::TimeDelta;
use domain::role::Role;
use store::{console_users, figures};

use crate::common::each;

const EVE: &str = "eve@shop.example";

#[tokio::test]
async fn a_user_is_added_once_changed_and_shut_out() {
    each(|f| async move {
        assert!(!console_users::any_enabled(&f.db).await.unwrap());
        let mut tx = f.db.begin().await.unwrap();
        assert!(console_users::add(&mut tx, EVE, "h1", Role::Viewer, f.now()).await.unwrap());
        assert!(!console_users::add(&mut tx, EVE, "h2", Role::Admin, f.now()).await.unwrap(), "stays as they are");
        tx.commit().await.unwrap();
        let eve = console_users::get(&f.db, EVE).await.unwrap().unwrap();
        assert_eq!((eve.password_hash.as_str(), eve.role, eve.created_at), ("h1", Role::Viewer, f.now()));
        assert_eq!((eve.disabled_at, eve.last_login_at), (None, None));
        assert!(console_users::any_enabled(&f.db).await.unwrap());

        let later = f.now() + TimeDelta::seconds(5);
        let mut tx = f.db.begin().await.unwrap();
        assert!(console_users::set_password(&mut tx, EVE, "h3").await.unwrap());
        assert!(console_users::set_role(&mut tx, EVE, Role::Operator).await.unwrap());
        console_users::signed_in(&mut tx, EVE, later).await.unwrap();
        assert!(console_users::set_disabled(&mut tx, EVE, Some(later)).await.unwrap());
        assert!(!console_users::set_password(&mut tx, "nobody@shop.example", "h").await.unwrap());
        assert!(!console_users::set_role(&mut tx, "nobody@shop.example", Role::Admin).await.unwrap());
        assert!(!console_users::set_disabled(&mut tx, "nobody@shop.example", None).await.unwrap());
        tx.commit().await.unwrap();
        let all = console_users::list(&f.db).await.unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].password_hash.as_str(), all[0].role), ("h3", Role::Operator));
        assert_eq!((all[0].disabled_at, all[0].last_login_at), (Some(later), Some(later)));
        assert!(!console_users::any_enabled(&f.db).await.unwrap(), "the only user is shut out");

        let mut tx = f.db.begin().await.unwrap();
        assert!(console_users::set_disabled(&mut tx, EVE, None).await.unwrap());
        tx.commit().await.unwrap();
        assert!(console_users::any_enabled(&f.db).await.unwrap());
        assert_eq!(console_users::get(&f.db, "nobody@shop.example").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_empty_database_has_figures_of_zero() {
    each(|f| async move {
        let soon = f.now() + TimeDelta::hours(1);
        let tickets = figures::tickets(&f.db, f.now(), soon).await.unwrap();
        assert_eq!((tickets.pending, tickets.high, tickets.expiring), (0, 0, 0));
        let runs = figures::runs(&f.db, f.now()).await.unwrap();
        assert_eq!((runs.running, runs.waiting, runs.failed), (0, 0, 0));
        assert_eq!(figures::dead_letters(&f.db).await.unwrap(), 0);
        assert_eq!(figures::spend(&f.db, f.now()).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_waiting_run_and_its_ticket_are_counted_until_the_ticket_runs_out() {
    each(|f| async move {
        f.parked("print:1").await;
        let at = |hours| f.now() + TimeDelta::hours(hours);
        let tickets = figures::tickets(&f.db, at(0), at(1)).await.unwrap();
        assert_eq!((tickets.pending, tickets.expiring), (1, 0));
        assert_eq!(figures::tickets(&f.db, at(0), at(25)).await.unwrap().expiring, 1);
        assert_eq!(figures::tickets(&f.db, at(25), at(26)).await.unwrap().pending, 0);
        assert_eq!(figures::runs(&f.db, at(-24)).await.unwrap().waiting, 1);
    })
    .await;
}
