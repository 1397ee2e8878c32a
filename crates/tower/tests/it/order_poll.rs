//! Orders that no event told of are taken up, once.

use domain::ids::OrderKey;
use domain::order::{OrderFacts, Origin, Payment};
use domain::run::{Run, RunStatus};
use store::runs::RunFilter;
use testkit::{Process, TowerWorld};
use tower::order_poll::{Polled, take_up};

fn paid(process: &Process, id: u64) -> OrderFacts {
    let key: OrderKey = format!("shopify:{id}").parse().unwrap();
    let now = process.services.clock.now();
    OrderFacts {
        payment: Some(Payment::Paid),
        order_name: Some(format!("#{id}")),
        currency: Some("USD".into()),
        total_minor: Some(3_900),
        at: Some(now),
        ..OrderFacts::new(Origin::Shopify, key)
    }
}

fn look(process: &Process, told: &[OrderFacts]) -> Polled {
    process.run(take_up(&process.services, told)).unwrap()
}

fn runs(process: &Process) -> Vec<Run> {
    let filter = RunFilter { limit: 100, ..RunFilter::default() };
    process.run(store::runs::list(&process.services.db, &filter)).unwrap()
}

#[test]
fn an_order_whose_event_was_lost_gets_one_run() {
    let world = TowerWorld::new(80);
    let process = world.client("one");
    let told = [paid(&process, 7)];
    assert_eq!(look(&process, &told), Polled { orders: 1, waiting: 1, started: 1, left: 0 });
    assert_eq!(look(&process, &told), Polled { orders: 1, waiting: 0, started: 0, left: 0 });
    let run = runs(&process).remove(0);
    assert_eq!(run.serial_key.as_deref(), Some("order:7"));
    assert_eq!(run.created_by.as_deref(), Some("scheduler"));
}

#[test]
fn a_run_that_ended_well_settles_the_order_until_there_is_news() {
    let world = TowerWorld::new(81);
    let process = world.process("one");
    let told = [paid(&process, 7)];
    assert_eq!(look(&process, &told).started, 1);
    process.settle();
    assert_eq!(runs(&process)[0].status, RunStatus::Completed);
    assert_eq!(look(&process, &told).started, 0);
    world.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(look(&process, &[paid(&process, 7)]).started, 1, "the shop changed the order since");
}

#[test]
fn one_look_starts_no_more_runs_than_its_bound() {
    let world = TowerWorld::new(82);
    let process = world.client("one");
    let told: Vec<OrderFacts> = (1..=23).map(|id| paid(&process, id)).collect();
    assert_eq!(look(&process, &told), Polled { orders: 23, waiting: 23, started: 20, left: 3 });
    assert_eq!(look(&process, &[]), Polled { orders: 0, waiting: 3, started: 3, left: 0 });
}

#[test]
fn what_must_not_be_printed_starts_nothing() {
    let world = TowerWorld::new(83);
    let process = world.client("one");
    let told = [
        OrderFacts { cancelled: Some(true), ..paid(&process, 1) },
        OrderFacts { is_test: Some(true), ..paid(&process, 2) },
        OrderFacts { payment: Some(Payment::Pending), ..paid(&process, 3) },
    ];
    assert_eq!(look(&process, &told), Polled { orders: 3, waiting: 0, started: 0, left: 0 });
    assert!(runs(&process).is_empty());
}
