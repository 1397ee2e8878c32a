//! One service outside, and how it is called.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use clock::{Entropy, SharedClock};
use tracing::Instrument;
use tracing::field::Empty;

use crate::attempt::{build, classify, read, within};
use crate::base_url::BaseUrl;
use crate::breakers::{Admission, Breakers};
use crate::error::{Certainty, NetError, NotSent};
use crate::reply::Reply;
use crate::request::Request;
use crate::retry::RetryPolicy;
use crate::stream::StreamReply;

/// What every upstream is told about who calls.
pub const USER_AGENT: &str = concat!("holly-grace/", env!("CARGO_PKG_VERSION"));

/// How one service is called.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name: that of its breaker, its spans and its errors.
    pub service: &'static str,
    /// Where it lives.
    pub base_url: BaseUrl,
    /// Limit of making a connection.
    pub connect_timeout: Duration,
    /// Limit of one attempt, from its start to the last byte of the answer.
    pub attempt_timeout: Duration,
    /// Limit of the whole operation when the caller brings no deadline; bounds the waits too.
    pub operation_timeout: Duration,
    /// Longest silence within a streamed answer.
    pub idle_timeout: Duration,
    /// Longest answer.
    pub max_bytes: usize,
    /// Longest streamed answer.
    pub max_stream_bytes: usize,
    /// How failures are repeated.
    pub retry: RetryPolicy,
}

impl Settings {
    /// The common limits: 5 s to connect, 30 s per attempt, 150 s in all, 60 s of silence, 10 MiB (streams 32 MiB).
    #[must_use]
    pub fn new(service: &'static str, base_url: BaseUrl) -> Self {
        Self {
            service,
            base_url,
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(30),
            operation_timeout: Duration::from_secs(150),
            idle_timeout: Duration::from_secs(60),
            max_bytes: 10 << 20,
            max_stream_bytes: 32 << 20,
            retry: RetryPolicy::STANDARD,
        }
    }
}

/// The client could not be built, e.g. because the machine has no trusted certificates.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client of {service} could not be built")]
pub struct BuildError {
    service: &'static str,
    #[source]
    source: reqwest::Error,
}

/// How much of an answer an attempt waits for.
#[derive(Debug, Clone, Copy)]
enum Want {
    Whole,
    Head,
}

/// What it got.
enum Answer {
    Whole(Reply),
    Head(reqwest::Response),
}

/// One service. Clones share connections and breaker.
#[derive(Clone)]
pub struct Upstream {
    pub(crate) settings: Arc<Settings>,
    client: reqwest::Client,
    breakers: Breakers,
    pub(crate) clock: SharedClock,
    entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Upstream").field(&self.settings).finish()
    }
}

