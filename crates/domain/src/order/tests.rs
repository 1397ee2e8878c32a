use crate::ids::OrderKey;
use crate::order::{Fulfilment, NotPrintable, Order, OrderFacts, Origin, Payment, merge, printable};
use crate::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::subsequence;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn facts(origin: Origin, seconds: i64) -> OrderFacts {
    let mut facts = OrderFacts::new(origin, OrderKey::shopify("5830137741322").unwrap());
    facts.at = Some(at(seconds));
    facts
}

fn body(seconds: i64, total: i64, payment: Payment) -> OrderFacts {
    OrderFacts {
        currency: Some("USD".into()),
        total_minor: Some(total),
        payment: Some(payment),
        item_count: Some(2),
        order_name: Some("#1042".into()),
        ..facts(Origin::Shopify, seconds)
    }
}

fn refund(id: &str, amount: i64, seconds: i64) -> OrderFacts {
    OrderFacts { refunds: [(id.to_owned(), amount)].into(), ..facts(Origin::Shopify, seconds) }
}

fn fold(history: &[OrderFacts]) -> Order {
    let mut held: Option<Order> = None;
    for (n, facts) in history.iter().enumerate() {
        held = Some(merge(held.as_ref(), facts, at(10_000 + n as i64)).order);
    }
    held.unwrap()
}

/// The end state without what counts the steps.
fn end(history: &[OrderFacts]) -> Order {
    let order = fold(history);
    Order { version: 0, created_at: at(0), updated_at: at(0), ..order }
}

#[test]
fn only_the_shop_raises_a_payment_but_anyone_stops_a_print() {
    let mut stripe = facts(Origin::Stripe, 1);
    stripe.payment = Some(Payment::Paid);
    stripe.refunded_minor = Some(100);
    stripe.currency = Some("USD".into());
    let order = fold(&[stripe.clone()]);
    assert_eq!((order.payment, printable(&order)), (Payment::None, Err(NotPrintable::NotPaid)));
    let order = fold(&[body(0, 100, Payment::Paid), stripe]);
    assert_eq!((order.payment, printable(&order)), (Payment::Refunded, Err(NotPrintable::Refunded)));
    let mut cancel = facts(Origin::Printful, 1);
    cancel.cancelled = Some(true);
    assert_eq!(printable(&fold(&[body(0, 100, Payment::Paid), cancel])), Err(NotPrintable::Cancelled));
}

#[test]
fn a_print_or_a_shipment_raises_no_version() {
    let first = merge(None, &body(0, 100, Payment::Paid), at(0)).order;
    let mut shipped = facts(Origin::Printful, 5);
    shipped.fulfilment = Some(Fulfilment::Shipped);
    shipped.print_order_id = Some("7".into());
    shipped.tracking_url = Some("https://example.invalid".into());
    let next = merge(Some(&first), &shipped, at(5));
    assert!(next.changed && !next.version_raised);
    let next = merge(Some(&next.order), &refund("r1", 40, 6), at(6));
    assert!(next.version_raised && next.order.version == first.version + 1);
    assert_eq!(next.order.payment, Payment::PartlyRefunded);
}

#[test]
fn a_late_statement_of_the_shop_is_not_made_stale_by_another_provider() {
    let mut stripe = facts(Origin::Stripe, 20);
    stripe.payment_fee_minor = Some(3);
    let order = fold(&[body(10, 100, Payment::Paid), stripe, body(15, 120, Payment::Paid)]);
    assert_eq!((order.total_minor, order.last_event_at), (Some(120), Some(at(20))));
}

fn history() -> impl Strategy<Value = Vec<OrderFacts>> {
    // Edits first (total may move), then a fixed total with refunds, prints and marks from everybody.
    (1_i64..500, prop::collection::vec(1_i64..200, 0..4), any::<[bool; 4]>(), 0_i64..4).prop_map(
        |(total, refunds, flags, cut)| {
            let mut all = vec![
                body(0, total + cut, Payment::Pending),
                body(10, total, Payment::Authorised),
                body(20, total, Payment::Paid),
            ];
            let mut sum = 0;
            for (n, amount) in refunds.iter().enumerate() {
                sum += amount;
                let moment = 30 + n as i64;
                all.push(refund(&format!("r{n}"), *amount, moment));
                all.push(OrderFacts {
                    refunded_minor: Some(sum),
                    currency: Some("USD".into()),
                    ..facts(Origin::Stripe, moment + 100)
                });
            }
            for (n, status) in
                [Fulfilment::Submitted, Fulfilment::Shipped, Fulfilment::Delivered].into_iter().enumerate()
            {
                all.push(OrderFacts {
                    fulfilment: Some(status),
                    print_order_id: Some(format!("{}", 7 + n)),
                    ..facts(Origin::Printful, 40 + n as i64)
                });
            }
            if flags[0] {
                all.push(OrderFacts { cancelled: Some(true), ..facts(Origin::Shopify, 50) });
            }
            if flags[1] {
                all.push(OrderFacts { is_test: Some(true), ..facts(Origin::Shopify, 51) });
            }
            if flags[2] {
                all.push(OrderFacts { print_cancelled: Some(true), ..facts(Origin::Printful, 52) });
            }
            if flags[3] {
                all.push(OrderFacts { cancelled: Some(false), is_test: Some(false), ..facts(Origin::Shopify, 53) });
            }
            all
        },
    )
}

fn delivered() -> impl Strategy<Value = (Vec<OrderFacts>, Vec<OrderFacts>)> {
    history().prop_flat_map(|all| {
        let count = all.len();
        (Just(all.clone()), subsequence((0..count).collect::<Vec<_>>(), 0..=count)).prop_flat_map(|(all, twice)| {
            let mut sent = all.clone();
            sent.extend(twice.into_iter().map(|n| all[n].clone()));
            (Just(all), Just(sent).prop_shuffle())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn shuffled_and_doubled_news_ends_in_the_same_state((history, sent) in delivered()) {
        prop_assert_eq!(end(&history), end(&sent));
    }

    #[test]
    fn what_only_rises_never_falls_and_a_repetition_changes_nothing((_, sent) in delivered()) {
        let mut held: Option<Order> = None;
        for facts in &sent {
            let next = merge(held.as_ref(), facts, at(10_000)).order;
            if let Some(before) = &held {
                prop_assert!(next.payment >= before.payment && next.fulfilment >= before.fulfilment);
                prop_assert!(next.refunded_minor >= before.refunded_minor && next.version >= before.version);
                prop_assert!(next.cancelled >= before.cancelled && next.is_test >= before.is_test);
            }
            let again = merge(Some(&next), facts, at(20_000));
            prop_assert!(!again.changed && !again.version_raised, "{:?}\n{:?}", next, again.order);
            held = Some(next);
        }
    }
}
