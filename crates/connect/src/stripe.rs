//! The payments: Stripe's API, form-encoded.

mod catalogue;

use std::fmt;

use domain::time::Timestamp;
use gateway::Permit;
use net::{Certainty, HeaderName, Idempotency, NetError, Request, SecretString, Upstream, encode_segment};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::ConnectError;
use crate::form;

pub use catalogue::{NewProduct, PaymentLink, Price, StripeProduct};

const SERVICE: &str = "stripe";
/// The version of the API that the requests and the fields read here belong to.
pub const VERSION: &str = "2026-08-26.dahlia";
/// The header by which Stripe itself says whether a repetition makes sense; goes into the retry policy.
pub const VERDICT_HEADER: &str = "stripe-should-retry";
const VERSION_HEADER: HeaderName = HeaderName::from_static("stripe-version");
const KEY_HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// A sum over more pages than this is refused rather than cut.
const MAX_PAGES: usize = 100;

/// The retry policy for this upstream: the standard one, a conflict of the same key in flight, and Stripe's own verdict.
pub const RETRY: net::RetryPolicy =
    net::RetryPolicy { also_retry: &[409], verdict_header: Some(VERDICT_HEADER), ..net::RetryPolicy::STANDARD };

/// One charge.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Charge {
    /// Its id.
    pub id: String,
    /// Minor units.
    pub amount: i64,
    /// Of these, given back.
    #[serde(default)]
    pub amount_refunded: i64,
    /// Lower case.
    pub currency: String,
    /// `succeeded`, `pending` or `failed`.
    pub status: String,
    /// Whether the money was taken.
    #[serde(default)]
    pub paid: bool,
    /// What we or the shop noted on it.
    #[serde(default)]
    pub metadata: std::collections::BTreeMap<String, String>,
}

/// One refund.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refund {
    /// Its id.
    pub id: String,
    /// Minor units.
    pub amount: i64,
    /// Lower case.
    pub currency: String,
    /// `succeeded`, `pending`, `failed`, ...
    pub status: Option<String>,
    /// What we noted on it.
    #[serde(default)]
    pub metadata: std::collections::BTreeMap<String, String>,
}

/// What to give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund<'a> {
    /// Of which charge.
    pub charge: &'a str,
    /// How much, minor units.
    pub amount: i64,
    /// `duplicate`, `fraudulent` or `requested_by_customer`.
    pub reason: Option<&'a str>,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Value>,
    has_more: bool,
}

/// The client.
#[derive(Clone)]
pub struct Stripe {
    upstream: Upstream,
    key: SecretString,
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stripe").field(&self.upstream).finish()
    }
}

impl Stripe {
    /// A client with one account's key.
    #[must_use]
    pub fn new(upstream: Upstream, key: SecretString) -> Self {
        Self { upstream, key }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.upstream.clock().now()
    }

    /// One charge; none when there is no such id.
    ///
    /// # Errors
    /// When Stripe cannot be asked.
    pub async fn charge(&self, id: &str) -> Result<Option<Charge>, ConnectError> {
        self.object("charge", format!("/v1/charges/{}", encode_segment(id))).await?.map(parse).transpose()
    }

