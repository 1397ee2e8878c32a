//! The played engine: one run, one ticket, one effect and one order; it remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use api::ports::{
    AppError, AuditEvent, AuditTrail, BreakerSnapshot, BreakerState, Breakers, ControlTower, Delivery, Health,
    HealthProbe, Ledgers, LiveFeed, LiveFrame, LiveFrames, LogBook, LogFilter, LogRecord, OrderCursor, OrderFile,
    OrderFilter, Page, PauseState, Provider, RetryRun, Revocations, RunCursor, RunFilter, RunSnapshot, ShownSpan,
    SpanContent, StartRun, Started, TicketFilter, Trace, TraceCursor, TraceFilter, TracePage, WebhookCounts,
    WebhookOutcome,
};
use clock::{Clock, ManualClock};
use domain::checkpoint::{Checkpoint, CheckpointMeta, Source};
use domain::codes::Code;
use domain::costs::{CostSummary, Window, summarise};
use domain::effect::{Effect, EffectStatus};
use domain::event::RunEvent;
use domain::ids::{CheckpointId, EffectId, OrderKey, RunId, TicketId};
use domain::order::{Fulfilment, Order, Payment};
use domain::run::{Run, RunStatus};
use domain::state::RunState;
use domain::ticket::{self, Answer, Decider, LIFE_SECONDS, Ticket, TicketStatus, TicketType};
use domain::time::Timestamp;
use domain::tool::Risk;
use domain::trace::{Span, SpanType};
use serde_json::{Map, Value, json};

pub(crate) const RUN: &str = "run_0123456789abcdef";
pub(crate) const EFFECT: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const SPAN: &str = "01999999-9999-7000-8000-000000000001";
pub(crate) const CHECKPOINT: &str = "cp_0123456789ab";

pub(crate) fn now() -> Timestamp {
    ManualClock::at_epoch().now()
}

pub(crate) fn run() -> Run {
    Run {
        run_id: RUN.parse().unwrap(),
        workflow_id: "default".parse().unwrap(),
        workflow_version: Some(1),
        status: RunStatus::WaitingApproval,
        priority: 5,
        run_name: Some("Order #1042 paid".into()),
        input_state: RunState::default(),
        metadata: json!({}),
        created_by: Some("webhook".into()),
        created_at: now(),
        updated_at: now(),
        started_at: Some(now()),
        finished_at: None,
        last_checkpoint_id: Some(CHECKPOINT.parse().unwrap()),
        last_ticket_id: Some(TicketId(42)),
        last_error: None,
        attempt: 0,
        lease_owner: None,
        lease_epoch: 1,
        lease_until: None,
        paused: false,
        serial_key: Some("order:5830137741322".into()),
        concurrency_limit: None,
        available_at: None,
        deadline_at: None,
        cancel_requested: false,
        parent_run_id: None,
        parent_checkpoint_id: None,
        cost_micros: 1_250_000,
        tokens: 900,
        event_seq: 3,
    }
}

pub(crate) fn pending(id: i64, risk: Risk) -> Ticket {
    Ticket {
        id: TicketId(id),
        run_id: RUN.into(),
        ticket_type: TicketType::ToolCall,
        risk_level: risk,
        status: TicketStatus::Pending,
        proposed_action: json!({"tool": "printful_submit_order", "params": {}}),
        context_pack: json!({}),
        decision_payload: None,
        checkpoint_id: Some(CHECKPOINT.parse().unwrap()),
        interrupt_id: None,
        created_at: now(),
        decided_at: None,
        decided_by: None,
        expires_at: now() + chrono::TimeDelta::seconds(LIFE_SECONDS),
        payload_hash: Some("0".repeat(64)),
        effect_id: Some(EFFECT.parse().unwrap()),
        gate_epoch: Some(0),
        policy_version: Some("0".repeat(16)),
    }
}

