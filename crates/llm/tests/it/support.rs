//! A scripted wire and an observer that writes down what it is told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use clock::{Clock, ManualClock};
use domain::message::Message;
use domain::time::Timestamp;
use futures_util::StreamExt;
use llm::{
    AttemptEnd, AttemptStart, Availability, BoxError, CallObserver, CallToken, Catalog, ChatRequest, FallbackEvent,
    Incoming, Llm, Ollama, Overrides, Provider, Refused, Transport, TransportError,
};
use serde_json::{Value, json};

/// One scripted answer.
#[derive(Debug)]
pub(crate) enum Step {
    NoAnswer(TransportError),
    Answer {
        status: u16,
        headers: Vec<(&'static str, &'static str)>,
        pieces: Vec<Result<Bytes, TransportError>>,
        then_silence: bool,
    },
}

impl Step {
    pub(crate) fn sse(text: &str) -> Self {
        Self::pieces(vec![Ok(Bytes::copy_from_slice(text.as_bytes()))])
    }

    pub(crate) fn pieces(pieces: Vec<Result<Bytes, TransportError>>) -> Self {
        Self::typed("text/event-stream", pieces)
    }

    pub(crate) fn typed(content_type: &'static str, pieces: Vec<Result<Bytes, TransportError>>) -> Self {
        Self::Answer { status: 200, headers: vec![("content-type", content_type)], pieces, then_silence: false }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::with(status, body, &[])
    }

    pub(crate) fn with(status: u16, body: &Value, more: &[(&'static str, &'static str)]) -> Self {
        let headers = [("content-type", "application/json")].into_iter().chain(more.iter().copied()).collect();
        Self::Answer { status, headers, pieces: vec![Ok(Bytes::from(body.to_string()))], then_silence: false }
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::json(status, &json!({"error": {"message": "m", "type": code, "code": code, "param": null}}))
    }
}

/// Plays its steps in order and keeps the paths and bodies it was sent.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    steps: Mutex<VecDeque<Step>>,
    pub(crate) paths: Mutex<Vec<String>>,
    pub(crate) bodies: Mutex<Vec<Value>>,
}

#[async_trait]
impl Transport for Wire {
    async fn post(&self, path: &str, body: &Value, _left: Duration) -> Result<Incoming, TransportError> {
        self.bodies.lock().unwrap().push(body.clone());
        self.play(path)
    }

    async fn get(&self, path: &str, _query: &[(&str, &str)], _left: Duration) -> Result<Incoming, TransportError> {
        self.play(path)
    }
}

impl Wire {
    fn play(&self, path: &str) -> Result<Incoming, TransportError> {
        self.paths.lock().unwrap().push(path.to_owned());
        match self.steps.lock().unwrap().pop_front().expect("a step for every request") {
            Step::NoAnswer(error) => Err(error),
            Step::Answer { status, headers, pieces, then_silence } => {
                let headers =
                    headers.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
                let pieces = futures_util::stream::iter(pieces);
                let body =
                    if then_silence { pieces.chain(futures_util::stream::pending()).boxed() } else { pieces.boxed() };
                Ok(Incoming { status, headers, body })
            }
        }
    }
}

/// What an observer was told.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) started: Mutex<Vec<(String, Option<i64>)>>,
    pub(crate) ended: Mutex<Vec<AttemptEnd>>,
    pub(crate) fallbacks: Mutex<Vec<FallbackEvent>>,
    /// Refuses this logical model.
    pub(crate) not: Option<&'static str>,
    /// Refuses every call.
    pub(crate) spent: bool,
}

#[async_trait]
impl CallObserver for Books {
    async fn before(&self, start: &AttemptStart<'_>) -> Result<CallToken, Refused> {
        if self.spent {
            return Err(Refused::Call("the budget is spent".into()));
        }
        if self.not == Some(start.logical) {
            return Err(Refused::ThisModel("too dear".into()));
        }
        let mut started = self.started.lock().unwrap();
        started.push((start.model.to_owned(), start.reserve_micros));
        Ok(CallToken(started.len() as i64))
    }

