//! The agent node: model rounds and tool rounds, each durable before the next, and the parsed answer at the end.

use chrono::TimeDelta;
use domain::budget::Limits;
use domain::checkpoint::{CallState, Pending, PendingCall};
use domain::event::NewEvent;
use domain::guardrails::new_boundary;
use domain::ids::NodeId;
use domain::ledger::CallEnd;
use domain::message::Message;
use domain::run::FailReason;
use domain::time::Timestamp;
use domain::tool::Access;
use futures_util::future::join_all;
use gateway::CallContext;
use llm::{CallMeta, ChatRequest, ChatResponse, FinishReason, LlmError, ToolChoice, ToolDef};
use serde_json::{Map, Value, json};
use tower::effects::{Mutated, Passage, ToolCatalog, mutate, said};
use tower::segment::{SegmentError, ToolEnd};
use tower::{NodeFailure, NodeOutcome, NodeTask, Session};

use super::{answer, classify, no_model, task_text};
use crate::books::Books;
use crate::dispatch::{self, Checked};
use crate::prompts;
use crate::registry::AgentDefinition;
use crate::runner::AgentRunner;

/// Tool rounds before the final call, which has no tools.
const MAX_TOOL_ROUNDS: u32 = 3;

/// Runs an agent on a task, from the beginning or from where `pending` stands.
pub(crate) async fn run(
    runner: &AgentRunner,
    session: &Session,
    agent: &AgentDefinition,
    task: NodeTask,
) -> Result<NodeOutcome, SegmentError> {
    let mut pending = match task.pending.clone() {
        Some(pending) if !pending.conversation.is_empty() => pending,
        _ => match task_text::build(&task.state, &new_boundary(&session.services().ids.hex(8))) {
            Ok(text) => Pending { conversation: vec![Message::human(text)], ..Pending::begin(task.node.clone()) },
            Err(problem) => {
                return Ok(NodeOutcome::Failed(NodeFailure::new(problem, FailReason::Error)));
            }
        },
    };
    let caller = CallContext {
        run_id: Some(session.run_id().clone()),
        agent_id: agent.agent_id.to_string(),
        trigger_source: task.state.trigger_source().to_owned(),
    };
    let deadline = session.now() + TimeDelta::seconds(i64::from(task.limits.node_seconds));
    let task_type = task.state.text("task_type").map(str::to_owned);
    let work = Work { runner, session, agent, caller, step: task.step, deadline, limits: task.limits, task_type };
    loop {
        if let Some(stop) = work.finish_calls(&mut pending).await? {
            return Ok(stop);
        }
        session.check_stop().await?;
        if session.now() >= deadline {
            let error = format!("the agent did not finish within {} s", task.limits.node_seconds);
            return Ok(NodeOutcome::Failed(NodeFailure::new(error, FailReason::Timeout)));
        }
        match work.ask(&mut pending).await? {
            Asked::Calls => {}
            Asked::Final(text) => return Ok(NodeOutcome::Done(work.outcome(&task.node, &text))),
            Asked::Failed(failure) => return Ok(NodeOutcome::Failed(failure)),
            Asked::Nobody { until, reason } => return Ok(NodeOutcome::Yield { available_at: until, reason }),
        }
    }
}

/// What a model round came to.
enum Asked {
    /// Calls to make.
    Calls,
    /// The final text.
    Final(String),
    /// No model answered.
    Failed(NodeFailure),
    /// No model can be asked before that moment.
    Nobody { until: Timestamp, reason: String },
}

struct Work<'a> {
    runner: &'a AgentRunner,
    session: &'a Session,
    agent: &'a AgentDefinition,
    caller: CallContext,
    step: i64,
    deadline: Timestamp,
    limits: Limits,
    task_type: Option<String>,
}

