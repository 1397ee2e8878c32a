//! The shop: Shopify's Admin API over GraphQL.

mod auth;
mod documents;
mod order;
mod points;
mod products;
mod reads;
mod throttle;
mod version;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::time::Timestamp;
use net::{Certainty, HeaderName, Idempotency, NetError, Reply, Request, Upstream};
use serde_json::{Value, json};

use crate::error::ConnectError;
use auth::Tokens;
use points::Points;

pub use auth::ShopifyAuth;
pub use order::{Recipient, ShopLine, ShopOrder, order_digits};
pub use products::{Product, ProductCopy};
pub use reads::Shop;
pub use throttle::{Taken, Throttle};
pub use version::{VersionAge, version_age};

const SERVICE: &str = "shopify";
const TOKEN: HeaderName = HeaderName::from_static("x-shopify-access-token");
const VERSION_HEADER: &str = "x-shopify-api-version";
/// Times that a throttled query is asked again.
const THROTTLED_RETRIES: u32 = 5;
/// Longest message of the shop that is passed on, characters.
const MAX_MESSAGE: usize = 200;

/// The client. Clones share token, cost bucket and what was noticed.
#[derive(Clone)]
pub struct Shopify {
    upstream: Upstream,
    tokens: Arc<Tokens>,
    version: Arc<str>,
    path: Arc<str>,
    throttle: Arc<Mutex<Throttle>>,
    fell_forward: Arc<Mutex<Option<String>>>,
}

impl fmt::Debug for Shopify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shopify").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Shopify {
    /// A client of one shop. `version` is that of the API, e.g. `2026-10`.
    #[must_use]
    pub fn new(upstream: Upstream, version: &str, auth: ShopifyAuth) -> Self {
        Self {
            tokens: Arc::new(Tokens::new(auth, upstream.clone())),
            upstream,
            version: version.into(),
            path: format!("/admin/api/{version}/graphql.json").into(),
            throttle: Arc::default(),
            fell_forward: Arc::default(),
        }
    }

    /// The clock of its upstream.
    pub(crate) fn now(&self) -> Timestamp {
        self.upstream.clock().now()
    }

    /// The version that answered instead of ours, when one did: ours is no longer supported.
    #[must_use]
    pub fn fell_forward(&self) -> Option<String> {
        self.noticed().clone()
    }

    /// Asks a question.
    async fn query(&self, op: &'static str, document: &'static str, variables: &Value) -> Result<Value, ConnectError> {
        self.run(op, document, variables, Idempotency::Safe).await
    }

    /// Makes a change and returns its root field. Values that the shop refuses are an error, although it answers 200.
    async fn mutate(
        &self,
        op: &'static str,
        document: &'static str,
        variables: &Value,
        root: &str,
    ) -> Result<Value, ConnectError> {
        changed(self.run(op, document, variables, Idempotency::Unsafe).await?, root)
    }

    /// Asks once the bucket allows it, again when it turned out too empty, and once more with a new token when the one
    /// at hand was refused. None of these was acted on, so that this holds for changes too.
    async fn run(
        &self,
        op: &'static str,
        document: &'static str,
        variables: &Value,
        idempotency: Idempotency,
    ) -> Result<Value, ConnectError> {
        let (mut throttled, mut renewed) = (0, false);
        loop {
            let token = self.tokens.get().await?;
            let clock = self.upstream.clock();
            let points = Points::take(&self.throttle, clock, op);
            if !points.wait().is_zero() {
                clock.sleep(points.wait()).await;
            }
            let request = Request::post(&*self.path, idempotency)
                .secret_header(TOKEN, &token)
                .json(&json!({"query": document, "variables": variables}));
            match self.ask(op, request, points, idempotency).await {
                Err(ConnectError::Api { code, .. }) if code == "THROTTLED" && throttled < THROTTLED_RETRIES => {
                    throttled += 1;
                    // Others of this shop's apps draw on the same bucket: what it told is a floor, not a promise.
                    clock.sleep(Duration::from_secs(1)).await;
                }
                Err(error) if error.status() == Some(401) && !renewed && self.tokens.refused(&token) => renewed = true,
                other => return other,
            }
        }
    }

    async fn ask(
        &self,
        op: &'static str,
        request: Request,
        points: Points<'_>,
        idempotency: Idempotency,
    ) -> Result<Value, ConnectError> {
        let reply = self.upstream.send(op, request).await;
        let answer = reply.as_ref().ok().and_then(|reply| reply.json::<Value>().ok());
        let cost = answer.as_ref().map_or(&Value::Null, |answer| &answer["extensions"]["cost"]);
        let throttled = answer.as_ref().is_some_and(|answer| is_throttled(&answer["errors"]));
        points.answered(cost, throttled);
        self.notice_version(&reply.map_err(refusal)?);
        data(answer.ok_or_else(|| shape("no JSON"))?, idempotency)
    }

    fn notice_version(&self, reply: &Reply) {
        let Some(answered) = reply.header(VERSION_HEADER).filter(|answered| *answered != &*self.version) else {
            return;
        };
        let mut noticed = self.noticed();
        if noticed.is_none() {
            tracing::warn!(
                asked = &*self.version,
                answered,
                "shopify fell forward to another API version; set SHOPIFY_API_VERSION to a supported one"
            );
            *noticed = Some(answered.chars().take(20).collect());
        }
    }

    fn noticed(&self) -> MutexGuard<'_, Option<String>> {
        self.fell_forward.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_throttled(errors: &Value) -> bool {
    errors.as_array().into_iter().flatten().any(|error| error["extensions"]["code"] == "THROTTLED")
}