pub(crate) fn effect() -> Effect {
    Effect {
        effect_id: EFFECT.parse().unwrap(),
        run_id: RUN.parse().unwrap(),
        tool_name: "printful_submit_order".into(),
        params_hash: "0".repeat(16),
        status: EffectStatus::Prepared,
        prepared_payload: json!({}),
        result_payload: None,
        ticket_id: Some(TicketId(42)),
        created_at: now(),
        committed_at: None,
        tool_call_id: Some("c2".into()),
        business_key: Some("print:5830137741322".into()),
        attempted_at: None,
        error: None,
        undo_payload: None,
        payload_hash: "0".repeat(64),
        provider_key: "5830137741322".into(),
        provider_ref: None,
        recovery: "lookup".into(),
        goal_level: Some(3),
        gate_epoch: 0,
        policy_version: "0".repeat(16),
        margin_minor: Some(1_200),
        lease_epoch: None,
        reconciled_at: None,
    }
}

pub(crate) fn order() -> Order {
    let row = json!({
        "order_key": "shopify:5830137741322", "order_name": "#1042", "currency": "USD", "total_minor": 3900,
        "refunded_minor": 0, "payment": Payment::Paid, "fulfilment": Fulfilment::None, "cancelled": false,
        "is_test": false, "print_order_id": null, "last_event_at": null, "polled_at": null, "version": 1,
        "ordered_at": null, "item_count": 2, "refunds": {}, "print_cost_minor": null, "print_cost_currency": null,
        "payment_fee_minor": null, "print_cancelled": false, "tracking_url": null, "customer_note": null,
        "created_at": now(), "updated_at": now(),
    });
    serde_json::from_value(row).unwrap()
}

/// What goes wrong inside the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    DatabaseDown,
    Panics,
}

#[derive(Default)]
pub(crate) struct PlayedEngine {
    pub(crate) trouble: Mutex<Option<Trouble>>,
    /// Status of the run; none: waiting for a person.
    pub(crate) status: Mutex<Option<RunStatus>>,
    pub(crate) webhook: Mutex<Option<WebhookOutcome>>,
    pub(crate) deliveries: Mutex<Vec<Delivery>>,
    pub(crate) starts: Mutex<Vec<StartRun>>,
    pub(crate) run_filters: Mutex<Vec<(RunFilter, Page<RunCursor>)>>,
    pub(crate) trace_filters: Mutex<Vec<(TraceFilter, Page<TraceCursor>)>>,
    pub(crate) ticket_filters: Mutex<Vec<(TicketFilter, i64)>>,
    pub(crate) decisions: Mutex<Vec<(Decider, TicketId, Answer)>>,
    pub(crate) retries: Mutex<Vec<RetryRun>>,
    pub(crate) forks: Mutex<Vec<Map<String, Value>>>,
    pub(crate) cancels: Mutex<Vec<(String, String)>>,
    pub(crate) more_tickets: Mutex<Vec<Ticket>>,
}

impl PlayedEngine {
    pub(crate) fn is_in(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = Some(trouble);
    }

    /// Lets another ticket wait.
    pub(crate) fn also_pending(&self, id: i64, risk: Risk) {
        self.more_tickets.lock().unwrap().push(pending(id, risk));
    }

    pub(crate) fn works(&self) -> Result<(), AppError> {
        let trouble = *self.trouble.lock().unwrap();
        match trouble {
            None => Ok(()),
            Some(Trouble::DatabaseDown) => Err(AppError::database("connect to postgres://holly:hidden@db refused")),
            Some(Trouble::Panics) => panic!("a hidden reason"),
        }
    }

    fn known(&self, run_id: &RunId) -> Result<(), AppError> {
        self.works()?;
        if run_id.as_str() == RUN { Ok(()) } else { Err(AppError::new(Code::RunNotFound)) }
    }

    /// The run counts as ended unless its status was set to an open one; it has one checkpoint.
    fn ended(&self, run_id: &RunId, checkpoint_id: Option<&CheckpointId>) -> Result<(), AppError> {
        self.known(run_id)?;
        if self.status.lock().unwrap().is_some_and(|status| !status.is_terminal()) {
            return Err(AppError::new(Code::RunNotEnded));
        }
        match checkpoint_id {
            Some(id) if id.as_str() != CHECKPOINT => Err(AppError::new(Code::CheckpointNotFound)),
            _ => Ok(()),
        }
    }
}

