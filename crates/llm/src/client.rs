//! A question to a model: candidates in order, one attempt after another, until one answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use clock::{Clock, SharedClock};
use domain::time::Timestamp;

use crate::backoff::{BackOffs, concerns_provider, stops_provider};
use crate::call::{Attempt, Call, refusal, response};
use crate::catalog::{Catalog, Warning};
use crate::classify::{Detail, ErrorClass, Failure};
use crate::codec::{self, Answer, WireRequest};
use crate::error::LlmError;
use crate::estimate;
use crate::exchange::{Exchange, Progress};
use crate::observer::{
    AttemptEnd, AttemptStart, AttemptStatus, CallMeta, CallObserver, FallbackEvent, Refused, Unpriced,
};
use crate::provider::Provider;
use crate::request::ChatRequest;
use crate::response::{ChatResponse, FinishReason, StreamEvent};
use crate::router::{Availability, Candidate, Ollama, SkipReason, Skipped};
use crate::transport::Transport;

/// Longest time that one call may take.
const CALL_MAX: Duration = Duration::from_secs(300);
/// Longest wait for a provider that asks for one, or that every candidate waits for.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Receives the pieces of an answer as they arrive. Must not block.
pub type OnEvent = dyn Fn(&StreamEvent) + Send + Sync;

/// The client of all models.
#[derive(Debug)]
pub struct Llm {
    catalog: Catalog,
    transports: BTreeMap<Provider, Arc<dyn Transport>>,
    available: RwLock<Availability>,
    back_offs: BackOffs,
    gone: Mutex<BTreeSet<String>>,
    clock: SharedClock,
}

impl Llm {
    /// A client of `catalog`'s models over `transports`. `available` says what is configured; providers without a
    /// transport count as not configured whatever it says.
    #[must_use]
    pub fn new(
        catalog: Catalog,
        transports: BTreeMap<Provider, Arc<dyn Transport>>,
        mut available: Availability,
        clock: SharedClock,
    ) -> Self {
        available.providers.retain(|provider| transports.contains_key(provider));
        let (back_offs, gone) = (BackOffs::default(), Mutex::default());
        Self { catalog, transports, available: RwLock::new(available), back_offs, gone, clock }
    }

    /// The models.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The back-off of the providers.
    #[must_use]
    pub fn back_offs(&self) -> &BackOffs {
        &self.back_offs
    }

    /// Notes how the local server stands. One that is not configured stays absent.
    pub(crate) fn set_ollama(&self, state: Ollama) {
        let mut available = self.available.write().unwrap_or_else(PoisonError::into_inner);
        if available.ollama == state || available.ollama == Ollama::Absent {
            return;
        }
        tracing::warn!(?state, "the Ollama server changed its state; while it is down its models are replaced");
        available.ollama = state;
    }

    /// How the local server stands.
    #[must_use]
    pub fn ollama(&self) -> Ollama {
        self.available.read().unwrap_or_else(PoisonError::into_inner).ollama
    }

    /// The way to a provider that is configured.
    pub(crate) fn transport(&self, provider: Provider) -> Option<&dyn Transport> {
        self.transports.get(&provider).map(|transport| &**transport)
    }

    /// Whether this provider answers for every model.
    pub(crate) fn serves_all(&self, provider: Provider) -> bool {
        self.available.read().unwrap_or_else(PoisonError::into_inner).serve_all_with == Some(provider)
    }