    async fn after(&self, token: CallToken, end: &AttemptEnd) -> Result<(), BoxError> {
        let mut ended = self.ended.lock().unwrap();
        ended.push(end.clone());
        assert_eq!(token.0, ended.len() as i64, "every announced attempt is reported, in order");
        Ok(())
    }

    async fn fallback(&self, event: &FallbackEvent) -> Result<(), BoxError> {
        self.fallbacks.lock().unwrap().push(event.clone());
        Ok(())
    }
}

/// The models as they are compiled in, read once.
pub(crate) fn catalog() -> Catalog {
    static BUILT_IN: OnceLock<Catalog> = OnceLock::new();
    BUILT_IN.get_or_init(|| Catalog::built_in(&Overrides::new()).unwrap()).clone()
}

/// A client over a script.
pub(crate) struct Scene {
    pub(crate) llm: Llm,
    pub(crate) wire: Arc<Wire>,
    pub(crate) clock: Arc<ManualClock>,
}

impl Scene {
    /// One provider serves everything, as in a small rehearsal.
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        Self::with(steps, &[])
    }

    pub(crate) fn with(steps: Vec<Step>, overrides: &[(&str, &str)]) -> Self {
        let overrides: Overrides =
            overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let catalog = if overrides.is_empty() { catalog() } else { Catalog::built_in(&overrides).unwrap() };
        Self::of(steps, catalog, &[Provider::OpenAi], Some(Provider::OpenAi))
    }

    /// Every provider is there and serves its own models; all play the same script.
    pub(crate) fn everywhere(steps: Vec<Step>) -> Self {
        Self::of(steps, catalog(), &[Provider::OpenAi, Provider::Anthropic, Provider::Ollama], None)
    }

    /// One provider is there and serves its own models only.
    pub(crate) fn only(provider: Provider, steps: Vec<Step>) -> Self {
        Self::of(steps, catalog(), &[provider], None)
    }

    fn of(steps: Vec<Step>, catalog: Catalog, providers: &[Provider], serve_all_with: Option<Provider>) -> Self {
        let wire = Arc::new(Wire { steps: Mutex::new(steps.into()), ..Wire::default() });
        let clock = Arc::new(ManualClock::at_epoch());
        let transports: BTreeMap<Provider, Arc<dyn Transport>> =
            providers.iter().map(|provider| (*provider, Arc::clone(&wire) as _)).collect();
        let ollama = if providers.contains(&Provider::Ollama) { Ollama::Up } else { Ollama::Absent };
        let available = Availability { providers: providers.iter().copied().collect(), ollama, serve_all_with };
        let llm = Llm::new(catalog, transports, available, Arc::clone(&clock) as _);
        Self { llm, wire, clock }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn deadline(&self) -> Timestamp {
        self.clock.now() + Duration::from_secs(120)
    }

    pub(crate) fn models_asked(&self) -> Vec<String> {
        self.wire.bodies.lock().unwrap().iter().map(|body| body["model"].as_str().unwrap().to_owned()).collect()
    }

    /// Runs `call` while time passes.
    pub(crate) async fn while_time_passes<T>(&self, call: impl Future<Output = T>) -> T {
        let passing = async {
            loop {
                tokio::task::yield_now().await;
                self.clock.advance(Duration::from_millis(100));
            }
        };
        tokio::select! { biased; done = call => done, never = passing => never }
    }
}

pub(crate) fn question(model: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::human("How many shirts are left?")])
}

/// A stream of `deltas`, an end for `reason`, usage and the terminal event.
pub(crate) fn stream_of(deltas: &[Value], reason: &str) -> String {
    let chunk = |choices: Value, usage: Value| {
        format!(
            "data: {}\n\n",
            json!({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m-1", "choices": choices, "usage": usage})
        )
    };
    let mut text = String::new();
    for delta in deltas {
        text += &chunk(json!([{"index": 0, "delta": delta, "finish_reason": null}]), Value::Null);
    }
    text += &chunk(json!([{"index": 0, "delta": {}, "finish_reason": reason}]), Value::Null);
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100, "prompt_tokens_details": {"cached_tokens": 600}});
    text + &chunk(json!([]), usage) + "data: [DONE]\n\n"
}

pub(crate) fn answer(text: &str) -> Step {
    Step::sse(&stream_of(&[json!({"role": "assistant", "content": text})], "stop"))
}
