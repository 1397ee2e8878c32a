//! The decisions about a print, as tables.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::ids::OrderKey;
use domain::money::Money;
use domain::order::{Order, Payment};
use domain::time::Timestamp;
use domain::tool::Risk;
use serde_json::json;

use super::*;
use crate::printful::{StoreKind, SyncVariant};
use crate::shopify::ShopLine;

fn now() -> Timestamp {
    chrono::DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn line(variant: &str, unfulfilled: i64) -> ShopLine {
    ShopLine {
        id: format!("gid://shopify/LineItem/9{variant}"),
        title: format!("Shirt {variant}"),
        sku: None,
        quantity: 3,
        unfulfilled,
        requires_shipping: true,
        unit_price: Some(Money::new("USD", 1950)),
        variant_id: Some(variant.to_owned()),
    }
}

fn order(lines: Vec<ShopLine>) -> ShopOrder {
    ShopOrder {
        id: "1".to_owned(),
        name: "#1".to_owned(),
        created_at: None,
        updated_at: None,
        cancelled_at: None,
        test: false,
        financial_status: None,
        fulfillment_status: None,
        total: None,
        refunded: None,
        shipping: None,
        lines,
        has_lines: true,
        recipient: None,
    }
}

fn variant(id: &str) -> SyncVariant {
    SyncVariant {
        id: id.to_owned(),
        catalog_variant_id: format!("4{id}"),
        synced: true,
        is_ignored: false,
        availability: Some("active".to_owned()),
    }
}

fn known(entries: &[(&str, Option<SyncVariant>)]) -> BTreeMap<String, Option<SyncVariant>> {
    entries.iter().map(|(id, variant)| ((*id).to_owned(), variant.clone())).collect()
}

fn row(total: i64, refunded: i64) -> Order {
    let mut row = Order::new(OrderKey::shopify("1").unwrap(), now());
    (row.currency, row.total_minor, row.refunded_minor) = (Some("USD".to_owned()), Some(total), refunded);
    row.payment = Payment::Paid;
    row
}

fn recipient(members: serde_json::Value) -> Recipient {
    Recipient::from_private(&members)
}

fn whole() -> Recipient {
    recipient(json!({"name": "A", "address1": "1 St", "city": "Leeds", "country_code": "GB", "zip": "LS1"}))
}

#[test]
fn only_open_lines_that_the_printer_makes_are_printed() {
    let digital = ShopLine { requires_shipping: false, ..line("4", 1) };
    let order = order(vec![line("2", 2), line("1", 1), line("3", 1), line("5", 0), digital]);
    let mapped =
        map_lines(&order, &known(&[("1", Some(variant("11"))), ("2", Some(variant("7"))), ("3", None)])).unwrap();
    assert_eq!(
        call_items(&mapped.items),
        json!([{"sync_variant_id": 7, "quantity": 2}, {"sync_variant_id": 11, "quantity": 1}])
    );
    assert_eq!(mapped.not_printed.len(), 1);
}

#[test]
fn lines_that_are_ignored_or_not_set_up_leave_nothing_to_print() {
    let ignored = SyncVariant { is_ignored: true, ..variant("7") };
    let unset = SyncVariant { synced: false, ..variant("8") };
    let error =
        map_lines(&order(vec![line("1", 1), line("2", 1)]), &known(&[("1", Some(ignored)), ("2", Some(unset))]))
            .unwrap_err();
    assert_eq!(error.code, "nothing_to_print");
    assert_eq!(error.details["lines_not_printed"].as_array().unwrap().len(), 2);
}

#[test]
fn a_line_that_cannot_be_made_now_stops_the_print() {
    for availability in ["discontinued", "out_of_stock"] {
        let gone = SyncVariant { availability: Some(availability.to_owned()), ..variant("7") };
        let error = map_lines(&order(vec![line("1", 1)]), &known(&[("1", Some(gone))])).unwrap_err();
        assert_eq!(error.code, "not_available");
    }
}

#[test]
fn a_draft_must_hold_exactly_the_mapped_quantities() {
    let mapped = map_lines(&order(vec![line("1", 2), line("1", 1)]), &known(&[("1", Some(variant("7")))])).unwrap();
    let draft = |quantity| PrintOrder {
        id: "5".to_owned(),
        external_id: None,
        status: "draft".to_owned(),
        created: None,
        shipping: None,
        cost: None,
        items: vec![("47".to_owned(), quantity)],
    };
    assert!(draft_matches(&draft(3), &mapped.items).is_ok());
    assert_eq!(draft_matches(&draft(2), &mapped.items).unwrap_err().code, "draft_differs");
}

#[test]
fn a_young_order_is_left_to_the_import_of_a_connected_store() {
    let young = Some(now() - TimeDelta::minutes(14));
    let old = Some(now() - TimeDelta::minutes(15));
    assert_eq!(may_create(StoreKind::Integrated, young, now()).unwrap_err().code, "not_imported_yet");
    assert!(may_create(StoreKind::Integrated, None, now()).is_err());
    assert!(may_create(StoreKind::Integrated, old, now()).is_ok());
    assert!(may_create(StoreKind::Native, young, now()).is_ok());
}

#[test]
fn a_margin_is_never_computed_across_currencies() {
    assert_eq!(margin(&row(3900, 500), &Money::new("USD", 2440)), Some(960));
    assert_eq!(margin(&row(3900, 0), &Money::new("EUR", 1)), None);
    let fee = Order { payment_fee_minor: Some(143), ..row(3900, 0) };
    assert_eq!(margin(&fee, &Money::new("USD", 2440)), Some(1317));
}

#[test]
fn an_ordinary_print_is_medium_and_each_doubt_makes_it_high() {
    let cost = Money::new("USD", 2440);
    assert_eq!(risk(true, Some(100), &cost, 5000, &whole()), (Risk::Medium, vec![]));
    for (margin, cost, cap, address, flag) in [
        (None, cost.clone(), 5000, whole(), "margin:unknown"),
        (Some(-1), cost.clone(), 5000, whole(), "margin:negative"),
        (Some(1), cost.clone(), 2439, whole(), "cost:above_cap"),
        (Some(1), Money::new("EUR", 1), 5000, whole(), "cost:above_cap"),
        (Some(1), cost.clone(), 5000, recipient(json!({"city": "Leeds"})), "address:incomplete"),
    ] {
        assert_eq!(risk(true, margin, &cost, cap, &address), (Risk::High, vec![flag.to_owned()]));
        assert_eq!(risk(false, margin, &cost, cap, &address).0, Risk::Medium);
    }
}

#[test]
fn dearer_means_more_than_five_per_cent_and_more_than_one_unit() {
    let usd = |minor| Money::new("USD", minor);
    assert!(!dearer(&usd(1000), &usd(1100)), "one unit exactly");
    assert!(dearer(&usd(1000), &usd(1101)));
    assert!(!dearer(&usd(10_000), &usd(10_500)), "five per cent exactly");
    assert!(dearer(&usd(10_000), &usd(10_501)));
    assert!(!dearer(&usd(1000), &usd(1)));
    assert!(dearer(&usd(1000), &Money::new("EUR", 1)));
    assert!(dearer(&Money::new("JPY", 10), &Money::new("JPY", 12)));
}

#[test]
fn what_is_hidden_for_the_call_reads_back_and_shows_nothing() {
    let mapped = map_lines(&order(vec![line("1", 2)]), &known(&[("1", Some(variant("7")))])).unwrap();
    let draft = Draft {
        external_id: "1".to_owned(),
        recipient: whole(),
        items: mapped.items,
        retail_shipping: Some(Money::new("USD", 499)),
    };
    let private = Private(Some(hide(&draft, &[])));
    assert_eq!(reveal(&private, "1").unwrap().0, draft);
    assert!(!format!("{private:?} {draft:?}").contains("1 St"));
}
