//! The spans of a segment: kept here while they are open, written with whatever is committed next, and told to whoever
//! watches.
//!
//! A span that begins and ends between two commits is written once, ended; only one that was open during a commit is
//! written twice. Nothing waits for a span.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::ids::{CallId, EffectId, TicketId};
use domain::ledger::{CallEnd, CallStatus};
use domain::run::cut;
use domain::state::RunState;
use domain::trace::{Span, SpanType, WAITING, last_message, members, preview, preview_json, preview_update};
use serde_json::{Map, Value, json};

use super::session::Session;

/// Longest text of a live event about a node, characters.
const NODE_CHARS: usize = 300;
/// Longest text of a live event about a tool, characters.
const TOOL_CHARS: usize = 200;

#[derive(Debug)]
pub(super) struct Trace(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    /// Spans under way, by id.
    open: BTreeMap<String, Span>,
    /// Spans to be written with the next commit, by id.
    unwritten: BTreeMap<String, Span>,
    /// The open span of each node at work.
    nodes: HashMap<String, String>,
    /// The open span of each tool call, by node and the provider's id of the call.
    calls: HashMap<(String, String), String>,
    /// Tries so far of nodes that have not finished.
    tries: HashMap<String, i64>,
    /// Spans made so far; orders those of one millisecond.
    count: u16,
}

/// How a node was left.
#[derive(Debug, Clone, Copy)]
pub(super) enum Left<'a> {
    /// It is done and leaves this in the state.
    Done(&'a Map<String, Value>),
    /// It failed.
    Failed(&'a str),
    /// A person decides how it goes on.
    Waiting,
    /// It could not go on for now.
    Later(&'a str),
}

/// A model call about to be made.
#[derive(Debug, Clone, Copy)]
pub struct ModelCall<'a> {
    /// The node.
    pub node: &'a str,
    /// Who is asked.
    pub provider: &'a str,
    /// The model that is called.
    pub model: &'a str,
    /// The model that was wanted.
    pub requested: &'a str,
    /// Begin of the newest message, already redacted.
    pub said: &'a str,
}

/// How a tool call ended, for now or for good.
#[derive(Debug, Clone, Copy)]
pub struct ToolEnd<'a> {
    /// What the model is told.
    pub result: Option<&'a Value>,
    /// What went wrong.
    pub error: Option<&'a str>,
    /// Its effect.
    pub effect_id: Option<&'a EffectId>,
    /// `done`, `failed`, `waiting` or `later`.
    pub outcome: &'static str,
}

impl Trace {
    /// Empty, for the segment of this claim.
    pub(super) fn new(epoch: i64) -> Self {
        // Segments that fall into one millisecond keep their order, too.
        let count = u16::try_from(epoch.rem_euclid(64)).unwrap_or_default() * 64;
        Self(Mutex::new(Book { count, ..Book::default() }))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the next commit writes.
    pub(super) fn take(&self) -> Vec<Span> {
        std::mem::take(&mut self.book().unwritten).into_values().collect()
    }

    /// Tries of nodes in earlier segments.
    pub(super) fn recall(&self, tries: Vec<(String, i64)>) {
        self.book().tries.extend(tries);
    }
}

impl Book {
    fn open(&mut self, span: Span) {
        self.unwritten.insert(span.span_id.clone(), span.clone());
        self.open.insert(span.span_id.clone(), span);
    }

    /// Ends an open span after `fill` has put in what came of it.
    fn close(&mut self, span_id: &str, fill: impl FnOnce(&mut Span)) {
        if let Some(mut span) = self.open.remove(span_id) {
            fill(&mut span);
            self.unwritten.insert(span.span_id.clone(), span);
        }
    }
}

impl Session {
    fn span(&self, book: &mut Book, parent: &str, kind: SpanType, name: &str) -> Span {
        let now = self.now();
        let id = self.services().ids.ordered_uuid(now, book.count);
        book.count = book.count.wrapping_add(1);
        let mut span = Span::part(self.run(), id, Some(parent.to_owned()), kind, now);
        name.clone_into(&mut span.name);
        span
    }

    /// A value for the trace page of one span, when contents are kept at all.
    fn content(&self, value: impl FnOnce() -> Value) -> Option<Value> {
        self.services().settings.trace_content.then(|| {
            let mut value = value();
            self.services().redactor.redact_json(&mut value);
            value
        })
    }

    fn tell_span(&self, kind: &'static str, fields: impl FnOnce() -> Value) {
        self.services().tell(kind, Some(self.run_id().as_str()), fields);
    }

