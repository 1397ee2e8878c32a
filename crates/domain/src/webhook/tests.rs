use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha2::Sha256;

use super::*;
use crate::order::{Payment, printable};

const SECRET: &str = "not-a-real-secret";

fn now() -> Timestamp {
    chrono::DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn mac(message: &[u8]) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(message).finalize().into_bytes().to_vec()
}

fn signed(provider: Provider, body: &[u8]) -> DeliveryHeaders {
    let at = now().timestamp();
    match provider {
        Provider::Shopify => DeliveryHeaders::new([(
            "X-Shopify-Hmac-Sha256",
            base64::engine::general_purpose::STANDARD.encode(mac(body)),
        )]),
        Provider::Stripe => {
            let message = [format!("{at}.").as_bytes(), body].concat();
            DeliveryHeaders::new([("Stripe-Signature", format!("t={at},v1={}", hex::encode(mac(&message))))])
        }
        Provider::Printful => DeliveryHeaders::new([("X-Pf-Webhook-Signature", hex::encode(mac(body)))]),
    }
}

const ALL: [Provider; 3] = [Provider::Shopify, Provider::Stripe, Provider::Printful];

fn shopify(topic: &str, body: &Value) -> ParsedDelivery {
    let headers = DeliveryHeaders::new([("x-shopify-topic", topic), ("x-shopify-event-id", "e1")]);
    parse(Provider::Shopify, &headers, None, body.to_string().as_bytes(), &ParseContext::default()).unwrap()
}

fn paid_order() -> Value {
    json!({
        "id": 5_830_137_741_322_u64, "name": "#1042", "financial_status": "paid", "currency": "USD", "total_price": "39.00",
        "updated_at": "2026-11-01T10:00:00Z", "test": false, "cancelled_at": null, "email": "someone@example.com",
        "shipping_address": {"name": "A Person", "address1": "1 Road"}, "note": "call me",
        "line_items": [{"id": 1, "variant_id": 42, "quantity": 2, "title": "Mug", "price": "19.50"}],
    })
}

#[test]
fn a_paid_order_becomes_a_run_and_a_printable_row() {
    let delivery = shopify("orders/paid", &paid_order());
    assert_eq!(delivery.event_id, "orders/paid:e1");
    let facts = delivery.facts.unwrap();
    let order = crate::order::merge(None, &facts, now()).order;
    assert_eq!((order.payment, order.total_minor, order.item_count), (Payment::Paid, Some(3900), Some(2)));
    assert_eq!(printable(&order), Ok(()));
    let Action::Run(seed) = delivery.action else { panic!("no run") };
    assert_eq!((seed.serial_key.as_str(), seed.task), ("order:5830137741322", "order_check"));
    assert_eq!(seed.name(None), "Order #1042 paid");
    let (state, metadata) = seed.input(WebhookEventId(17));
    assert_eq!(state["trigger_payload"]["webhook_event_id"], 17);
    assert_eq!(state["trigger_payload"]["summary"]["shopify_order_id"], "5830137741322");
    assert_eq!(metadata["trigger_source"], "webhook:shopify");
}

#[test]
fn customer_data_is_not_kept() {
    let delivery = shopify("orders/create", &paid_order());
    let kept = format!("{:?}", delivery);
    for private in ["someone", "A Person", "1 Road", "call me"] {
        assert!(!kept.contains(private), "{private} was kept");
    }
}

#[test]
fn two_topics_of_one_event_both_count() {
    assert_ne!(shopify("orders/create", &paid_order()).event_id, shopify("orders/paid", &paid_order()).event_id);
}

#[test]
fn another_shop_is_refused() {
    let headers = DeliveryHeaders::new([("x-shopify-shop-domain", "other.myshopify.com")]);
    let context = ParseContext { shop_domain: Some("ours.myshopify.com".into()), ..ParseContext::default() };
    assert_eq!(parse(Provider::Shopify, &headers, None, b"{}", &context), Err(OtherShop));
}

#[test]
fn what_cannot_be_read_is_kept_and_ignored() {
    for provider in ALL {
        let delivery =
            parse(provider, &DeliveryHeaders::default(), Some("orders/paid"), b"not json", &ParseContext::default());
        assert!(matches!(delivery.unwrap().action, Action::Ignore { .. }));
    }
}

