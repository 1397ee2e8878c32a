//! The books of a model call: the row and the reserve before it, the settlement after it.
//!
//! The end of a successful call is not written by itself: it goes into the commit that makes the answer durable, so an
//! answer is either in `pending` and paid for, or neither.

use async_trait::async_trait;
use domain::ids::CallId;
use domain::ledger::{CallEnd, CallStart, CallStatus};
use llm::{AttemptEnd, AttemptStart, AttemptStatus, BoxError, CallObserver, CallToken, FallbackEvent, Refused};
use tokio::sync::Mutex;
use tower::Session;
use tower::segment::{ModelCall, SegmentError};

/// What is known of the calls of one round.
#[derive(Debug, Default)]
struct Notes {
    /// The end of the call that was answered, to be committed with the answer.
    answered: Option<CallEnd>,
    /// The span of the attempt under way, or of the one that was answered.
    span: Option<String>,
    /// Why the books could not be written, if that is what ended the call.
    broken: Option<SegmentError>,
}

/// Keeps the books of one round of an agent node.
#[derive(Debug)]
pub struct Books<'a> {
    session: &'a Session,
    agent_id: &'a str,
    node: &'a str,
    step: i64,
    /// Micro-dollars that the run may still spend.
    left_micros: i64,
    /// Text of the newest message, for the trace.
    said: &'a str,
    task_type: Option<&'a str>,
    notes: Mutex<Notes>,
}

impl<'a> Books<'a> {
    /// Books of a round of `node`.
    #[must_use]
    pub fn new(session: &'a Session, agent_id: &'a str, node: &'a str, step: i64, left_micros: i64) -> Self {
        Self { session, agent_id, node, step, left_micros, said: "", task_type: None, notes: Mutex::default() }
    }

    /// The same, with the text of the newest message for the trace; it has been redacted.
    #[must_use]
    pub fn asked(self, said: &'a str) -> Self {
        Self { said, ..self }
    }

    /// The same, with the kind of the task.
    #[must_use]
    pub fn on_task(self, task_type: Option<&'a str>) -> Self {
        Self { task_type, ..self }
    }

    /// The end of the call that was answered with its span, and why the books broke if they did.
    pub async fn close(self) -> (Option<(CallEnd, String)>, Option<SegmentError>) {
        let notes = self.notes.into_inner();
        (notes.answered.map(|end| (end, notes.span.unwrap_or_default())), notes.broken)
    }

    fn start(&self, attempt: &AttemptStart<'_>) -> CallStart {
        let run = self.session.run();
        let tokens = attempt.input_tokens.saturating_add(u64::from(attempt.max_output_tokens));
        CallStart {
            ts: self.session.now(),
            run_id: run.run_id.clone(),
            lease_epoch: self.session.fence().epoch,
            step: self.step,
            node: self.node.to_owned(),
            agent_id: self.agent_id.to_owned(),
            workflow_id: run.workflow_id.to_string(),
            task_type: self.task_type.map(str::to_owned),
            purpose: "agent",
            provider: attempt.provider.as_str().to_owned(),
            model_requested: attempt.requested.to_owned(),
            model_used: attempt.model.to_owned(),
            reserve_micros: attempt.reserve_micros,
            reserve_tokens: i64::try_from(tokens).unwrap_or(i64::MAX),
        }
    }

    async fn write(&self, row: &store::llm_fallbacks::Fallback) -> Result<(), store::StoreError> {
        let mut tx = self.session.services().db.begin().await?;
        store::llm_fallbacks::insert(&mut tx, row).await?;
        tx.commit().await
    }

    async fn broke(&self, error: SegmentError) -> BoxError {
        let text = error.to_string();
        self.notes.lock().await.broken = Some(error);
        text.into()
    }
}

fn count(tokens: u64) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX)
}

#[async_trait]
impl CallObserver for Books<'_> {
    async fn before(&self, attempt: &AttemptStart<'_>) -> Result<CallToken, Refused> {
        if let Some(reserve) = attempt.reserve_micros
            && reserve > self.left_micros
        {
            return Err(Refused::ThisModel(format!(
                "its reserve of {reserve} micro-dollars exceeds what the run may still spend"
            )));
        }
        if let Err(error) = self.session.check_stop().await {
            return Err(Refused::Books(self.broke(error).await));
        }
        let start = self.start(attempt);
        // The span rides in the commit of the row that it is about.
        let span = self.session.begin_model_call(ModelCall {
            node: self.node,
            provider: attempt.provider.as_str(),
            model: attempt.model,
            requested: attempt.requested,
            said: self.said,
        });
        self.notes.lock().await.span = Some(span.clone());
        match self.session.commit(|commit| commit.call_start = Some(start)).await {
            Ok(Some(CallId(id))) => {
                self.session.model_call_is(&span, CallId(id));
                Ok(CallToken(id))
            }
            Ok(_) => Err(Refused::Books("the ledger gave no row".into())),
            Err(error) => Err(Refused::Books(self.broke(error).await)),
        }
    }

    async fn after(&self, token: CallToken, end: &AttemptEnd) -> Result<(), BoxError> {
        let end = CallEnd {
            call_id: CallId(token.0),
            run_id: self.session.run_id().clone(),
            ts: self.session.now(),
            status: match end.status {
                AttemptStatus::Ok => CallStatus::Ok,
                AttemptStatus::Error => CallStatus::Error,
            },
            model_used: end.model_used.clone(),
            input_tokens: count(end.usage.input + end.usage.cache_read + end.usage.cache_write),
            output_tokens: count(end.usage.output),
            cache_read_tokens: count(end.usage.cache_read),
            cache_write_tokens: count(end.usage.cache_write),
            reasoning_tokens: count(end.usage.reasoning),
            estimated: end.usage.estimated,
            cost_micros: end.cost_micros,
            latency_ms: count(end.latency_ms),
            ttft_ms: end.ttft_ms.map(count),
            error_class: end.error_class.map(|class| class.to_string()),
            request_id: end.request_id.clone(),
        };
        if end.status == CallStatus::Ok {
            self.notes.lock().await.answered = Some(end);
            return Ok(());
        }
        if let Some(span) = &self.notes.lock().await.span {
            self.session.end_model_call(span, &end, "");
        }
        match self.session.commit(|commit| commit.call_end = Some(end)).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.broke(error).await),
        }
    }

    async fn fallback(&self, event: &FallbackEvent) -> Result<(), BoxError> {
        let message = self.session.services().redactor.redact(&event.error_message);
        let row = store::llm_fallbacks::Fallback {
            ts: self.session.now(),
            primary_model: event.primary_model.clone(),
            attempted_model: event.attempted_model.clone(),
            next_model: event.next_model.clone(),
            error_class: event.error_class.to_string(),
            error_message: message.chars().take(200).collect(),
            success: event.success,
            run_id: event.run_id.clone(),
        };
        // The row is a statistic; losing it must not lose the answer that followed.
        if let Err(error) = self.write(&row).await {
            tracing::warn!(%error, "a fallback was not recorded");
        }
        Ok(())
    }
}