    /// A node begins, or begins again after a wait or a crash.
    pub(super) fn enter_node(&self, node: &str, agent_id: Option<&str>, step: i64, state: &RunState) {
        let inputs_preview = last_message(state.get("messages"));
        let inputs = self.content(|| Value::Object(state.members().clone()));
        let mut book = self.trace().book();
        let mut span = self.span(&mut book, self.run_id().as_str(), SpanType::Chain, node);
        let tries = book.tries.entry(node.to_owned()).or_default();
        *tries += 1;
        span.attempt = Some(*tries);
        span.agent_id = agent_id.map(str::to_owned);
        span.inputs_preview = inputs_preview;
        span.inputs = inputs;
        span.attributes = members(json!({"kind": "node", "node": node, "step": step, "epoch": self.fence().epoch}));
        let (id, shown) = (span.span_id.clone(), span.inputs_preview.clone());
        book.nodes.insert(node.to_owned(), id.clone());
        book.open(span);
        drop(book);
        self.tell_span(
            "node_entered",
            || json!({"node": node, "run_id": id, "inputs_preview": cut(&shown, NODE_CHARS)}),
        );
    }

    /// A node is left.
    pub(super) fn leave_node(&self, node: &str, left: Left<'_>) {
        let (outcome, error, shown) = match left {
            Left::Done(update) => ("done", None, preview_update(update)),
            Left::Failed(error) => ("failed", Some(error), String::new()),
            Left::Waiting => ("waiting", None, WAITING.to_owned()),
            Left::Later(reason) => ("later", Some(reason), String::new()),
        };
        let outputs = match left {
            Left::Done(update) => self.content(|| Value::Object(update.clone())),
            _ => None,
        };
        let now = self.now();
        let mut book = self.trace().book();
        if matches!(left, Left::Done(_) | Left::Failed(_)) {
            book.tries.remove(node);
        }
        let Some(id) = book.nodes.remove(node) else { return };
        book.close(&id, |span| {
            span.end(now, error);
            span.outputs_preview.clone_from(&shown);
            span.outputs = outputs;
            span.attributes.insert("outcome".to_owned(), outcome.into());
        });
        drop(book);
        match error {
            Some(error) => {
                self.tell_span("node_error", || json!({"node": node, "run_id": id, "error": cut(error, NODE_CHARS)}))
            }
            None => self.tell_span(
                "node_exited",
                || json!({"node": node, "run_id": id, "outputs_preview": cut(&shown, NODE_CHARS)}),
            ),
        }
    }

    /// A model call begins. Gives the id of its span.
    #[must_use]
    pub fn begin_model_call(&self, call: ModelCall<'_>) -> String {
        let mut book = self.trace().book();
        let (mut span, agent_id) = self.child(&mut book, call.node, SpanType::Llm, call.model);
        span.agent_id = agent_id;
        span.model = Some(call.model.to_owned());
        span.inputs_preview = preview(call.said);
        span.attributes = members(json!({
            "kind": "llm", "node": call.node, "provider": call.provider, "model_requested": call.requested,
        }));
        let id = span.span_id.clone();
        book.open(span);
        drop(book);
        self.tell_span("llm_start", || json!({"model": call.model, "run_id": id}));
        id
    }

    /// The row of the ledger that stands for a model call.
    pub fn model_call_is(&self, span_id: &str, call_id: CallId) {
        if let Some(span) = self.trace().book().open.get_mut(span_id) {
            span.attributes.insert("call_id".to_owned(), json!(call_id));
        }
    }

