//! Webhooks leave: signed as each provider signs them, one attempt at a time.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use base64::Engine as _;
use domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::shell::WorldSecrets;
use crate::world::{Outgoing, Provider, shop_time};

/// What goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The whole address.
    pub url: String,
    /// Names and values, signature included.
    pub headers: Vec<(&'static str, String)>,
    /// The bytes that were signed.
    pub body: Vec<u8>,
}

/// One attempt at a delivery. No repetition: the world itself decides when to try again.
pub trait Deliver: Send + Sync + fmt::Debug {
    /// Posts `delivery` and returns the status of the answer, or what went wrong. Gives up after 5 s by itself.
    fn post<'a>(&'a self, delivery: Delivery) -> Pin<Box<dyn Future<Output = Result<u16, String>> + Send + 'a>>;
}

/// Builds and signs the delivery of `outgoing` to `base`. `real_now` is the moment of signing: receivers compare it
/// with their own clock, not with the world's.
#[must_use]
pub fn delivery(outgoing: &Outgoing, base: &str, secrets: &WorldSecrets, shop: &str, real_now: Timestamp) -> Delivery {
    let url = format!("{}/webhooks/{}", base.trim_end_matches('/'), outgoing.provider.name());
    let mut headers = vec![("content-type", "application/json".to_owned()), ("x-holly-rehearsal", "1".to_owned())];
    let body = match outgoing.provider {
        Provider::Shopify => {
            let body = outgoing.body.to_string().into_bytes();
            let signature = base64::engine::general_purpose::STANDARD.encode(sign(&secrets.shopify, &body));
            headers.extend([
                ("user-agent", "Shopify-Captain-Hook".to_owned()),
                ("x-shopify-topic", outgoing.topic.clone()),
                ("x-shopify-hmac-sha256", signature),
                ("x-shopify-shop-domain", shop.to_owned()),
                ("x-shopify-api-version", "2026-10".to_owned()),
                ("x-shopify-webhook-id", outgoing.webhook_id.clone()),
                ("x-shopify-event-id", outgoing.event_id.clone()),
                ("x-shopify-triggered-at", shop_time(outgoing.triggered_at)),
            ]);
            if outgoing.test {
                headers.push(("x-shopify-test", "true".to_owned()));
            }
            body
        }
        Provider::Stripe => {
            // Stripe sends its events indented, and signs them so.
            let body = serde_json::to_vec_pretty(&outgoing.body).unwrap_or_default();
            let at = real_now.timestamp();
            let signed = [format!("{at}.").as_bytes(), &body].concat();
            headers.push(("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)".to_owned()));
            headers.push(("stripe-signature", format!("t={at},v1={}", hex::encode(sign(&secrets.stripe, &signed)))));
            body
        }
        Provider::Printful => {
            let mut body = outgoing.body.clone();
            body["retries"] = outgoing.attempts.into();
            let body = body.to_string().into_bytes();
            headers.push(("x-pf-webhook-signature", hex::encode(sign(&secrets.printful, &body))));
            headers.push(("x-pf-webhook-public-key", "rehearsal".to_owned()));
            body
        }
    };
    Delivery { url, headers, body }
}

fn sign(secret: &str, message: &[u8]) -> Vec<u8> {
    // A key of any length is accepted; the error cannot occur.
    Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}
