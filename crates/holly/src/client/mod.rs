//! Calls the running server and the rehearsal world. Changes nothing by itself and repeats nothing: whoever types a
//! command sees at once what became of it.

mod address;
mod caller;
mod refusal;
mod runtime;
pub(crate) mod views;
mod world;

use std::sync::Arc;
use std::time::Duration;

use clock::{OsEntropy, SharedClock};
use net::{BaseUrl, Breakers, Idempotency, NetError, NotSent, PlainHttp, Reply, Request, RetryPolicy, Upstream};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Failure;

pub(crate) use address::{Address, agents_address};
pub(crate) use caller::Caller;
pub(crate) use runtime::Runtime;
pub(crate) use world::World;

/// What the server is called in messages.
const SERVER: &str = "the server";
/// Longest answer; a list of orders or the document may be long.
const MAX_BYTES: usize = 64 << 20;

/// The agents API, called as one person.
#[derive(Debug)]
pub(crate) struct Client {
    upstream: Upstream,
    caller: Option<Caller>,
    url: String,
}

impl Client {
    /// A way to the server at `address`; without a `caller` only its public routes answer. Nothing is sent yet.
    pub(crate) fn new(address: &Address, caller: Option<Caller>, clock: SharedClock) -> anyhow::Result<Self> {
        let url = address.url.clone();
        Ok(Self { upstream: upstream("holly", &url, clock)?, caller, url })
    }

    /// Where the server is looked for.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Reads `path` with `query`; members that are none are left out.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, Option<String>)]) -> Result<Value, Failure> {
        let mut request = Request::get(path);
        for (name, value) in query {
            if let Some(value) = value {
                request = request.query(*name, value);
            }
        }
        self.ask(request).await
    }

    /// Posts `body` to `path`.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.ask(Request::post(path, Idempotency::Unsafe).json(body)).await
    }

    /// Sends `request` and reads the JSON of its answer.
    pub(crate) async fn ask(&self, request: Request) -> Result<Value, Failure> {
        let reply = self.send(request).await.map_err(|error| refusal::of(SERVER, &self.url, error))?;
        reply.json().map_err(Failure::Strange)
    }

    /// Sends `request` and hands out whatever answer comes, an error status included.
    pub(crate) async fn exchange(&self, request: Request) -> Result<Reply, Failure> {
        match self.send(request).await {
            Ok(reply) => Ok(reply),
            Err(NetError::Status { reply, .. }) => Ok(*reply),
            Err(error) => Err(refusal::of(SERVER, &self.url, error)),
        }
    }

    async fn send(&self, request: Request) -> Result<Reply, NetError> {
        let request = match self.caller.as_ref().map(|caller| caller.token(self.upstream.clock().now())) {
            Some(Ok(token)) => request.bearer(&token),
            Some(Err(_)) => {
                let reason = NotSent::Invalid("no token could be made");
                return Err(NetError::NotSent { service: "holly", reason, source: None });
            }
            None => request,
        };
        self.upstream.send("cli", request).await
    }
}

/// Reads one shape out of an answer.
pub(crate) fn view<T: DeserializeOwned>(answer: &Value) -> Result<T, Failure> {
    T::deserialize(answer).map_err(Failure::Strange)
}

/// A way to `url`: no repetitions, short waits for a connection.
fn upstream(service: &'static str, url: &str, clock: SharedClock) -> anyhow::Result<Upstream> {
    let base_url = BaseUrl::parse(url, PlainHttp::NearOnly)
        .map_err(|error| Failure::Usage(format!("the address of the server cannot be used: {error}")))?;
    let mut settings = net::Settings::new(service, base_url);
    settings.retry = RetryPolicy::NONE;
    settings.connect_timeout = Duration::from_secs(3);
    settings.max_bytes = MAX_BYTES;
    Ok(Upstream::new(settings, Breakers::new(clock.clone()), clock, Arc::new(OsEntropy))?)
}
