//! The effect gateway: the only way from a run to a mutating call.
//!
//! Order of the conditions: resolve (reads alone) → known effect → business key → goal gate → risk → prepared row, with
//! a ticket unless the risk is low → resolve again and compare → guarded statement → one call → recorded outcome. The
//! schema, the allow-list and the input guardrails are checked by the dispatcher before a call comes here.
//!
//! The progress of a call is durable at each point where a crash could come between: `pending` says `open` before the
//! statement that lets it go, and the outcome is committed together with the tool result that the model will read.

mod ancestors;
mod answers;
mod draft;
mod execute;
mod ledger;
mod mutate;
mod reconcile;

use std::sync::Arc;

use domain::checkpoint::{CallState, Pending};
use domain::event::NewEvent;
use domain::ids::EffectId;
use domain::time::Timestamp;
use gateway::{CallContext, Tool};
use serde_json::Value;
use store::writer::StepCommit;

use crate::node::ParkRequest;
use crate::segment::session::Session;
use crate::segment::{SegmentError, ToolEnd};

pub use mutate::mutate;

/// The tools by name.
pub trait ToolCatalog: Send + Sync {
    /// The tool of this id.
    fn get(&self, id: &str) -> Option<Arc<dyn Tool>>;
    /// All of them, ordered by id.
    fn all(&self) -> Vec<Arc<dyn Tool>>;
}

/// One mutating call on its way: whose it is, and where its progress is kept.
#[derive(Debug)]
pub struct Passage<'a> {
    /// Who calls.
    pub caller: &'a CallContext,
    /// The node's progress.
    pub pending: &'a mut Pending,
    /// Which of its calls.
    pub index: usize,
    /// Parameters, checked against the schema, defaults filled in.
    pub params: Value,
}

/// How far a mutating call came.
#[derive(Debug)]
pub enum Mutated {
    /// It has its result, durable in `pending`.
    Done,
    /// A person decides.
    Park(Box<ParkRequest>),
    /// Not now.
    Yield {
        /// Not before.
        available_at: Timestamp,
        /// Why.
        reason: String,
    },
}

/// What a refused call's result says of the reason.
#[must_use]
pub fn said(result: &Value) -> String {
    let text = |name: &str| result.get(name).and_then(Value::as_str);
    text("message").or_else(|| text("error")).or_else(|| text("status")).unwrap_or("failed").to_owned()
}

impl Passage<'_> {
    fn call_id(&self) -> &str {
        &self.pending.calls[self.index].id
    }

    /// Records the result of a call that changed nothing in its effect row (or has none), in one commit.
    async fn answer(
        &mut self,
        session: &Session,
        tool: &str,
        result: Value,
        ok: bool,
    ) -> Result<Mutated, SegmentError> {
        self.finish(session, tool, None, result, ok, |_| {}).await
    }

    /// Records the result of a call together with what `fill` adds, in one commit.
    async fn finish(
        &mut self,
        session: &Session,
        tool: &str,
        effect_id: Option<&EffectId>,
        result: Value,
        ok: bool,
        fill: impl FnOnce(&mut StepCommit),
    ) -> Result<Mutated, SegmentError> {
        let mut result = result;
        session.services().redactor.redact_json(&mut result);
        let error = if ok { None } else { Some(said(&result)) };
        let outcome = if ok { "done" } else { "failed" };
        let end = ToolEnd { result: Some(&result), error: error.as_deref(), effect_id, outcome };
        session.end_tool_call(self.pending.node.as_str(), self.call_id(), end);
        let call = &mut self.pending.calls[self.index];
        call.state = CallState::Done;
        call.result = Some(result);
        if let Some(effect_id) = effect_id {
            call.effect_id = Some(effect_id.clone());
        }
        session
            .save(self.pending, |commit| {
                fill(commit);
                commit.events.push(NewEvent::tool_called(tool, effect_id, ok));
            })
            .await?;
        Ok(Mutated::Done)
    }
}