    pub(crate) fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// Models in use that end soon, have ended, or that their provider denied knowing; for start and health.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        self.catalog.warnings(self.clock.now().date_naive(), &self.gone())
    }

    /// Asks; the answer comes whole.
    ///
    /// # Errors
    /// When no model answered. A refusal is an answer: look at `finish`.
    pub async fn chat(
        &self,
        meta: &CallMeta,
        request: &ChatRequest,
        deadline: Timestamp,
        observer: &dyn CallObserver,
    ) -> Result<ChatResponse, LlmError> {
        self.ask(meta, request, deadline, observer, None).await
    }

    /// Asks; `on_event` sees the answer as it arrives. After the first piece of it there is no fallback any more.
    ///
    /// # Errors
    /// As [`Llm::chat`]; the error then holds the text that was delivered.
    pub async fn chat_streamed(
        &self,
        meta: &CallMeta,
        request: &ChatRequest,
        deadline: Timestamp,
        observer: &dyn CallObserver,
        on_event: &OnEvent,
    ) -> Result<ChatResponse, LlmError> {
        self.ask(meta, request, deadline, observer, Some(on_event)).await
    }

    async fn ask(
        &self,
        meta: &CallMeta,
        request: &ChatRequest,
        deadline: Timestamp,
        observer: &dyn CallObserver,
        listener: Option<&OnEvent>,
    ) -> Result<ChatResponse, LlmError> {
        request.check()?;
        let mut call = Call {
            meta,
            request,
            deadline,
            observer,
            listener,
            primary: None,
            open_event: None,
            skipped: Vec::new(),
            chain: BTreeSet::new(),
            tried: BTreeSet::new(),
        };
        match self.pass(&mut call).await {
            // Everybody is briefly left alone: one short wait is better than a failed run.
            Err(LlmError::NoModel { available_at: Some(at), .. })
                if at <= self.clock.now() + WAIT_MAX && at < deadline =>
            {
                self.clock.sleep((at - self.clock.now()).to_std().unwrap_or_default()).await;
                call.skipped.clear();
                self.pass(&mut call).await
            }
            ended => ended,
        }
    }

    /// Goes through the chain once.
    async fn pass(&self, call: &mut Call<'_>) -> Result<ChatResponse, LlmError> {
        let available = self.available.read().unwrap_or_else(PoisonError::into_inner).clone();
        let plan = self.catalog.plan(
            &call.request.model,
            call.meta.fallback,
            &available,
            &self.gone(),
            self.clock.now().date_naive(),
        )?;
        call.skipped = plan.skipped;
        call.chain = plan.candidates.iter().map(|candidate| candidate.provider).collect();
        let mut queue = VecDeque::from(plan.candidates);
        let mut last: Option<(Failure, Provider)> = None;
        let mut waited = false;
        while let Some(candidate) = queue.pop_front() {
            let attempt = self.attempt(call, &candidate).await?;
            let (failure, delivered, partial_text) = match attempt {
                Attempt::Answered(answer) => return Ok(*answer),
                Attempt::Skipped(reason) => {
                    call.skipped.push(Skipped { model: candidate.logical, reason });
                    continue;
                }
                Attempt::Failed { failure, delivered, partial_text } => (failure, delivered, partial_text),
            };
            if delivered {
                call.close_event(None, false).await?;
                return Err(self.failed(call, failure, candidate.provider, partial_text));
            }
            let provider = candidate.provider;
            if let Some(wait) = self.wait_on_same(call, &failure, waited) {
                waited = true;
                self.clock.sleep(wait).await;
                queue.push_front(candidate);
            } else if let Some(successor) = self.replaced(&failure, &candidate) {
                queue.push_front(successor);
            } else if failure.class == ErrorClass::ModelError && failure.detail != Detail::ModelNotFound {
                // Another model of the same provider would refuse the same request for the same reason.
                queue.retain(|next| next.provider != provider);
            }
            last = Some((failure, provider));
        }
        call.close_event(None, false).await?;
        match last {
            Some((failure, provider)) => Err(self.failed(call, failure, provider, String::new())),
            None => Err(LlmError::no_model(std::mem::take(&mut call.skipped))),
        }
    }

    /// The wait after which the same model is asked once more, if the provider asked for a short one.
    fn wait_on_same(&self, call: &Call<'_>, failure: &Failure, waited: bool) -> Option<Duration> {
        let wait = failure
            .retry_after
            .filter(|wait| failure.class == ErrorClass::RateLimit && *wait <= WAIT_MAX && !waited)?;
        (self.clock.now() + wait < call.deadline).then_some(wait)
    }

    /// The successor of a model that its provider does not know any more. From now on it is used from the start.
    fn replaced(&self, failure: &Failure, candidate: &Candidate) -> Option<Candidate> {
        if failure.detail != Detail::ModelNotFound {
            return None;
        }
        let successor = self.catalog.models().get(&candidate.model).and_then(|known| known.successor.as_ref());
        if !self.gone.lock().unwrap_or_else(PoisonError::into_inner).insert(candidate.model.clone()) {
            return None;
        }
        let model = &candidate.model;
        tracing::warn!(%model, ?successor, "the provider does not know a model; its successor is used if it has one");
        successor?;
        let available = self.available.read().unwrap_or_else(PoisonError::into_inner).clone();
        let today = self.clock.now().date_naive();
        let plan = self
            .catalog
            .plan(&candidate.logical, crate::router::Fallback::Never, &available, &self.gone(), today)
            .ok()?;
        plan.candidates.into_iter().next()
    }

    fn gone(&self) -> BTreeSet<String> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn failed(&self, call: &mut Call<'_>, failure: Failure, provider: Provider, partial_text: String) -> LlmError {
        let now = self.clock.now();
        let breaker = failure.retry_after.filter(|_| failure.detail == Detail::CircuitOpen).map(|left| now + left);
        let asked_again = call.chain.iter().filter_map(|provider| Some(self.back_offs.active(*provider, now)?.until));
        // A request that was refused as such will be refused again, whenever it comes.
        let temporary = breaker.is_some() || concerns_provider(&failure);
        let available_at = asked_again.chain(breaker).min().filter(|_| temporary);
        LlmError::Failed { failure, provider, partial_text, skipped: std::mem::take(&mut call.skipped), available_at }
    }

    /// Why a candidate is not tried now.
    fn obstacle(&self, call: &Call<'_>, candidate: &Candidate) -> Option<SkipReason> {
        let active = self.back_offs.active(candidate.provider, self.clock.now());
        // Passing trouble that this very call met must not keep it from the provider's other models; a refused key or an
        // empty account must.
        if let Some(state) =
            active.filter(|state| stops_provider(state.class) || !call.tried.contains(&candidate.provider))
        {
            let provider = candidate.provider;
            return Some(SkipReason::BackOff { provider, class: state.class, until: state.until });
        }
        (candidate.price.is_none() && call.meta.unpriced == Unpriced::Refuse).then_some(SkipReason::Unpriced)
    }

    async fn attempt(&self, call: &mut Call<'_>, candidate: &Candidate) -> Result<Attempt, LlmError> {
        if let Some(reason) = self.obstacle(call, candidate) {
            return Ok(Attempt::Skipped(reason));
        }
        let (Some(codec), Some(transport)) = (codec::of(candidate.api), self.transports.get(&candidate.provider))
        else {
            return Ok(Attempt::Skipped(SkipReason::NotConfigured(candidate.provider)));
        };
        let left = (call.deadline - self.clock.now()).to_std().unwrap_or_default().min(CALL_MAX);
        if left.is_zero() {
            return match call.open_event.is_some() {
                true => Ok(Attempt::Skipped(SkipReason::Refused("no time was left".to_owned()))),
                false => Err(LlmError::NoTimeLeft),
            };
        }
        let cap = call.request.max_output_tokens.map_or(candidate.max_output_tokens, |cap| self.cap(candidate, cap));
        let input_tokens = estimate::input_tokens(call.request);
        let start = AttemptStart {
            meta: call.meta,
            requested: &call.request.model,
            provider: candidate.provider,
            logical: &candidate.logical,
            model: &candidate.model,
            premium: candidate.premium,
            input_tokens,
            max_output_tokens: cap,
            reserve_micros: candidate.price.and_then(|price| price.reserve_micros(input_tokens, u64::from(cap))),
        };
        if start.reserve_micros.is_none() && call.meta.unpriced == Unpriced::Refuse {
            return Ok(Attempt::Skipped(SkipReason::Unpriced));
        }
        let token = match call.observer.before(&start).await {
            Ok(token) => token,
            Err(Refused::ThisModel(reason)) => return Ok(Attempt::Skipped(SkipReason::Refused(reason))),
            Err(Refused::Call(reason)) => return Err(LlmError::Refused(reason)),
            Err(Refused::Books(error)) => return Err(LlmError::Books(error)),
        };
        let wire = WireRequest {
            model: &candidate.model,
            request: call.request,
            max_output_tokens: cap,
            temperature: call.request.temperature.or(candidate.temperature).filter(|_| candidate.takes_temperature),
            effort: candidate.effort.as_deref(),
            stream: true,
        };
        let clock: &dyn Clock = &*self.clock;
        let exchange =
            Exchange { transport: &**transport, codec, provider: candidate.provider, clock, listener: call.listener };
        let (began, mut progress) = (clock.monotonic(), Progress::default());
        let body = codec.encode(&wire);
        let result = tokio::select! {
            biased;
            result = exchange.run(&body, left, &mut progress) => result,
            () = clock.sleep(left) => Err(Failure::new(ErrorClass::Timeout, "no answer in time")),
        };
        let result = result.or_else(|failure| refusal(failure, &candidate.model));
        let end = self.end(call, candidate, &result, &progress, began);
        call.observer.after(token, &end).await.map_err(LlmError::Books)?;
        self.book(call, candidate, &result).await?;
        Ok(match result {
            Ok(answer) => Attempt::Answered(Box::new(response(answer, candidate, end))),
            Err(failure) => {
                Attempt::Failed { failure, delivered: progress.delivered, partial_text: progress.partial_text }
            }
        })
    }

    /// The caller's cap, within what the model itself can answer.
    fn cap(&self, candidate: &Candidate, cap: u32) -> u32 {
        let limit = self.catalog.models().get(&candidate.model).and_then(|spec| spec.max_output_tokens);
        cap.clamp(1, limit.unwrap_or(candidate.max_output_tokens).max(1))
    }

    fn end(
        &self,
        call: &Call<'_>,
        candidate: &Candidate,
        result: &Result<Answer, Failure>,
        progress: &Progress,
        began: Duration,
    ) -> AttemptEnd {
        let usage = match result {
            Ok(answer) => answer.usage.unwrap_or_else(|| estimate::usage(call.request, &answer.message)),
            Err(_) => progress.usage.unwrap_or_default(),
        };
        let millis = |at: Duration| u64::try_from(at.saturating_sub(began).as_millis()).unwrap_or(u64::MAX);
        let (status, error_class) = match result {
            Ok(answer) => {
                (AttemptStatus::Ok, (answer.finish == FinishReason::Refused).then_some(ErrorClass::ContentRefused))
            }
            Err(failure) => (AttemptStatus::Error, Some(failure.class)),
        };
        let answer = result.as_ref().ok();
        AttemptEnd {
            usage,
            cost_micros: candidate.price.and_then(|price| price.cost_micros(&usage)),
            latency_ms: millis(self.clock.monotonic()),
            ttft_ms: progress.first.map(millis),
            status,
            error_class,
            request_id: progress.request_id.clone().or_else(|| answer.and_then(|answer| answer.id.clone())),
            model_used: answer.and_then(|answer| answer.model.clone()).unwrap_or_else(|| candidate.model.clone()),
        }
    }

    /// Back-off and fallback event of an attempt that has ended.
    async fn book(
        &self,
        call: &mut Call<'_>,
        candidate: &Candidate,
        result: &Result<Answer, Failure>,
    ) -> Result<(), LlmError> {
        let primary = call.primary.get_or_insert_with(|| candidate.model.clone()).clone();
        call.close_event(Some(&candidate.model), result.is_ok()).await?;
        match result {
            Ok(_) => {
                self.back_offs.succeeded(candidate.provider);
                self.gone.lock().unwrap_or_else(PoisonError::into_inner).remove(&candidate.model);
            }
            Err(failure) => {
                self.back_offs.failed(candidate.provider, failure, self.clock.now());
                if candidate.provider == Provider::Ollama && failure.detail == Detail::CircuitOpen {
                    // Its models are replaced until a probe finds the server again.
                    self.set_ollama(Ollama::Down);
                }
                call.tried.insert(candidate.provider);
                call.open_event = Some(FallbackEvent {
                    primary_model: primary,
                    attempted_model: candidate.model.clone(),
                    next_model: None,
                    error_class: failure.class,
                    error_message: failure.message.clone(),
                    success: false,
                    run_id: call.meta.run_id.clone(),
                });
            }
        }
        Ok(())
    }
}
