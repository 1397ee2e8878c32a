//! The state machine over simulated time.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use holly_rehearsal::world::{ItemRequest, OrderKind, PrintRefused, Settings, State};
use serde_json::json;
use store::world_file::WorldRow;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn settings(seed: u64, pace: f64) -> Settings {
    Settings { seed, pace, speed: 1.0, shop_domain: "rehearsal.myshopify.com".to_owned() }
}

fn opened(seed: u64, pace: f64) -> State {
    let mut state = State::new(&settings(seed, pace), start());
    state.open(&settings(seed, pace), start());
    state
}

fn after(hours: i64) -> DateTime<Utc> {
    start() + TimeDelta::hours(hours)
}

#[test]
fn the_same_seed_gives_the_same_week() {
    let week = |seed, steps: i64| {
        let mut state = opened(seed, 12.0);
        for step in 1..=steps {
            state.step(start() + TimeDelta::hours(168) * i32::try_from(step).unwrap() / i32::try_from(steps).unwrap());
        }
        state.books(after(168))
    };
    // However often one looks.
    assert_eq!(week(7, 1), week(7, 40));
    assert_ne!(week(7, 1), week(8, 1));
}

#[test]
fn a_hundred_orders_hold_the_promised_kinds() {
    let mut state = opened(3, 0.0);
    for _ in 0..100 {
        state.arrive(start(), None);
    }
    let mut kinds: BTreeMap<OrderKind, usize> = BTreeMap::new();
    for order in state.orders.values() {
        *kinds.entry(order.kind).or_default() += 1;
    }
    let expected = [
        (OrderKind::Paid, 80),
        (OrderKind::Unpaid, 10),
        (OrderKind::Cancelled, 4),
        (OrderKind::Refunded, 3),
        (OrderKind::PartlyRefunded, 2),
        (OrderKind::Test, 1),
    ];
    assert_eq!(kinds, expected.into_iter().collect());
    assert!(state.orders.values().all(|order| order.test == (order.kind == OrderKind::Test)));
}

#[test]
fn the_first_order_after_each_start_is_paid_and_printable() {
    for seed in 0..30 {
        let mut state = opened(seed, 1.0);
        state.step(start() + TimeDelta::seconds(10));
        let first = state.orders.values().next().expect("it comes after ten seconds");
        assert_eq!((first.financial_status(), first.test), ("paid", false), "seed {seed}");
        assert!(first.lines.iter().all(|line| line.printable), "seed {seed}");
    }
}

#[test]
fn order_ids_have_thirteen_digits_and_rise() {
    let mut state = opened(5, 0.0);
    let ids: Vec<u64> = (0..50).map(|_| state.arrive(start(), None)).collect();
    assert!(ids.is_sorted());
    assert!(ids.iter().all(|id| id.to_string().len() == 13));
}

#[test]
fn nothing_arrives_by_itself_at_pace_zero() {
    let mut state = opened(1, 0.0);
    state.step(after(1_000));
    assert!(state.orders.is_empty());
}

#[test]
fn one_product_in_four_is_not_printed() {
    let state = opened(1, 0.0);
    let other = state.products.values().filter(|row| row.variants.iter().all(|variant| variant.printable.is_none()));
    assert_eq!((other.count(), state.products.len(), state.customers.len()), (3, 12, 40));
}

#[test]
fn what_is_read_back_from_the_rows_goes_on_in_the_same_way() {
    let mut whole = opened(11, 20.0);
    whole.step(after(30));
    let changes = whole.changes();
    assert!(changes.puts.iter().all(|row: &WorldRow| !row.id.is_empty()));
    let mut restored = State::restore(changes.puts).unwrap().unwrap();
    assert_eq!(restored.books(after(30)), whole.books(after(30)));
    whole.step(after(90));
    restored.step(after(90));
    assert_eq!(restored.books(after(90)), whole.books(after(90)));
}

#[test]
fn a_print_runs_from_draft_to_delivered() {
    let mut state = opened(2, 0.0);
    let order = state.arrive(start(), Some(OrderKind::Paid));
    let external = order.to_string();
    let sync = state.products.values().find_map(|row| row.variants[0].printable.clone()).unwrap().sync_variant_id;
    let item = ItemRequest { external_id: None, sync_variant_id: sync, quantity: 2, retail_price: None };
    let items = [item];
    let print = state.create_print(start(), &external, &items, json!({}), json!({})).unwrap();
    assert_eq!(print.status, "draft");
    assert!(matches!(
        state.create_print(start(), &external, &items, json!({}), json!({})),
        Err(PrintRefused::Taken(_))
    ));
    let id = print.id.to_string();
    assert_eq!(state.confirm_print(start(), &id).err(), Some(PrintRefused::Calculating));
    let later = start() + TimeDelta::seconds(1);
    assert_eq!(state.confirm_print(later, &id).unwrap().status, "pending");
    assert!(matches!(state.confirm_print(later, &id), Err(PrintRefused::Status(_))));

    let status = |state: &State| state.prints.get(&id).unwrap().status.clone();
    state.step(after(3));
    assert_eq!(status(&state), "inprocess");
    assert!(matches!(state.cancel_print(after(3), &id), Err(PrintRefused::Status(_))));
    state.step(after(40));
    assert_eq!(status(&state), "fulfilled");
    state.step(after(24 * 7));
    let print = state.prints.get(&id).unwrap();
    assert!(print.shipments.iter().all(|parcel| parcel.delivered_at.is_some() || parcel.returned));
    assert_eq!((print.arrivals, print.create_requests, print.confirm_requests), (1, 2, 3));
    assert_ne!(state.orders.get(&external).unwrap().fulfillment_status(), None);
}

#[test]
fn money_given_back_never_exceeds_money_taken() {
    let mut state = opened(21, 30.0);
    state.step(after(24 * 4));
    assert!(state.orders.len() > 2_000);
    for order in state.orders.values() {
        assert!(order.refunded() <= order.total());
        assert_eq!(order.charge_id.is_some(), order.paid_at.is_some() && !order.test);
    }
    for payment in state.payments.values() {
        assert!(payment.amount_refunded <= payment.amount);
    }
}

#[test]
fn what_nobody_acknowledged_comes_again_later_with_the_same_id() {
    let mut state = opened(4, 0.0);
    state.arrive(start(), Some(OrderKind::Paid));
    let (id, first) = state.ready(start()).remove(0);
    state.attempted(&id, false, start());
    assert!(state.ready(start()).iter().all(|(other, _)| *other != id));
    let later = start() + TimeDelta::minutes(2);
    let again = state.ready(later).into_iter().find(|(other, _)| *other == id).unwrap().1;
    assert_eq!((&again.event_id, &again.webhook_id, again.attempts), (&first.event_id, &first.webhook_id, 1));
    state.attempted(&id, true, later);
    assert_eq!(state.meta().webhooks_acknowledged, 1);
}
