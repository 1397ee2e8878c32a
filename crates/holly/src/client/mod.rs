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
pub(crate) use caller::{Caller, who};
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

#[cfg(test)]
mod tests {
    use clock::SystemClock;
    use config::EnvSource;
    use domain::role::Role;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::failure::report;

    fn client(url: &str) -> Client {
        let folder = tempfile::tempdir().unwrap();
        let env = EnvSource::fixed(folder.path(), [("USER", "ada")]);
        let secrets = config::Config::load(&env).unwrap().config.secrets;
        let caller = Caller::new(&secrets, &env, Role::Operator).unwrap();
        Client::new(&Address::named(url), Some(caller), Arc::new(SystemClock::new())).unwrap()
    }

    /// Answers one request with `status` and `body`, and returns what was asked.
    async fn answer(listener: TcpListener, status: &str, body: &str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 8192];
        let length = stream.read(&mut asked).await.unwrap();
        let length_of_body = body.len();
        let reply = format!("HTTP/1.1 {status}\r\ncontent-length: {length_of_body}\r\nconnection: close\r\n\r\n{body}");
        stream.write_all(reply.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&asked[..length]).into_owned()
    }

    async fn listen() -> (TcpListener, String) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        (listener, url)
    }

    #[tokio::test]
    async fn a_call_carries_a_token_and_leaves_out_what_was_not_asked() {
        let (listener, url) = listen().await;
        let client = client(&url);
        let query = [("status", Some("a b".to_owned())), ("q", None)];
        let (asked, got) =
            tokio::join!(answer(listener, "200 OK", r#"{"runs":[]}"#), client.get("/tower/runs", &query));
        assert_eq!(got.unwrap()["runs"], serde_json::json!([]));
        assert!(asked.starts_with("GET /tower/runs?status=a+b HTTP/1.1"), "{asked}");
        assert!(asked.to_lowercase().contains("authorization: bearer ey"), "{asked}");
    }

    #[tokio::test]
    async fn a_refusal_ends_with_one_and_silence_with_sixty_nine() {
        let (listener, url) = listen().await;
        let client = client(&url);
        let refusing = answer(listener, "404 Not Found", r#"{"error":"Run not found","code":"run_not_found"}"#);
        let body = Value::Object(serde_json::Map::new());
        let (_, got) = tokio::join!(refusing, client.post("/tower/runs/x/cancel", &body));
        let refused = report(&got.unwrap_err().into());
        assert_eq!((refused.lines[0].as_str(), refused.exit as u8), ("error: Run not found", 1));
        // The listener is gone by now.
        let silent = report(&client.get("/", &[]).await.unwrap_err().into());
        assert_eq!(silent.exit as u8, 69);
    }

    #[tokio::test]
    async fn an_error_status_is_an_answer_where_any_answer_is_wanted() {
        let (listener, url) = listen().await;
        let client = client(&url);
        let (_, got) =
            tokio::join!(answer(listener, "503 Service Unavailable", "{}"), client.exchange(Request::get("/health")));
        assert_eq!(got.unwrap().status.as_u16(), 503);
    }
}
