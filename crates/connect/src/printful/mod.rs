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
use net::{Certainty, HeaderName, Idempotency, NetError, Reply, Request, SecretString, Upstream};
use serde_json::Value;

use crate::error::ConnectError;

pub use bucket::Bucket;
pub use types::{Draft, DraftItem, PrintOrder, SHIPPING, Standing, Store, StoreKind, SyncVariant};

const SERVICE: &str = "printful";
const STORE_HEADER: HeaderName = HeaderName::from_static("x-pf-store-id");
const STORE_KEPT: Duration = Duration::from_secs(3600);
const VARIANT_KEPT: Duration = Duration::from_secs(600);

/// Times that a question which was refused for too many calls is asked again.
const REFUSED_RETRIES: u32 = 3;
/// A call that would have to wait longer for its turn is given back to its caller.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// The retry policy for this upstream: the standard one, but a refusal for too many calls is left to the bucket, which
/// holds up everybody's calls and not just the one that was refused.
pub const RETRY: net::RetryPolicy = net::RetryPolicy { leave: &[429], ..net::RetryPolicy::STANDARD };

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

    /// Makes one call within the rate limit and reads its JSON. A question that was refused for too many calls waits for
    /// its turn again; a change goes back to its caller, who does not keep an effect open for a minute.
    async fn call(&self, op: &'static str, request: Request) -> Result<Value, ConnectError> {
        let mut request = request.bearer(&self.token);
        if let Some(store) = &self.store_id {
            request = request.header(STORE_HEADER, store);
        }
        let retries = if request.idempotency() == Idempotency::Safe { REFUSED_RETRIES } else { 0 };
        let mut refused = 0;
        loop {
            self.turn().await?;
            let answer = self.upstream.send(op, request.clone()).await;
            let reply = answer.as_ref().map_or_else(NetError::reply, Some);
            if let Some(left) = reply.and_then(|reply| reply.header("x-ratelimit-remaining")?.trim().parse().ok()) {
                self.shared().bucket.observe(left, self.monotonic());
            }
            match answer {
                Err(error) if error.status() == Some(429) => {
                    let asked = error.reply().and_then(|reply| stated_wait(reply, self.now()));
                    self.shared().bucket.refused(asked, self.monotonic());
                    if refused == retries {
                        return Err(refusal(error));
                    }
                    refused += 1;
                }
                answer => return answer.map_err(refusal)?.json().map_err(|_| shape("no JSON")),
            }
        }
    }

    /// Waits for the next free call.
    async fn turn(&self) -> Result<(), ConnectError> {
        let wait = self.shared().bucket.take(self.monotonic());
        if wait > LONGEST_WAIT {
            self.shared().bucket.give_back();
            return Err(ConnectError::Api {
                service: SERVICE,
                status: 429,
                code: "rate_limited".to_owned(),
                message: "its rate limit is used up".to_owned(),
                certainty: Certainty::NotDone,
                retry_after_s: Some(wait.as_secs() + 1),
            });
        }
        if !wait.is_zero() {
            self.pause(wait).await;
        }
        Ok(())
    }
}

/// The wait that a refusal states: in `Retry-After`, else in the reset of its window.
fn stated_wait(reply: &Reply, now: Timestamp) -> Option<Duration> {
    let reset = || reply.header("x-ratelimit-reset")?.trim().parse::<f64>().ok();
    reply.retry_after(now).or_else(|| Duration::try_from_secs_f64(reset()?).ok())
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
            if let Some(order) = PrintOrder::read(&answer) {
                let _ = (order.standing(), order.fulfilment());
            }
            let _ = (SyncVariant::read(&answer), types::cost(&answer), types::text(&answer), calls::total(&answer));
        }
    }
}