    /// A model call has ended. `answer` is the begin of what was said, already redacted.
    pub fn end_model_call(&self, span_id: &str, end: &CallEnd, answer: &str) {
        let error = match end.status {
            CallStatus::Ok => None,
            _ => Some(end.error_class.as_deref().unwrap_or("error")),
        };
        let shown = preview(answer);
        self.trace().book().close(span_id, |span| {
            span.end(end.ts, error);
            span.model = Some(end.model_used.clone());
            span.prompt_tokens = end.input_tokens;
            span.completion_tokens = end.output_tokens;
            span.cost_micros = end.cost_micros;
            span.outputs_preview = shown;
            span.attributes.extend(members(json!({
                "call_id": end.call_id, "ttft_ms": end.ttft_ms, "latency_ms": end.latency_ms,
                "cache_read_tokens": end.cache_read_tokens, "cache_write_tokens": end.cache_write_tokens,
                "reasoning_tokens": end.reasoning_tokens, "estimated": end.estimated, "request_id": end.request_id,
            })));
        });
        self.tell_span("llm_end", || {
            let (input, output) = (end.input_tokens, end.output_tokens);
            let usage = json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output});
            json!({"run_id": span_id, "token_usage": usage})
        });
    }

    /// Keeps the whole conversation of a model call, when contents are kept at all.
    pub fn keep_model_content(&self, span_id: &str, inputs: impl FnOnce() -> Value, outputs: impl FnOnce() -> Value) {
        let Some(inputs) = self.content(inputs) else { return };
        let outputs = self.content(outputs);
        let mut book = self.trace().book();
        if let Some(span) = book.open.get_mut(span_id) {
            span.inputs = Some(inputs);
            span.outputs = outputs;
        }
    }

    /// A tool call begins, or goes on after a wait.
    pub fn begin_tool_call(&self, node: &str, call_id: &str, tool: &str, params: &Value) {
        let inputs_preview = self.services().redactor.redact(&preview_json(params));
        let inputs = self.content(|| params.clone());
        let mut book = self.trace().book();
        let (mut span, agent_id) = self.child(&mut book, node, SpanType::Tool, tool);
        span.agent_id = agent_id;
        span.inputs_preview = inputs_preview;
        span.inputs = inputs;
        span.attributes = members(json!({"kind": "tool", "node": node, "tool": tool, "tool_call_id": call_id}));
        let id = span.span_id.clone();
        book.calls.insert((node.to_owned(), call_id.to_owned()), id.clone());
        book.open(span);
        drop(book);
        self.tell_span("tool_start", || json!({"tool": tool, "run_id": id}));
    }

    /// The effect that a tool call works on, and the ticket that let it through.
    pub fn tool_call_is(&self, node: &str, call_id: &str, effect_id: &EffectId, ticket_id: Option<TicketId>) {
        let mut book = self.trace().book();
        let Some(id) = book.calls.get(&(node.to_owned(), call_id.to_owned())).cloned() else { return };
        if let Some(span) = book.open.get_mut(&id) {
            span.ticket_id = ticket_id;
            span.attributes.insert("effect_id".to_owned(), json!(effect_id));
            let span = span.clone();
            book.unwritten.insert(id, span);
        }
    }

    /// A tool call has ended, or waits.
    pub fn end_tool_call(&self, node: &str, call_id: &str, end: ToolEnd<'_>) {
        let shown = end.result.map(preview_json).unwrap_or_default();
        let shown = self.services().redactor.redact(&shown);
        let outputs = end.result.and_then(|result| self.content(|| result.clone()));
        let now = self.now();
        let mut book = self.trace().book();
        let Some(id) = book.calls.remove(&(node.to_owned(), call_id.to_owned())) else { return };
        book.close(&id, |span| {
            span.end(now, end.error);
            span.outputs_preview.clone_from(&shown);
            span.outputs = outputs;
            span.attributes.insert("outcome".to_owned(), end.outcome.into());
            if let Some(effect_id) = end.effect_id {
                span.attributes.insert("effect_id".to_owned(), json!(effect_id));
            }
        });
        drop(book);
        self.tell_span("tool_end", || json!({"run_id": id, "output_preview": cut(&shown, TOOL_CHARS)}));
    }

    fn child(&self, book: &mut Book, node: &str, kind: SpanType, name: &str) -> (Span, Option<String>) {
        let parent = book.nodes.get(node).cloned();
        let agent = parent.as_ref().and_then(|id| book.open.get(id)).and_then(|span| span.agent_id.clone());
        let parent = parent.unwrap_or_else(|| self.run_id().to_string());
        (self.span(book, &parent, kind, name), agent)
    }

    /// The wait that begins with a ticket; a person's decision ends it.
    pub(super) fn waiting_span(&self, node: &str, shown: &str) -> Span {
        let mut book = self.trace().book();
        let mut span = self.span(&mut book, self.run_id().as_str(), SpanType::Chain, WAITING);
        span.inputs_preview = preview(shown);
        span.attributes = members(json!({"kind": "wait", "node": node}));
        span
    }

    /// The segment ends: what is still open ends with it, innermost first.
    pub(super) fn close_spans(&self, why: &str) {
        let now = self.now();
        let mut told = Vec::new();
        let mut book = self.trace().book();
        let nodes: HashMap<String, String> = book.nodes.drain().map(|(node, id)| (id, node)).collect();
        book.calls.clear();
        let open: Vec<String> = book.open.keys().rev().cloned().collect();
        for id in open {
            book.close(&id, |span| {
                span.end(now, Some(why));
                span.attributes.insert("outcome".to_owned(), "broken off".into());
            });
            if let Some(node) = nodes.get(&id) {
                told.push((id, node.clone()));
            }
        }
        drop(book);
        for (id, node) in told {
            self.tell_span("node_error", || json!({"node": node, "run_id": id, "error": cut(why, NODE_CHARS)}));
        }
    }

    /// The run ends: its root span with it.
    pub(super) fn close_root(&self, error: Option<&str>, summary: &str, cost_micros: i64) {
        let mut root = Span::root(self.run());
        root.end(self.now(), error);
        root.outputs_preview = preview(summary);
        root.cost_micros = Some(cost_micros);
        self.trace().book().unwritten.insert(root.span_id.clone(), root);
    }
}