#[test]
fn a_retried_printful_event_keeps_its_id() {
    let body = |retries: u32| json!({"type": "order_updated", "occurred_at": "2026-11-01T10:00:00Z", "store_id": 1, "retries": retries, "data": {"order": {"id": 7, "external_id": "42", "status": "inprocess"}}});
    let id = |retries| {
        let text = body(retries).to_string();
        parse(Provider::Printful, &DeliveryHeaders::default(), None, text.as_bytes(), &ParseContext::default())
            .unwrap()
            .event_id
    };
    assert_eq!(id(0), id(3));
}

#[test]
fn a_shipment_starts_a_run_named_after_its_order() {
    let body = json!({"type": "shipment_sent", "occurred_at": "2026-11-01T10:00:00Z", "data": {
        "order": {"id": 7, "external_id": "42", "status": "fulfilled"}, "shipment": {"carrier": "UPS", "tracking_url": "https://tracking.example/1"}}});
    let delivery = parse(
        Provider::Printful,
        &DeliveryHeaders::default(),
        None,
        body.to_string().as_bytes(),
        &ParseContext::default(),
    )
    .unwrap();
    let Action::Run(seed) = delivery.action else { panic!("no run") };
    assert_eq!(seed.name(Some("#1042")), "Order #1042 shipped");
    assert_eq!(delivery.facts.unwrap().tracking_url.as_deref(), Some("https://tracking.example/1"));
}

#[test]
fn coalesced_events_start_the_run_that_the_newest_would_have_started() {
    let delivery = shopify("products/update", &json!({"id": 7, "title": "Mug"}));
    let Action::Coalesce(seed) = &delivery.action else { panic!("not coalesced") };
    let later = RunSeed::coalesced(Provider::Shopify, &delivery.event_type, &delivery.payload);
    assert_eq!(later.as_ref(), Some(seed));
}

#[test]
fn an_old_stripe_signature_is_refused_although_it_matches() {
    let headers = signed(Provider::Stripe, b"{}");
    let later = now() + chrono::TimeDelta::seconds(301);
    assert_eq!(verify(Provider::Stripe, &[SECRET], &headers, b"{}", later), Err(SignatureError::Stale));
}

#[test]
fn without_a_secret_nothing_holds() {
    for provider in ALL {
        assert_eq!(verify(provider, &[], &signed(provider, b"{}"), b"{}", now()), Err(SignatureError::NoSecret));
    }
}

proptest! {
    #[test]
    fn a_signed_body_holds_under_either_secret_and_one_flipped_bit_does_not(body in prop::collection::vec(any::<u8>(), 1..200), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        for provider in ALL {
            let headers = signed(provider, &body);
            prop_assert_eq!(verify(provider, &["new-one", SECRET], &headers, &body, now()), Ok(()));
            let mut other = body.clone();
            other[at.index(body.len())] ^= 1 << bit;
            prop_assert_eq!(verify(provider, &[SECRET], &headers, &other, now()), Err(SignatureError::Mismatch));
        }
    }

    #[test]
    fn any_bytes_and_headers_are_answered(body in prop::collection::vec(any::<u8>(), 0..300), header in ".{0,80}", topic in "(orders/paid|refunds/create|products/update|.{0,12})") {
        for provider in ALL {
            let headers = DeliveryHeaders::new([("x-shopify-topic", topic.as_str()), ("stripe-signature", header.as_str()), ("x-pf-webhook-signature", header.as_str()), ("x-shopify-hmac-sha256", header.as_str())]);
            prop_assert!(verify(provider, &[SECRET], &headers, &body, now()).is_err());
            let _ = parse(provider, &headers, None, &body, &ParseContext::default());
        }
    }

    #[test]
    fn any_json_of_the_right_names_is_answered(id in any::<u64>(), price in ".{0,12}", status in ".{0,10}", lines in any::<i64>()) {
        let body = json!({"id": id, "order_id": id, "type": "shipment_sent", "total_price": price, "financial_status": status, "currency": status,
            "line_items": [{"quantity": lines}, {"quantity": lines}, 3], "data": {"object": {"amount": lines, "metadata": {"shopify_order_id": price}}, "order": {"external_id": price}},
            "transactions": [{"kind": "refund", "status": "success", "amount": price, "currency": "USD"}]});
        for provider in ALL {
            for topic in ["orders/paid", "refunds/create"] {
                let headers = DeliveryHeaders::new([("x-shopify-topic", topic)]);
                let _ = parse(provider, &headers, None, body.to_string().as_bytes(), &ParseContext::default());
            }
        }
    }
}
