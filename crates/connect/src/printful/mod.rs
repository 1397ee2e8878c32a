//! The printer: Printful, versions 1 and 2 of its API.
//!
//! Version 2 takes no sync variants in new orders, so orders are made, estimated and cancelled through version 1 and
//! read and confirmed through version 2. Ids are the same in both.

mod bucket;
mod calls;
mod types;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::time::Timestamp;
use net::{HeaderName, NetError, Reply, Request, SecretString, Upstream};
use serde_json::Value;

use crate::error::ConnectError;

pub use bucket::Bucket;
pub use types::{Draft, DraftItem, PrintOrder, SHIPPING, Standing, Store, StoreKind, SyncVariant};

const SERVICE: &str = "printful";
const STORE_HEADER: HeaderName = HeaderName::from_static("x-pf-store-id");
const STORE_KEPT: Duration = Duration::from_secs(3600);
const VARIANT_KEPT: Duration = Duration::from_secs(600);

/// The client. Clones share rate limit and caches.
#[derive(Clone)]
pub struct Printful {
    upstream: Upstream,
    token: SecretString,
    store_id: Option<String>,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    bucket: Bucket,
    store: Option<(Store, Duration)>,
    variants: BTreeMap<String, (Option<SyncVariant>, Duration)>,
}

impl fmt::Debug for Printful {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printful").field("store_id", &self.store_id).finish_non_exhaustive()
    }
}

impl Printful {
    /// A client; `store_id` names the store when the token is good for several.
    #[must_use]
    pub fn new(upstream: Upstream, token: SecretString, store_id: Option<String>) -> Self {
        Self { upstream, token, store_id, shared: Arc::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.upstream.clock().now()
    }

    pub(crate) async fn pause(&self, wait: Duration) {
        self.upstream.clock().sleep(wait).await;
    }

    fn monotonic(&self) -> Duration {
        self.upstream.clock().monotonic()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes one call within the rate limit and reads its JSON.
    async fn call(&self, op: &'static str, request: Request) -> Result<Value, ConnectError> {
        let wait = self.shared().bucket.take(self.monotonic());
        if !wait.is_zero() {
            self.pause(wait).await;
        }
        let mut request = request.bearer(&self.token);
        if let Some(store) = &self.store_id {
            request = request.header(STORE_HEADER, store);
        }
        let answer = self.upstream.send(op, request).await;
        let reply = answer.as_ref().map_or_else(NetError::reply, Some);
        if let Some(left) = reply.and_then(|reply| reply.header("x-ratelimit-remaining")?.parse().ok()) {
            self.shared().bucket.observe(left, self.monotonic());
        }
        answer.map_err(refusal)?.json().map_err(|_| shape("no JSON"))
    }
}

/// Both error shapes: problem details (version 2), envelope (version 1).
fn refusal(error: NetError) -> ConnectError {
    ConnectError::explain(error, SERVICE, |reply: &Reply| {
        let body: Value = reply.json().unwrap_or_default();
        let first = |names: [&Value; 3]| names.into_iter().find_map(Value::as_str).map(str::to_owned);
        let code = first([&body["error"]["reason"], &body["title"], &body["type"]]);
        let message = first([&body["error"]["message"], &body["details"], &body["result"]]);
        (code.unwrap_or_else(|| format!("http_{}", reply.status.as_u16())), message.unwrap_or_default())
    })
}

fn shape(what: &str) -> ConnectError {
    ConnectError::Shape { service: SERVICE, what: what.to_owned() }
}
