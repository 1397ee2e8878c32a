//! Hands each line of level info and above to those who watch and to the table of recent lines.
//!
//! A line never waits: what finds the channel full is dropped and counted.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use clock::SharedClock;
use domain::guardrails::Redactor;
use domain::live::LiveEvent;
use serde_json::{Map, Value, json};
use store::log_lines::{LogLevel, NewLogLine};
use tokio::sync::mpsc;
use tower::live::Hub;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// Lines that wait to be stored.
const WAITING: usize = 4_096;
/// Longest message, characters.
const MAX_MESSAGE_CHARS: usize = 2_000;
/// Largest set of facts, bytes of JSON.
const MAX_FIELD_BYTES: usize = 8 * 1024;
/// Parts of the program that carry events to those who watch: a line of theirs would cause the next one.
const EVENT_PATH: [&str; 4] = ["holly_tower::live", "holly_tower::announce", "holly_api::socket", "holly::logging"];
/// The span of the task that stores lines; what is logged within it is not stored.
pub(super) const KEEPER_SPAN: &str = "log_keeper";

/// Where the lines go.
pub(super) struct Shared {
    redactor: Arc<Redactor>,
    clock: SharedClock,
    hub: OnceLock<Hub>,
    sender: mpsc::Sender<NewLogLine>,
    pub(super) dropped: AtomicU64,
}

/// The receiving end, and what the layer is made from.
pub(crate) struct Tap {
    pub(super) shared: Arc<Shared>,
    pub(super) lines: mpsc::Receiver<NewLogLine>,
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap").finish_non_exhaustive()
    }
}

impl Tap {
    pub(super) fn new(redactor: Arc<Redactor>, clock: SharedClock) -> Self {
        let (sender, lines) = mpsc::channel(WAITING);
        let shared = Shared { redactor, clock, hub: OnceLock::new(), sender, dropped: AtomicU64::new(0) };
        Self { shared: Arc::new(shared), lines }
    }

    pub(super) fn layer(&self) -> TapLayer {
        TapLayer(Arc::clone(&self.shared))
    }

    /// From now on lines are live events too; only the first hub counts.
    pub(crate) fn publish_to(&self, hub: Hub) {
        let _ = self.shared.hub.set(hub);
    }
}

/// The layer of the subscriber.
pub(super) struct TapLayer(Arc<Shared>);

/// What a span says of the lines within it.
#[derive(Debug, Default)]
struct SpanFacts {
    run_id: Option<String>,
    node: Option<String>,
    keeper: bool,
}

/// Gathers the members of an event or a span.
#[derive(Default)]
struct Members {
    message: String,
    fields: Map<String, Value>,
}

impl Members {
    fn put(&mut self, field: &Field, value: Value) {
        if field.name() == "message" {
            self.message = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        } else {
            self.fields.insert(field.name().to_owned(), value);
        }
    }

    fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| Some(self.fields.get(*name)?.as_str()?.to_owned()))
    }
}

impl Visit for Members {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, json!(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, json!(format!("{value:?}")));
    }
}

/// Names under which a run and a node are logged.
const RUN: [&str; 2] = ["run.id", "run_id"];
const NODE: [&str; 2] = ["node", "agent"];

impl<S> Layer<S> for TapLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut members = Members::default();
        attributes.record(&mut members);
        let facts = SpanFacts {
            run_id: members.text(&RUN),
            node: members.text(&NODE),
            keeper: attributes.metadata().name() == KEEPER_SPAN,
        };
        span.extensions_mut().insert(facts);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut members = Members::default();
        values.record(&mut members);
        let mut extensions = span.extensions_mut();
        if let Some(facts) = extensions.get_mut::<SpanFacts>() {
            facts.run_id = members.text(&RUN).or(facts.run_id.take());
            facts.node = members.text(&NODE).or(facts.node.take());
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let target = event.metadata().target();
        if EVENT_PATH.iter().any(|part| target.starts_with(part)) {
            return;
        }
        let mut members = Members::default();
        event.record(&mut members);
        let (mut run_id, mut node) = (members.text(&RUN), members.text(&NODE));
        for span in context.event_scope(event).into_iter().flatten() {
            let extensions = span.extensions();
            let Some(facts) = extensions.get::<SpanFacts>() else { continue };
            if facts.keeper {
                return;
            }
            run_id = run_id.or_else(|| facts.run_id.clone());
            node = node.or_else(|| facts.node.clone());
        }
        self.0.take(level(*event.metadata().level()), target, members, run_id, node);
    }
}