#[async_trait::async_trait]
impl Ledgers for PlayedEngine {
    async fn traces(&self, filter: TraceFilter, page: Page<TraceCursor>) -> Result<TracePage, AppError> {
        self.works()?;
        self.trace_filters.lock().unwrap().push((filter, page));
        Ok(TracePage { traces: vec![shown(Span::root(&run()), 0)], total: 1 })
    }

    async fn trace(&self, run_id: &str) -> Result<Trace, AppError> {
        self.works()?;
        if run_id != RUN {
            return Err(AppError::new(Code::TraceNotFound));
        }
        let root = Span::root(&run());
        let mut node = Span::part(&run(), SPAN.to_owned(), Some(RUN.to_owned()), SpanType::Chain, now());
        node.name = "operations".to_owned();
        Ok(Trace { root: shown(root, 0), steps: vec![shown(node, 1)], steps_truncated: false })
    }

    async fn span_content(&self, run_id: &str, span_id: &str) -> Result<SpanContent, AppError> {
        self.trace(run_id).await?;
        if span_id != SPAN {
            return Err(AppError::new(Code::SpanNotFound));
        }
        Ok(SpanContent { run_id: span_id.to_owned(), inputs: Some(json!({"a": 1})), outputs: None })
    }

    async fn costs(&self, days: u64) -> Result<CostSummary, AppError> {
        self.works()?;
        Ok(summarise(&[], &Window::ending(now(), days), 10_000_000))
    }
}

fn shown(span: Span, depth: usize) -> ShownSpan {
    ShownSpan::new(span, true, depth, now())
}

#[async_trait::async_trait]
impl ControlTower for PlayedEngine {
    async fn start_run(&self, _: &Decider, start: StartRun) -> Result<Started, AppError> {
        self.works()?;
        let mut starts = self.starts.lock().unwrap();
        let earlier = starts.iter().find(|known| {
            known.idempotency.is_some()
                && known.idempotency.as_ref().map(|i| &i.key) == start.idempotency.as_ref().map(|i| &i.key)
        });
        let fresh = match earlier {
            Some(known) if known.idempotency != start.idempotency => {
                return Err(AppError::new(Code::IdempotencyKeyReused));
            }
            Some(_) => false,
            None => true,
        };
        starts.push(start);
        Ok(Started { run_id: RUN.parse().unwrap(), status: RunStatus::Queued, fresh })
    }

    async fn list_runs(&self, filter: RunFilter, page: Page<RunCursor>) -> Result<Vec<Run>, AppError> {
        self.works()?;
        self.run_filters.lock().unwrap().push((filter, page));
        Ok(vec![run()])
    }

    async fn get_run(&self, run_id: &RunId) -> Result<Run, AppError> {
        self.known(run_id)?;
        let status = self.status.lock().unwrap().unwrap_or(RunStatus::WaitingApproval);
        Ok(Run { status, ..run() })
    }

    async fn run_events(&self, run_id: &RunId, after_seq: i64, _: i64) -> Result<Vec<RunEvent>, AppError> {
        self.known(run_id)?;
        let event = |seq| RunEvent {
            id: seq,
            run_id: RUN.into(),
            event_type: "run.queued".into(),
            payload: json!({}),
            created_at: now(),
            seq,
        };
        Ok((1..=3).filter(|seq| *seq > after_seq).map(event).collect())
    }

    async fn run_snapshot(&self, run_id: &RunId) -> Result<RunSnapshot, AppError> {
        self.known(run_id).map_err(|error| {
            if error.code == Code::RunNotFound { AppError::new(Code::SnapshotNotAvailable) } else { error }
        })?;
        Ok(RunSnapshot {
            values: RunState::default(),
            next: vec!["operations".into()],
            tasks: vec![],
            checkpoint_id: CHECKPOINT.parse().unwrap(),
        })
    }

    async fn run_effects(&self, run_id: &RunId) -> Result<Vec<Effect>, AppError> {
        self.known(run_id).map(|()| vec![effect()])
    }

