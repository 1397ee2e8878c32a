//! What one call carries from attempt to attempt, and what it ends in.

use std::collections::BTreeSet;

use domain::message::Message;
use domain::time::Timestamp;

use crate::classify::{ErrorClass, Failure};
use crate::client::OnEvent;
use crate::codec::Answer;
use crate::error::LlmError;
use crate::observer::{AttemptEnd, CallMeta, CallObserver, FallbackEvent};
use crate::provider::Provider;
use crate::request::ChatRequest;
use crate::response::{ChatResponse, FinishReason, Usage};
use crate::router::{Candidate, SkipReason, Skipped};

/// A call that goes through its chain.
pub(crate) struct Call<'a> {
    pub(crate) meta: &'a CallMeta,
    pub(crate) request: &'a ChatRequest,
    pub(crate) deadline: Timestamp,
    pub(crate) observer: &'a dyn CallObserver,
    pub(crate) listener: Option<&'a OnEvent>,
    pub(crate) primary: Option<String>,
    /// Failed attempts whose follower is not known yet: at most one.
    pub(crate) open_event: Option<FallbackEvent>,
    pub(crate) skipped: Vec<Skipped>,
    /// Providers of the models that may answer.
    pub(crate) chain: BTreeSet<Provider>,
    /// Providers that failed within this call in a way that need not concern their next model.
    pub(crate) tried: BTreeSet<Provider>,
}

/// How one attempt ended, when the call is not over with it.
pub(crate) enum Attempt {
    Answered(Box<ChatResponse>),
    Skipped(SkipReason),
    Failed { failure: Failure, delivered: bool, partial_text: String },
}

impl Call<'_> {
    /// Reports the open failure, now that it is known what followed it.
    pub(crate) async fn close_event(&mut self, next_model: Option<&str>, success: bool) -> Result<(), LlmError> {
        let Some(event) = self.open_event.take() else { return Ok(()) };
        let event = FallbackEvent { next_model: next_model.map(str::to_owned), success, ..event };
        self.observer.fallback(&event).await.map_err(LlmError::Books)
    }
}

/// A filter that refuses before the model speaks is a refusal like any other: an answer without a text, and free.
pub(crate) fn refusal(failure: Failure, model: &str) -> Result<Answer, Failure> {
    if failure.class != ErrorClass::ContentRefused {
        return Err(failure);
    }
    let (usage, model) = (Some(Usage::default()), Some(model.to_owned()));
    Ok(Answer { message: Message::ai(""), finish: FinishReason::Refused, usage, model, id: None })
}

pub(crate) fn response(answer: Answer, candidate: &Candidate, end: AttemptEnd) -> ChatResponse {
    if end.cost_micros.is_none() {
        tracing::warn!(model = %candidate.model, "the price of a model is not known; its call has no cost");
    }
    ChatResponse {
        message: answer.message,
        finish: answer.finish,
        usage: end.usage,
        cost_micros: end.cost_micros,
        provider: candidate.provider,
        model: candidate.logical.clone(),
        model_used: end.model_used,
        request_id: end.request_id,
        latency_ms: end.latency_ms,
        ttft_ms: end.ttft_ms,
    }
}