/// What an answer with errors leaves known. Only a named reason says that the shop looked at the request and refused it;
/// an error of its own, or one without a code, may come at any moment of the work. Of a change whose root field holds
/// something, the error is about a part of an answer to work that was done.
fn certainty(errors: &Value, data: &Value, idempotency: Idempotency) -> Certainty {
    let named = |error: &Value| {
        let code = error["extensions"]["code"].as_str();
        code.is_some_and(|code| !matches!(code, "INTERNAL_SERVER_ERROR" | "TIMEOUT"))
    };
    let explained = errors.as_array().is_some_and(|errors| errors.iter().all(named));
    let done = idempotency != Idempotency::Safe
        && data.as_object().is_some_and(|roots| roots.values().any(|root| !root.is_null()));
    if is_throttled(errors) {
        Certainty::NotDone
    } else if explained && !done {
        Certainty::Refused
    } else {
        Certainty::Unclear
    }
}

/// The data of an answer. An error inside an answer of status 200 is an error, never "no results".
fn data(mut answer: Value, idempotency: Idempotency) -> Result<Value, ConnectError> {
    let first = match &answer["errors"] {
        Value::Null => None,
        Value::Array(errors) => errors.first(),
        other => Some(other),
    };
    if let Some(first) = first {
        let throttled = is_throttled(&answer["errors"]);
        let code = if throttled { "THROTTLED" } else { first["extensions"]["code"].as_str().unwrap_or("ERROR") };
        let message = first["message"].as_str().or_else(|| first.as_str()).unwrap_or_default();
        return Err(ConnectError::Api {
            service: SERVICE,
            status: 200,
            code: code.to_owned(),
            message: message.chars().take(MAX_MESSAGE).collect(),
            certainty: certainty(&answer["errors"], &answer["data"], idempotency),
            retry_after_s: None,
        });
    }
    match answer.get_mut("data").map(Value::take) {
        None | Some(Value::Null) => Err(shape("neither data nor errors")),
        Some(data) => Ok(data),
    }
}

/// The root field of a change that was accepted.
fn changed(mut data: Value, root: &str) -> Result<Value, ConnectError> {
    let answer = data.get_mut(root).map(Value::take).unwrap_or_default();
    let problems = answer["userErrors"].as_array().ok_or_else(|| shape("a change without userErrors"))?;
    match problems.first() {
        None => Ok(answer),
        Some(problem) => Err(invalid(problem)),
    }
}

fn invalid(problem: &Value) -> ConnectError {
    let part = |part: &Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
    let field = match &problem["field"] {
        Value::Array(parts) if !parts.is_empty() => Some(parts.iter().map(part).collect::<Vec<_>>().join(".")),
        Value::String(name) => Some(name.clone()),
        _ => None,
    };
    let message = problem["message"].as_str().unwrap_or("no reason given");
    ConnectError::Invalid {
        service: SERVICE,
        field: field.map(|field| field.chars().take(MAX_MESSAGE).collect()),
        message: message.chars().take(MAX_MESSAGE).collect(),
    }
}

