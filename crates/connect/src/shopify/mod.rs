//! The shop: Shopify's Admin API over GraphQL.

mod documents;
mod order;
mod throttle;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::time::Timestamp;
use net::{Certainty, HeaderName, NetError, Request, SecretString, Upstream};
use serde_json::{Value, json};

use crate::error::ConnectError;

pub use order::{Recipient, ShopLine, ShopOrder, order_digits};
pub use throttle::{Taken, Throttle};

const SERVICE: &str = "shopify";
const TOKEN: HeaderName = HeaderName::from_static("x-shopify-access-token");
/// Times that a throttled query is asked again.
const THROTTLED_RETRIES: u32 = 5;
/// Pages that a listing reads at most; far above any real shop's need between two polls.
const MAX_PAGES: usize = 100;

/// How calls are authorised.
#[derive(Debug, Clone)]
pub enum ShopifyAuth {
    /// A static Admin API token.
    Token(SecretString),
}

/// The client. Clones share the cost bucket.
#[derive(Clone)]
pub struct Shopify {
    upstream: Upstream,
    auth: ShopifyAuth,
    path: Arc<str>,
    throttle: Arc<Mutex<Throttle>>,
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
        Self { upstream, auth, path: format!("/admin/api/{version}/graphql.json").into(), throttle: Arc::default() }
    }

    /// The clock of its upstream.
    pub(crate) fn now(&self) -> Timestamp {
        self.upstream.clock().now()
    }

    /// The newest `limit` products, as the shop's own nodes.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn products(&self, limit: usize) -> Result<Vec<Value>, ConnectError> {
        self.pages("products", documents::PRODUCTS, json!({}), limit).await
    }

    /// The newest `limit` orders.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn orders(&self, limit: usize) -> Result<Vec<ShopOrder>, ConnectError> {
        let nodes = self.pages("orders", documents::ORDERS, json!({}), limit).await?;
        nodes.iter().map(|node| ShopOrder::read(node).ok_or_else(|| shape("an order without an id"))).collect()
    }

    /// All orders that changed at or after `since`, oldest change first.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn orders_since(&self, since: Timestamp) -> Result<Vec<ShopOrder>, ConnectError> {
        let query = format!("updated_at:>='{}'", since.format("%Y-%m-%dT%H:%M:%SZ"));
        let nodes = self.pages("orders_since", documents::ORDERS_SINCE, json!({"query": query}), usize::MAX).await?;
        nodes.iter().map(|node| ShopOrder::read(node).ok_or_else(|| shape("an order without an id"))).collect()
    }

    /// One order with all its lines; none when the shop does not know it.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn order(&self, id: &str) -> Result<Option<ShopOrder>, ConnectError> {
        let mut variables = json!({"id": format!("gid://shopify/Order/{id}")});
        let mut found: Option<ShopOrder> = None;
        for _ in 0..MAX_PAGES {
            let data = self.query("order", documents::ORDER, &variables).await?;
            let node = &data["order"];
            if node.is_null() {
                return Ok(None);
            }
            let mut order = match found.take() {
                Some(order) => order,
                None => ShopOrder::read(node).ok_or_else(|| shape("an order without an id"))?,
            };
            let items = &node["lineItems"];
            for item in items["nodes"].as_array().ok_or_else(|| shape("an order without lines"))? {
                order.lines.push(order::line(item).ok_or_else(|| shape("an incomplete line"))?);
            }
            match next_cursor(items)? {
                Some(cursor) => variables["after"] = cursor,
                None => {
                    order.has_lines = true;
                    return Ok(Some(order));
                }
            }
            found = Some(order);
        }
        // Half the lines would print half an order.
        Err(shape("an order with too many lines"))
    }

    async fn pages(
        &self,
        op: &'static str,
        document: &'static str,
        mut variables: Value,
        limit: usize,
    ) -> Result<Vec<Value>, ConnectError> {
        let member = if op == "products" { "products" } else { "orders" };
        let mut nodes = Vec::new();
        for _ in 0..MAX_PAGES {
            variables["first"] = json!(limit.saturating_sub(nodes.len()).min(50));
            let mut data = self.query(op, document, &variables).await?;
            let page = data[member].take();
            let edges = page["edges"].as_array().ok_or_else(|| shape("a list without edges"))?;
            nodes.extend(edges.iter().map(|edge| edge["node"].clone()));
            match next_cursor(&page)? {
                Some(cursor) if nodes.len() < limit => variables["after"] = cursor,
                _ => return Ok(nodes),
            }
        }
        Err(shape("a list that does not end"))
    }

    /// Asks once the bucket allows it, and again when it turned out too empty.
    async fn query(&self, op: &'static str, document: &'static str, variables: &Value) -> Result<Value, ConnectError> {
        let mut attempt = 0;
        loop {
            let clock = self.upstream.clock();
            let taken = self.throttle().take(op, clock.monotonic());
            if !taken.wait.is_zero() {
                clock.sleep(taken.wait).await;
            }
            match self.ask(op, document, variables, &taken).await {
                Err(ConnectError::Api { code, .. }) if code == "THROTTLED" && attempt < THROTTLED_RETRIES => {
                    attempt += 1;
                    // Others of this shop's apps draw on the same bucket: what it told is a floor, not a promise.
                    clock.sleep(Duration::from_secs(1)).await;
                }
                other => return other,
            }
        }
    }

    async fn ask(
        &self,
        op: &'static str,
        document: &'static str,
        variables: &Value,
        taken: &Taken,
    ) -> Result<Value, ConnectError> {
        let ShopifyAuth::Token(token) = &self.auth;
        let request = Request::post(&*self.path, net::Idempotency::Safe)
            .secret_header(TOKEN, token)
            .json(&json!({"query": document, "variables": variables}));
        let reply = self.upstream.send(op, request).await;
        let answer = reply.as_ref().ok().and_then(|reply| reply.json::<Value>().ok());
        let cost = answer.as_ref().map_or(&Value::Null, |answer| &answer["extensions"]["cost"]);
        self.throttle().answered(op, taken, cost, self.upstream.clock().monotonic());
        reply.map_err(refusal)?;
        let mut answer = answer.ok_or_else(|| shape("no JSON"))?;
        // An error inside an answer of status 200 is an error, never "no results".
        if let Some(errors) = answer["errors"].as_array().filter(|errors| !errors.is_empty()) {
            let throttled = errors.iter().any(|error| error["extensions"]["code"] == "THROTTLED");
            let first = &errors[0];
            let code = if throttled { "THROTTLED" } else { first["extensions"]["code"].as_str().unwrap_or("ERROR") };
            return Err(ConnectError::Api {
                service: SERVICE,
                status: 200,
                code: code.to_owned(),
                message: first["message"].as_str().unwrap_or_default().chars().take(200).collect(),
                certainty: if throttled { Certainty::NotDone } else { Certainty::Refused },
                retry_after_s: None,
            });
        }
        match answer["data"].take() {
            Value::Null => Err(shape("neither data nor errors")),
            data => Ok(data),
        }
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn next_cursor(page: &Value) -> Result<Option<Value>, ConnectError> {
    let info = &page["pageInfo"];
    match (info["hasNextPage"].as_bool(), &info["endCursor"]) {
        (Some(true), cursor @ Value::String(_)) => Ok(Some(cursor.clone())),
        (Some(false), _) => Ok(None),
        _ => Err(shape("a page without its place in the list")),
    }
}

fn refusal(error: NetError) -> ConnectError {
    ConnectError::explain(error, SERVICE, |reply| {
        let body: Value = reply.json().unwrap_or_default();
        let message = body["errors"].as_str().map_or_else(|| body["errors"].to_string(), str::to_owned);
        (format!("http_{}", reply.status.as_u16()), message)
    })
}

fn shape(what: &str) -> ConnectError {
    ConnectError::Shape { service: SERVICE, what: what.to_owned() }
}