impl Work<'_> {
    /// One model round; its answer is durable, and paid for in the same commit, before this returns.
    async fn ask(&self, pending: &mut Pending) -> Result<Asked, SegmentError> {
        let with_tools = pending.round < MAX_TOOL_ROUNDS && !self.agent.tool_ids.is_empty();
        let request = self.request(pending, with_tools);
        let meta = CallMeta {
            run_id: Some(self.session.run_id().clone()),
            node: Some(pending.node.clone()),
            step: Some(self.step),
            agent_id: Some(self.agent.agent_id.clone()),
            ..CallMeta::default()
        };
        let spent = self.session.spent().await;
        let limit = self.limits.max_cost.0;
        let books = Books::new(
            self.session,
            self.agent.agent_id.as_str(),
            pending.node.as_str(),
            self.step,
            limit - spent.cost_micros,
        )
        .asked(pending.conversation.last().map_or("", |message| message.content.as_str()))
        .on_task(self.task_type.as_deref());
        let answered = self.runner.llm.chat(&meta, &request, self.deadline, &books).await;
        let (answered_as, broken) = books.close().await;
        if let Some(error) = broken {
            return Err(error);
        }
        let response = match answered {
            Ok(response) => response,
            Err(error) => {
                // An answer may have come all the same, before something after it failed: it was paid for.
                if let Some((end, span)) = answered_as {
                    self.session.end_model_call(&span, &end, "");
                    self.session.commit(|commit| commit.call_end = Some(end)).await?;
                }
                return self.unanswered(pending, &error).await;
            }
        };
        pending.unanswered_since = None;
        pending.round += 1;
        let asked = self.note(pending, response, with_tools);
        if let Some((end, span)) = &answered_as {
            self.trace(pending, span, end, &request);
        }
        let end = answered_as.map(|(end, _)| end);
        pending.llm_call_id = end.as_ref().map(|end| end.call_id);
        self.session.save(pending, |commit| commit.call_end = end).await?;
        Ok(asked)
    }

    /// Ends the span of an answered call; the answer has been redacted.
    fn trace(&self, pending: &Pending, span: &str, end: &CallEnd, request: &ChatRequest) {
        let Some(answer) = pending.conversation.last() else { return };
        let tools = || request.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>();
        self.session.keep_model_content(
            span,
            || json!({"system": request.system, "messages": request.messages, "tools": tools()}),
            || json!(answer),
        );
        let calls: Vec<&str> = answer.tool_calls.iter().map(|call| call.name.as_str()).collect();
        let said = match answer.content.as_str() {
            "" if !calls.is_empty() => format!("calls {}", calls.join(", ")),
            text => text.to_owned(),
        };
        self.session.end_model_call(span, end, &said);
    }

    fn request(&self, pending: &Pending, with_tools: bool) -> ChatRequest {
        let mut request = ChatRequest::new(self.agent.model_id.clone(), pending.conversation.clone());
        request.system = Some(prompts::system_text(self.agent));
        if with_tools {
            request.tools = self.offered();
        } else if pending.round > 0 {
            request.tool_choice = ToolChoice::None;
        }
        request
    }

    /// The tools that this agent may call and that exist here.
    fn offered(&self) -> Vec<ToolDef> {
        let found = self.agent.tool_ids.iter().filter_map(|id| self.runner.toolbox.get(id.as_str()));
        found
            .map(|tool| ToolDef {
                name: tool.spec().id.to_string(),
                description: tool.spec().description.to_owned(),
                schema: tool.spec().schema.clone(),
            })
            .collect()
    }

    /// Puts an answer into the conversation.
    fn note(&self, pending: &mut Pending, response: ChatResponse, with_tools: bool) -> Asked {
        let mut message = response.message;
        message.content = self.session.services().redactor.redact(&message.content);
        let refused = response.finish == FinishReason::Refused;
        if refused || message.tool_calls.is_empty() || !with_tools {
            message.tool_calls.clear();
            pending.calls.clear();
            let text = message.content.clone();
            pending.conversation.push(message);
            if response.finish == FinishReason::Length && text.trim().is_empty() {
                // Silence is no result: everything that it might say went into thinking.
                let error = "the model reached its limit on tokens before it said anything";
                return Asked::Failed(NodeFailure::new(error, FailReason::ApiError));
            }
            if refused {
                return Asked::Failed(NodeFailure::new("the model refused the task", FailReason::ApiError));
            }
            return Asked::Final(text);
        }
        // A secret in the arguments is not stored, and what is left of them is not run.
        let redactor = &self.session.services().redactor;
        pending.calls = message
            .tool_calls
            .iter_mut()
            .map(|call| {
                let found = redactor.redact_json(&mut call.args);
                let result = (!found.is_empty()).then(|| dispatch::refuse_secret().to_result());
                PendingCall {
                    id: call.id.clone(),
                    name: call.name.clone(),
                    state: if result.is_some() { CallState::Done } else { CallState::Todo },
                    effect_id: None,
                    ticket_id: None,
                    result,
                }
            })
            .collect();
        pending.conversation.push(message);
        Asked::Calls
    }

    /// Waits in the queue if a model can be asked soon, else fails.
    async fn unanswered(&self, pending: &mut Pending, error: &LlmError) -> Result<Asked, SegmentError> {
        let redactor = &self.session.services().redactor;
        let now = self.session.now();
        let since = pending.unanswered_since.unwrap_or(now);
        if let Some(until) = no_model::wait(error.available_at(), since, now) {
            pending.unanswered_since = Some(since);
            self.session.save(pending, |_| {}).await?;
            return Ok(Asked::Nobody { until, reason: redactor.redact(&error.to_string()) });
        }
        let failure = no_model::failure(error);
        Ok(Asked::Failed(NodeFailure { error: redactor.redact(&failure.error), ..failure }))
    }

    /// Works off the calls of the newest answer: independent reads together, mutating calls one after the other. When
    /// all have a result, the results go into the conversation.
    async fn finish_calls(&self, pending: &mut Pending) -> Result<Option<NodeOutcome>, SegmentError> {
        self.run_reads(pending).await?;
        for index in 0..pending.calls.len() {
            if pending.calls[index].state == CallState::Done {
                continue;
            }
            self.session.check_stop().await?;
            let (name, args) = self.proposal(pending, index);
            let checked = dispatch::check(&self.runner.toolbox, self.session, &self.agent.tool_ids, &name, &args);
            let Checked { tool, params } = match checked {
                Ok(checked) => checked,
                Err(refusal) => {
                    dispatch::note_refusal(self.session, self.agent.agent_id.as_str(), &name, &refusal).await;
                    let call = &pending.calls[index];
                    self.session.begin_tool_call(pending.node.as_str(), &call.id, &short(&call.name), &args);
                    self.record(pending, index, refusal.to_result(), false).await?;
                    continue;
                }
            };
            let passage = Passage { caller: &self.caller, pending, index, params };
            match mutate(self.session, &tool, passage).await? {
                Mutated::Done => {}
                Mutated::Park(request) => return Ok(Some(NodeOutcome::Park(request))),
                Mutated::Yield { available_at, reason } => {
                    return Ok(Some(NodeOutcome::Yield { available_at, reason }));
                }
            }
        }
        for call in pending.calls.drain(..) {
            let text = dispatch::result_text(&call.result.unwrap_or_default());
            pending.conversation.push(Message::tool(call.id, text));
        }
        Ok(None)
    }

    fn proposal(&self, pending: &Pending, index: usize) -> (String, Value) {
        let call = &pending.calls[index];
        let asked =
            pending.conversation.iter().rev().flat_map(|message| &message.tool_calls).find(|tool| tool.id == call.id);
        (call.name.clone(), asked.map(|tool| tool.args.clone()).unwrap_or_default())
    }

    async fn run_reads(&self, pending: &mut Pending) -> Result<(), SegmentError> {
        let mut reads = Vec::new();
        for index in 0..pending.calls.len() {
            if pending.calls[index].state != CallState::Todo {
                continue;
            }
            let (name, args) = self.proposal(pending, index);
            let checked = dispatch::check(&self.runner.toolbox, self.session, &self.agent.tool_ids, &name, &args);
            match checked {
                Ok(Checked { tool, params }) if tool.spec().access == Access::Read => {
                    let call_id = &pending.calls[index].id;
                    self.session.begin_tool_call(pending.node.as_str(), call_id, &name, &params);
                    reads.push(async move { (index, tool.read(&self.caller, &params).await) })
                }
                _ => {}
            }
        }
        for (index, outcome) in join_all(reads).await {
            let (result, ok) = match outcome {
                Ok(result) => (result, true),
                Err(error) => (error.to_result(), false),
            };
            self.record(pending, index, result, ok).await?;
        }
        Ok(())
    }

    /// Makes the result of a call durable.
    async fn record(
        &self,
        pending: &mut Pending,
        index: usize,
        mut result: Value,
        ok: bool,
    ) -> Result<(), SegmentError> {
        self.session.services().redactor.redact_json(&mut result);
        let call = &mut pending.calls[index];
        let error = (!ok).then(|| said(&result));
        let outcome = if ok { "done" } else { "failed" };
        let end = ToolEnd { result: Some(&result), error: error.as_deref(), effect_id: None, outcome };
        self.session.end_tool_call(pending.node.as_str(), &call.id, end);
        call.state = CallState::Done;
        call.result = Some(result);
        let event = NewEvent::tool_called(&short(&call.name), None, ok);
        self.session.save(pending, |commit| commit.events.push(event)).await?;
        Ok(())
    }

    /// What the node leaves in the state.
    fn outcome(&self, node: &NodeId, text: &str) -> Map<String, Value> {
        let parsed = answer::parse(text);
        let agent_id = self.agent.agent_id.as_str();
        if agent_id == "orchestrator" {
            let update = classify::from_answer(&Value::Object(parsed.clone()));
            return update.unwrap_or_else(|| {
                let error = json!({"error": "the task could not be classified", "_failed_reason": "error"});
                error.as_object().cloned().unwrap_or_default()
            });
        }
        let mut update = Map::new();
        for name in ["route_to", "error", "task_type", "task_complexity", "should_spawn_sub_agents"] {
            if let Some(value) = parsed.get(name) {
                update.insert(name.to_owned(), value.clone());
            }
        }
        update.insert("current_agent".into(), json!(node));
        update.insert("messages".into(), json!([Message::ai(answer::headline(&parsed, text))]));
        if let Some(name) = own_result(agent_id) {
            update.insert(name.to_owned(), Value::Object(parsed.clone()));
        }
        update.insert("agent_results".into(), json!({agent_id: parsed}));
        update
    }
}

/// A tool's name as a model wrote it, for rows.
fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// The member of the state that holds the result of a store agent.
fn own_result(agent_id: &str) -> Option<&'static str> {
    match agent_id {
        "sales_marketing" => Some("sales_result"),
        "operations" => Some("operations_result"),
        "revenue" => Some("revenue_result"),
        "sage" => Some("sage_result"),
        _ => None,
    }
}