/// The nodes of one page.
fn nodes(page: &Value) -> Result<impl Iterator<Item = &Value>, ConnectError> {
    let edges = page["edges"].as_array().ok_or_else(|| shape("a list without edges"))?;
    Ok(edges.iter().map(|edge| &edge["node"]))
}

fn refusal(error: NetError) -> ConnectError {
    ConnectError::explain(error, SERVICE, |reply| {
        let body: Value = reply.json().unwrap_or_default();
        let errors = if body["errors"].is_null() { &body["error_description"] } else { &body["errors"] };
        let message = errors.as_str().map_or_else(|| errors.to_string(), str::to_owned);
        (format!("http_{}", reply.status.as_u16()), message)
    })
}

fn shape(what: &str) -> ConnectError {
    ConnectError::Shape { service: SERVICE, what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::any_json::{any_json, any_refusal};

    #[test]
    fn an_answer_with_errors_holds_no_data() {
        for (errors, code) in [
            (json!([{"message": "m", "extensions": {"code": "ACCESS_DENIED"}}]), "ACCESS_DENIED"),
            (json!([{"message": "m"}, {"extensions": {"code": "THROTTLED"}}]), "THROTTLED"),
            (json!("Not Found"), "ERROR"),
        ] {
            let error = data(json!({"data": {"shop": {}}, "errors": errors}), Idempotency::Safe).unwrap_err();
            assert!(matches!(&error, ConnectError::Api { code: found, .. } if found == code), "{error:?}");
        }
        assert!(data(json!({"data": {"shop": {}}, "errors": []}), Idempotency::Safe).is_ok());
        assert!(data(json!({"data": null}), Idempotency::Safe).is_err());
    }

    #[test]
    fn only_a_named_reason_and_no_result_make_an_error_a_refusal() {
        use Certainty::{NotDone, Refused, Unclear};
        use Idempotency::{Safe, Unsafe};
        let error = |code: &str| json!({"message": "m", "extensions": {"code": code}});
        let (nothing, made) = (json!({"productCreate": null}), json!({"productCreate": {"product": {"id": "1"}}}));
        for (errors, data, idempotency, known) in [
            (json!([error("ACCESS_DENIED")]), &nothing, Unsafe, Refused),
            (json!([error("undefinedField")]), &Value::Null, Unsafe, Refused),
            (json!([error("ACCESS_DENIED")]), &made, Unsafe, Unclear),
            // Part of what was asked for may not be read: asking again changes nothing.
            (json!([error("ACCESS_DENIED")]), &made, Safe, Refused),
            (json!([error("INTERNAL_SERVER_ERROR")]), &nothing, Unsafe, Unclear),
            (json!([error("ACCESS_DENIED"), error("TIMEOUT")]), &nothing, Unsafe, Unclear),
            (json!([{"message": "m"}]), &nothing, Unsafe, Unclear),
            (json!("oops"), &Value::Null, Safe, Unclear),
            (json!([error("THROTTLED")]), &Value::Null, Unsafe, NotDone),
        ] {
            assert_eq!(certainty(&errors, data, idempotency), known, "{errors} {data} {idempotency:?}");
        }
    }

    #[test]
    fn a_refused_value_is_named_by_its_path() {
        let error = invalid(&json!({"field": ["variants", "0", "price"], "message": "must be 0 or more"}));
        assert_eq!(error.to_string(), "shopify refused variants.0.price: must be 0 or more");
        assert_eq!(invalid(&json!({"field": null, "message": "no"})).to_string(), "shopify refused the change: no");
    }

    proptest! {
        #[test]
        fn any_error_body_becomes_a_short_error(error in any_refusal()) {
            let told = refusal(error);
            prop_assert!(told.status().is_some());
            prop_assert!(told.to_string().len() < 2_000, "{told}");
        }

        #[test]
        fn no_answer_makes_a_reader_panic(answer in any_json()) {
            let _ = (data(answer.clone(), Idempotency::Unsafe), changed(answer.clone(), "node"), invalid(&answer), is_throttled(&answer));
            let _ = (reads::next_cursor(&answer), nodes(&answer).map(Iterator::count));
            let _ = (ShopOrder::read(&answer), order::line(&answer));
        }
    }
}