    async fn cancel_run(&self, by: &Decider, run_id: &RunId, reason: &str) -> Result<(), AppError> {
        self.known(run_id)?;
        self.cancels.lock().unwrap().push((by.subject.clone(), reason.to_owned()));
        Ok(())
    }

    async fn set_paused(&self, _: &Decider, run_id: &RunId, _: PauseState, _: &str) -> Result<(), AppError> {
        self.known(run_id)
    }

    async fn retry_run(&self, _: &Decider, run_id: &RunId, retry: RetryRun) -> Result<Started, AppError> {
        self.ended(run_id, retry.checkpoint_id.as_ref())?;
        let mut retries = self.retries.lock().unwrap();
        let fresh = !retries.contains(&retry);
        retries.push(retry);
        Ok(Started { run_id: RUN.parse().unwrap(), status: RunStatus::Queued, fresh })
    }

    async fn fork_run(
        &self,
        _: &Decider,
        run_id: &RunId,
        checkpoint_id: &CheckpointId,
        state: Map<String, Value>,
    ) -> Result<Started, AppError> {
        self.ended(run_id, Some(checkpoint_id))?;
        self.forks.lock().unwrap().push(state);
        Ok(Started { run_id: RUN.parse().unwrap(), status: RunStatus::Queued, fresh: true })
    }

    async fn list_tickets(&self, filter: TicketFilter, limit: i64) -> Result<Vec<Ticket>, AppError> {
        self.works()?;
        self.ticket_filters.lock().unwrap().push((filter, limit));
        Ok(vec![pending(42, Risk::Medium)])
    }

    async fn get_ticket(&self, ticket_id: TicketId) -> Result<Ticket, AppError> {
        self.works()?;
        match ticket_id.0 {
            42 => Ok(pending(42, Risk::Medium)),
            43 => Ok(pending(43, Risk::High)),
            id => {
                let more = self.more_tickets.lock().unwrap();
                let found = more.iter().find(|ticket| ticket.id.0 == id).cloned();
                found.ok_or_else(|| AppError::new(Code::TicketNotFound))
            }
        }
    }

    async fn decide(
        &self,
        by: &Decider,
        of_run: Option<&RunId>,
        ticket_id: TicketId,
        answer: Answer,
    ) -> Result<TicketStatus, AppError> {
        if let Some(run_id) = of_run {
            self.known(run_id)?;
        }
        let ticket = self.get_ticket(ticket_id).await?;
        ticket::decide(&ticket, &answer, by, now())?;
        let status = answer.verdict.status();
        self.decisions.lock().unwrap().push((by.clone(), ticket_id, answer));
        Ok(status)
    }

    async fn get_effect(&self, effect_id: &EffectId) -> Result<Effect, AppError> {
        self.works()?;
        if effect_id.as_str() == EFFECT { Ok(effect()) } else { Err(AppError::new(Code::EffectNotFound)) }
    }

    async fn checkpoints(&self, thread_id: &str) -> Result<Vec<Checkpoint>, AppError> {
        self.works()?;
        let meta =
            CheckpointMeta { node_name: None, step: 0, source: Source::Input, next: vec!["orchestrator".into()] };
        let checkpoint = Checkpoint {
            thread_id: RUN.parse().unwrap(),
            checkpoint_id: CHECKPOINT.parse().unwrap(),
            parent_id: None,
            channel_values: RunState::default(),
            metadata: meta,
            pending: vec![],
            created_at: now(),
        };
        Ok(if thread_id == RUN { vec![checkpoint] } else { vec![] })
    }

    async fn list_orders(&self, _: OrderFilter, _: Page<OrderCursor>) -> Result<Vec<Order>, AppError> {
        self.works().map(|()| vec![order()])
    }

    async fn get_order(&self, order_key: &OrderKey) -> Result<OrderFile, AppError> {
        self.works()?;
        if order_key.shop_id() != "5830137741322" {
            return Err(AppError::new(Code::OrderNotFound));
        }
        Ok(OrderFile {
            order: order(),
            runs: vec![run()],
            effects: vec![effect()],
            tickets: vec![pending(42, Risk::Medium)],
        })
    }