impl Shared {
    fn take(&self, level: LogLevel, logger: &str, members: Members, run_id: Option<String>, agent: Option<String>) {
        let mut fields = members.fields;
        self.redactor.redact_object(&mut fields);
        if serde_json::to_string(&fields).map_or(0, |text| text.len()) > MAX_FIELD_BYTES {
            fields = Map::from_iter([("cut".to_owned(), json!(true))]);
        }
        let message: String = self.redactor.redact(&members.message).chars().take(MAX_MESSAGE_CHARS).collect();
        let at = self.clock.now();
        let line = NewLogLine { ts: at, level, logger: logger.to_owned(), message, agent, run_id, fields };
        if let Some(hub) = self.hub.get().filter(|hub| hub.is_watched()) {
            let shown = json!({
                "level": line.level.as_str(), "logger": line.logger, "message": line.message, "agent": line.agent,
            });
            hub.publish(LiveEvent::new("log", at, line.run_id.as_deref(), shown));
        }
        if self.sender.try_send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warning,
        Level::INFO => LogLevel::Info,
        Level::DEBUG | Level::TRACE => LogLevel::Debug,
    }
}

#[cfg(test)]
mod tests {
    use clock::ManualClock;
    use tower::live::Frame;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn told(say: impl FnOnce()) -> Vec<NewLogLine> {
        let mut tap = tap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(tap.layer()), say);
        std::iter::from_fn(|| tap.lines.try_recv().ok()).collect()
    }

    fn tap() -> Tap {
        Tap::new(Arc::new(Redactor::new(["a-very-secret-value".to_owned()])), Arc::new(ManualClock::at_epoch()))
    }

    #[test]
    fn a_line_knows_the_run_and_the_node_of_its_spans() {
        let lines = told(|| {
            let run = tracing::info_span!("run", run.id = "run_0123456789abcdef").entered();
            let node = tracing::info_span!("node", node = "operations").entered();
            tracing::warn!(target: "part", attempt = 2, "slow");
            drop(node);
            tracing::info!(target: "part", "between");
            drop(run);
            tracing::info!(target: "part", run_id = "run_1", "outside");
        });
        let seen: Vec<_> = lines.iter().map(|line| (line.run_id.as_deref(), line.agent.as_deref())).collect();
        let run = Some("run_0123456789abcdef");
        assert_eq!(seen, [(run, Some("operations")), (run, None), (Some("run_1"), None)]);
        assert_eq!((lines[0].level, lines[0].message.as_str()), (LogLevel::Warning, "slow"));
        assert_eq!(lines[0].fields["attempt"], 2);
    }

    #[test]
    fn neither_message_nor_facts_hold_a_secret() {
        let lines =
            told(|| tracing::info!(target: "part", header = "a-very-secret-value", "got {}", "a-very-secret-value"));
        assert_eq!(lines.len(), 1);
        assert!(!format!("{lines:?}").contains("a-very-secret-value"), "{lines:?}");
    }

    #[test]
    fn the_event_path_and_the_keeper_are_not_heard() {
        let lines = told(|| {
            tracing::info!(target: "part", "heard");
            tracing::info!(target: "holly_api::socket::pump", "sent");
            let _keeper = tracing::info_span!(KEEPER_SPAN).entered();
            tracing::warn!(target: "part", "could not store");
        });
        let messages: Vec<_> = lines.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(messages, ["heard"]);
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted_and_nobody_waits() {
        let tap = tap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(tap.layer()), || {
            for n in 0..WAITING + 3 {
                tracing::info!(target: "part", n, "line");
            }
        });
        assert_eq!(tap.shared.dropped.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn who_watches_is_told() {
        let tap = tap();
        let hub = Hub::new(Arc::new(Redactor::new(Vec::new())));
        tap.publish_to(hub.clone());
        let mut watching = hub.subscribe();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(tap.layer()), || {
            tracing::error!(target: "part", run_id = "run_1", "broken");
        });
        let Frame::Event(event) = watching.next().await else { panic!("dropped") };
        assert_eq!((event.kind, event.thread_id.as_deref()), ("log", Some("run_1")));
        let wanted = json!({"level": "error", "logger": "part", "message": "broken", "agent": null});
        assert_eq!(event.fields, *wanted.as_object().unwrap());
    }
}