    /// All charges made from `from` on and before `to`.
    ///
    /// # Errors
    /// When Stripe cannot be asked, or there are more than can be read: a cut sum would be a wrong sum.
    pub async fn charges(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Charge>, ConnectError> {
        let query = [("created[gte]", from.timestamp().to_string()), ("created[lt]", to.timestamp().to_string())];
        let charges = self.list("charges", "/v1/charges", &query, 100).await?;
        charges.into_iter().map(parse).collect()
    }

    /// The products on sale: id, name, description.
    ///
    /// # Errors
    /// When Stripe cannot be asked.
    pub async fn products(&self) -> Result<Vec<Value>, ConnectError> {
        self.list("products", "/v1/products", &[("active", "true".to_owned())], 20).await
    }

    /// Whether Stripe answers this key: asks for one product and looks at nothing.
    ///
    /// # Errors
    /// When Stripe cannot be asked.
    pub async fn ping(&self) -> Result<(), ConnectError> {
        parse::<Page>(self.call("ping", Request::get("/v1/products").query("limit", 1)).await?).map(drop)
    }

    /// The refunds of a charge.
    ///
    /// # Errors
    /// When Stripe cannot be asked.
    pub async fn refunds(&self, charge: &str) -> Result<Vec<Refund>, ConnectError> {
        let refunds = self.list("refunds", "/v1/refunds", &[("charge", charge.to_owned())], 100).await?;
        refunds.into_iter().map(parse).collect()
    }

    /// Gives money back.
    ///
    /// # Errors
    /// When it was refused, or nothing clear came back.
    pub async fn refund(&self, permit: Permit, refund: &NewRefund<'_>) -> Result<Refund, ConnectError> {
        let key = permit.provider_key();
        let body = form::encode(&json!({
            "charge": refund.charge,
            "amount": refund.amount,
            "reason": refund.reason,
            "metadata": {"holly_key": key},
        }));
        parse(self.change("refund", "/v1/refunds", &format!("refund_{key}"), body).await?)
    }

    /// Posts a change under an idempotency key.
    async fn change(&self, op: &'static str, path: &str, key: &str, body: String) -> Result<Value, ConnectError> {
        let request = Request::post(path, Idempotency::Keyed)
            .header(KEY_HEADER, key)
            .body("application/x-www-form-urlencoded", body);
        self.call(op, request).await
    }

    /// One object; none when there is no such id.
    async fn object(&self, op: &'static str, path: String) -> Result<Option<Value>, ConnectError> {
        match self.call(op, Request::get(path)).await {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn list(
        &self,
        op: &'static str,
        path: &str,
        query: &[(&str, String)],
        limit: u32,
    ) -> Result<Vec<Value>, ConnectError> {
        let mut items: Vec<Value> = Vec::new();
        for _ in 0..MAX_PAGES {
            let mut request = Request::get(path).query("limit", limit);
            for (name, value) in query {
                request = request.query(*name, value);
            }
            if let Some(last) = items.last() {
                let last = last["id"].as_str().ok_or_else(|| shape("an item without an id"))?;
                request = request.query("starting_after", last);
            }
            let page: Page = parse(self.call(op, request).await?)?;
            let more = page.has_more && !page.data.is_empty();
            items.extend(page.data);
            if !more {
                return Ok(items);
            }
        }
        Err(shape("a list that does not end"))
    }

    async fn call(&self, op: &'static str, request: Request) -> Result<Value, ConnectError> {
        let request = request.bearer(&self.key).header(VERSION_HEADER, VERSION);
        let reply = self.upstream.send(op, request).await.map_err(refusal)?;
        reply.json().map_err(|_| shape("no JSON"))
    }
}

fn parse<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, ConnectError> {
    serde_json::from_value(value).map_err(|error| shape(&error.to_string()))
}

fn refusal(error: NetError) -> ConnectError {
    let mut told = ConnectError::explain(error, SERVICE, |reply| {
        let body: Value = reply.json().unwrap_or_default();
        let error = &body["error"];
        let code = error["code"].as_str().or_else(|| error["type"].as_str()).unwrap_or("error");
        (code.to_owned(), error["message"].as_str().unwrap_or_default().to_owned())
    });
    // A conflict is with a request of the same key that is still under way: nobody knows how that one ends.
    if let ConnectError::Api { status: 409, certainty, .. } = &mut told {
        *certainty = Certainty::Unclear;
    }
    told
}

fn shape(what: &str) -> ConnectError {
    ConnectError::Shape { service: SERVICE, what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::any_json::{any_json, any_refusal};

    proptest! {
        #[test]
        fn any_error_body_becomes_a_short_error(error in any_refusal()) {
            let told = refusal(error);
            prop_assert!(told.status().is_some());
            prop_assert!(told.to_string().len() < 2_000, "{told}");
        }

        #[test]
        fn no_answer_makes_a_reader_panic(answer in any_json()) {
            let _ = (parse::<Charge>(answer.clone()), parse::<Refund>(answer.clone()), parse::<Page>(answer.clone()));
            let _ = (parse::<Price>(answer.clone()), parse::<PaymentLink>(answer.clone()), parse::<StripeProduct>(answer));
        }
    }
}