    async fn receive_webhook(&self, delivery: Delivery) -> Result<WebhookOutcome, AppError> {
        self.works()?;
        self.deliveries.lock().unwrap().push(delivery);
        Ok(self.webhook.lock().unwrap().unwrap_or(WebhookOutcome::Unauthorized))
    }

    async fn webhook_counts(&self) -> Result<BTreeMap<Provider, WebhookCounts>, AppError> {
        self.works()?;
        let counts = WebhookCounts { total: 2, by_status: [("dispatched".to_owned(), 2)].into() };
        Ok([(Provider::Shopify, counts)].into())
    }
}

pub(crate) struct PlayedProbe {
    pub(crate) rounds: AtomicUsize,
    pub(crate) health: Mutex<Health>,
}

impl Default for PlayedProbe {
    fn default() -> Self {
        let checks = [("postgres".to_owned(), true), ("api_keys_configured".to_owned(), true)].into();
        Self {
            rounds: AtomicUsize::new(0),
            health: Mutex::new(Health { checks, ready: true, autonomy: Some("stopped"), warnings: Vec::new() }),
        }
    }
}

#[async_trait::async_trait]
impl HealthProbe for PlayedProbe {
    async fn probe(&self) -> Health {
        self.rounds.fetch_add(1, Ordering::SeqCst);
        self.health.lock().unwrap().clone()
    }
}

pub(crate) struct PlayedBreakers;

impl Breakers for PlayedBreakers {
    fn snapshots(&self) -> Vec<BreakerSnapshot> {
        vec![BreakerSnapshot {
            state: BreakerState::HalfOpen,
            failure_count: 5,
            last_failure: Some(now()),
            opens_until: Some(now()),
            ..BreakerSnapshot::untouched("stripe")
        }]
    }
}

#[derive(Default)]
pub(crate) struct PlayedRevocations(pub(crate) AtomicBool);

impl Revocations for PlayedRevocations {
    fn is_revoked(&self, _jti: &str) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// A feed that tests write to.
pub(crate) struct PlayedFeed(pub(crate) tokio::sync::broadcast::Sender<LiveFrame>);

impl Default for PlayedFeed {
    fn default() -> Self {
        Self(tokio::sync::broadcast::Sender::new(64))
    }
}

struct PlayedFrames(tokio::sync::broadcast::Receiver<LiveFrame>);

impl LiveFeed for PlayedFeed {
    fn subscribe(&self) -> Box<dyn LiveFrames> {
        Box::new(PlayedFrames(self.0.subscribe()))
    }
}

#[async_trait::async_trait]
impl LiveFrames for PlayedFrames {
    async fn next(&mut self) -> LiveFrame {
        match self.0.recv().await {
            Ok(frame) => frame,
            Err(_) => std::future::pending().await,
        }
    }
}

/// One line, and what was asked for.
pub(crate) struct PlayedLogs(pub(crate) Mutex<Vec<(LogFilter, i64)>>, pub(crate) std::sync::Arc<PlayedEngine>);

#[async_trait::async_trait]
impl LogBook for PlayedLogs {
    async fn lines(&self, filter: LogFilter, limit: i64) -> Result<Vec<LogRecord>, AppError> {
        self.1.works()?;
        self.0.lock().unwrap().push((filter, limit));
        Ok(vec![LogRecord {
            id: 7,
            at: now(),
            level: "warning".into(),
            logger: "holly_tower::worker".into(),
            message: "slow".into(),
            agent: Some("operations".into()),
            run_id: Some(RUN.into()),
            fields: serde_json::Map::new(),
        }])
    }
}

/// Remembers the entries.
#[derive(Default)]
pub(crate) struct PlayedAudit(pub(crate) Mutex<Vec<AuditEvent>>);

impl AuditTrail for PlayedAudit {
    fn record(&self, event: AuditEvent) {
        self.0.lock().unwrap().push(event);
    }
}