impl Upstream {
    /// A way to one service. Opens no connection yet.
    ///
    /// # Errors
    /// When the TLS set-up of the machine does not work.
    pub fn new(
        settings: Settings,
        breakers: Breakers,
        clock: SharedClock,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, BuildError> {
        crate::install_crypto();
        #[expect(clippy::disallowed_methods, reason = "the one place that builds clients")]
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(Duration::from_secs(30));
        if settings.base_url.is_plain() {
            // Near and unencrypted: no proxy stands between, and no certificates need to be read.
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let client = builder.build().map_err(|source| BuildError { service: settings.service, source })?;
        Ok(Self { settings: Arc::new(settings), client, breakers, clock, entropy })
    }

    /// Name of the service.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.settings.service
    }

    /// The clock that bounds the calls.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// Makes one call, repeated as policy and idempotency allow, and reads the whole answer.
    ///
    /// # Errors
    /// Whenever there is no complete answer with a status from 200 to 299.
    pub async fn send(&self, op: &'static str, request: Request) -> Result<Reply, NetError> {
        match self.repeat(op, &request, Want::Whole).await? {
            Answer::Whole(reply) => Ok(reply),
            // Never asked for; said so rather than assumed.
            Answer::Head(_) => Err(NetError::Timeout { service: self.service(), written: true }),
        }
    }

    /// Makes one call and hands out the answer as it arrives. Repetition ends with the headers; the limit of one attempt
    /// bounds the wait for them, the deadline bounds the whole stream, and silence is bounded by the idle limit.
    ///
    /// # Errors
    /// Whenever no answer with a status from 200 to 299 begins.
    pub async fn open_stream(&self, op: &'static str, request: Request) -> Result<StreamReply, NetError> {
        let until = self.clock.monotonic() + request.deadline.unwrap_or(self.settings.operation_timeout);
        match self.repeat(op, &request, Want::Head).await? {
            Answer::Head(response) => Ok(StreamReply::new(response, self, until)),
            Answer::Whole(_) => Err(NetError::Timeout { service: self.service(), written: true }),
        }
    }

    /// The loop around the attempts.
    async fn repeat(&self, op: &'static str, request: &Request, want: Want) -> Result<Answer, NetError> {
        let until = self.clock.monotonic() + request.deadline.unwrap_or(self.settings.operation_timeout);
        let mut unclear = false;
        for attempt in 0.. {
            let span = tracing::info_span!(
                "upstream.call",
                upstream.name = self.service(),
                upstream.operation = op,
                attempt,
                status = Empty,
                outcome = Empty,
                duration_ms = Empty,
            );
            let error = match self.attempt(request, until, want).instrument(span).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let wait = self.wait_before_next(&error, attempt, request, until);
            let certainty = error.certainty();
            let Some(wait) = wait else {
                // A clear refusal of the same key settles what the earlier attempts left open; anything else does not.
                return Err(if unclear && certainty == Certainty::NotDone {
                    NetError::AfterUnclear { last: Box::new(error) }
                } else {
                    error
                });
            };
            unclear |= certainty == Certainty::Unclear;
            tracing::debug!(service = self.service(), op, attempt, error = %error, wait_ms = wait.as_millis(), "repeating");
            self.clock.sleep(wait).await;
        }
        // The range has no end; the loop leaves by `return`.
        Err(NetError::NotSent { service: self.service(), reason: NotSent::NoTimeLeft, source: None })
    }

    /// The wait before the next attempt; none when there is to be no other.
    fn wait_before_next(&self, error: &NetError, attempt: u32, request: &Request, until: Duration) -> Option<Duration> {
        if !self.settings.retry.repeats(error, attempt, request.idempotency) {
            return None;
        }
        let asked = error.reply().and_then(|reply| reply.retry_after(self.clock.now()));
        let wait = self.settings.retry.delay(attempt, self.chance(), asked);
        let left = until.saturating_sub(self.clock.monotonic());
        (wait < left).then_some(wait)
    }

    async fn attempt(&self, request: &Request, until: Duration, want: Want) -> Result<Answer, NetError> {
        let started = self.clock.monotonic();
        let left = until.saturating_sub(started);
        let limit = request.attempt_timeout.unwrap_or(self.settings.attempt_timeout).min(left);
        let prepared = self.prepare(request, limit)?;
        let service = self.service();
        let admission = self.breakers.admit(service).map_err(|open| NetError::NotSent {
            service,
            reason: NotSent::CircuitOpen { seconds_left: open.seconds_left },
            source: None,
        })?;

        let outcome = match within(&*self.clock, limit, self.client.execute(prepared)).await {
            None => Err(NetError::Timeout { service, written: true }),
            Some(Err(error)) => Err(classify(service, error)),
            Some(Ok(response)) => {
                let rest = limit.saturating_sub(self.clock.monotonic().saturating_sub(started));
                self.judge(response, rest, want).await
            }
        };
        tell(admission, &outcome);
        let span = tracing::Span::current();
        if let Err(error) = &outcome {
            span.record("outcome", error.code());
        }
        let took = self.clock.monotonic().saturating_sub(started);
        span.record("duration_ms", u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        outcome
    }

    fn prepare(&self, request: &Request, limit: Duration) -> Result<reqwest::Request, NetError> {
        let service = self.service();
        let refuse = |reason| NetError::NotSent { service, reason, source: None };
        if let Some(problem) = request.invalid {
            return Err(refuse(NotSent::Invalid(problem)));
        }
        if limit.is_zero() {
            return Err(refuse(NotSent::NoTimeLeft));
        }
        let url = self.settings.base_url.join(&request.path, &request.query);
        let url = url.ok_or_else(|| refuse(NotSent::Invalid("the path is not one below the base address")))?;
        build(&self.client, url, request).map_err(|error| classify(service, error))
    }

    /// Sorts an answer by its status and finishes reading it.
    async fn judge(&self, response: reqwest::Response, rest: Duration, want: Want) -> Result<Answer, NetError> {
        let (service, status) = (self.service(), response.status());
        tracing::Span::current().record("status", status.as_u16());
        if status.is_success() {
            return match want {
                Want::Head => Ok(Answer::Head(response)),
                Want::Whole => {
                    let reply = within(&*self.clock, rest, read(service, response, self.settings.max_bytes)).await;
                    reply.unwrap_or(Err(NetError::Timeout { service, written: true })).map(Answer::Whole)
                }
            };
        }
        if status.is_redirection() {
            return Err(NetError::Redirect { service, status: status.as_u16() });
        }
        let headers = response.headers().clone();
        // The status alone settles most failures, so a body that breaks off is taken for an empty one.
        let reply = within(&*self.clock, rest, read(service, response, self.settings.max_bytes)).await;
        let reply = match reply {
            Some(Ok(reply)) => reply,
            _ => Reply { status, headers, body: bytes::Bytes::new() },
        };
        let retry_after_s =
            reply.retry_after(self.clock.now()).map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        Err(NetError::Status { service, reply: Box::new(reply), retry_after_s })
    }

    /// A number from 0 to 1.
    fn chance(&self) -> f64 {
        let mut bytes = [0_u8; 4];
        self.entropy.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }

    /// Tells the breaker that an answer broke after it had begun well.
    pub(crate) fn stream_broke(&self) {
        if let Ok(admission) = self.breakers.admit(self.service()) {
            admission.failure();
        }
    }
}

/// Tells the breaker what an attempt says of the service's health.
fn tell<T>(admission: Admission, outcome: &Result<T, NetError>) {
    match outcome {
        Ok(_) | Err(NetError::TooLarge { .. } | NetError::Redirect { .. }) => admission.success(),
        Err(NetError::Status { reply, .. }) if reply.status.is_server_error() || reply.status.as_u16() == 529 => {
            admission.failure();
        }
        // Too many requests is no sign of health and none of failure.
        Err(NetError::Status { reply, .. }) if reply.status.as_u16() == 429 => drop(admission),
        Err(NetError::Status { .. }) => admission.success(),
        Err(NetError::NotSent { reason: NotSent::Invalid(_) | NotSent::NoTimeLeft, .. }) => drop(admission),
        Err(_) => admission.failure(),
    }
}
