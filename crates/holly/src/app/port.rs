//! The API's view of the engine, answered by the Tower's application functions and the store's reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use agents::Toolbox;
use api::ports::{
    AppError, ControlTower, Delivery, FieldError, Interrupt, OrderCursor, OrderFile, OrderFilter, Page, PauseState,
    Provider, RetryRun, RunCursor, RunFilter, RunSnapshot, SnapshotTask, StartRun, Started, TicketFilter,
    WebhookCounts, WebhookOutcome,
};
use async_trait::async_trait;
use domain::checkpoint::{CallState, Checkpoint};
use domain::codes::Code;
use domain::effect::Effect;
use domain::event::RunEvent;
use domain::ids::{CheckpointId, EffectId, OrderKey, RunId, TicketId};
use domain::order::Order;
use domain::run::{Run, RunStatus};
use domain::ticket::{Answer, Decider, Ticket, TicketStatus};
use domain::webhook::DeliveryHeaders;
use serde_json::{Map, Value};
use store::StoreError;
use tower::intake::{self, IntakeSettings, Received};
use tower::runs::StartRequest;
use tower::services::Services;
use tower::worker::Worker;
use tower::{branches, runs, tickets};

/// Most rows of one kind in the file of an order.
const FILE_ROWS: i64 = 50;

/// The engine of this process.
#[derive(Debug)]
pub(super) struct TowerPort {
    services: Services,
    worker: Worker,
    toolbox: Arc<Toolbox>,
    intake: IntakeSettings,
}

impl TowerPort {
    pub(super) fn new(services: Services, worker: Worker, toolbox: Arc<Toolbox>, intake: IntakeSettings) -> Self {
        Self { services, worker, toolbox, intake }
    }
}

impl TowerPort {
    /// A run that was made now is queued; one that an earlier request made may have moved on.
    async fn as_it_stands(&self, started: runs::Started) -> Result<Started, AppError> {
        let status = if started.created {
            RunStatus::Queued
        } else {
            runs::get(&self.services, &started.run_id).await.map_err(app_error)?.status
        };
        Ok(Started { run_id: started.run_id, status, fresh: started.created })
    }
}

/// What a failure of the store is to a caller.
pub(super) fn store_error(error: StoreError) -> AppError {
    if error.is_unavailable() {
        AppError::database(error)
    } else if matches!(error, StoreError::NulByte) {
        AppError::new(Code::NulCharacter)
    } else {
        AppError::internal(error)
    }
}

pub(super) fn app_error(error: tower::Error) -> AppError {
    match error {
        tower::Error::Store(error) => store_error(error),
        tower::Error::Refused(refusal) => {
            let details = refusal.details.iter().map(|(field, message)| FieldError::new(field, message)).collect();
            let mut answer = AppError::because(refusal.code, refusal.message).with_details(details);
            answer.violations = refusal.violations;
            answer
        }
    }
}

#[async_trait]
impl ControlTower for TowerPort {
    async fn start_run(&self, by: &Decider, start: StartRun) -> Result<Started, AppError> {
        let workflow_id = match &start.workflow_id {
            Some(id) => Some(
                id.parse().map_err(|_| AppError::because(Code::UnknownWorkflow, format!("Unknown workflow `{id}`")))?,
            ),
            None => None,
        };
        let request = StartRequest {
            workflow_id,
            run_name: start.run_name,
            input_state: start.input_state.members().clone(),
            metadata: start.metadata,
            created_by: start.created_by,
            priority: start.priority,
            serial_key: start.serial_key,
            idempotency_key: start.idempotency.map(|key| key.key),
        };
        let started = runs::start(&self.services, request, by).await.map_err(app_error)?;
        Ok(Started { run_id: started.run_id, status: RunStatus::Queued, fresh: started.created })
    }

    async fn list_runs(&self, filter: RunFilter, page: Page<RunCursor>) -> Result<Vec<Run>, AppError> {
        let filter = store::runs::RunFilter {
            status: filter.status,
            workflow_id: filter.workflow_id,
            serial_key: filter.serial_key,
            q: filter.text,
            since: filter.since,
            until: filter.until,
            limit: page.limit,
            offset: page.offset,
            cursor: page.after.map(|cursor| (cursor.updated_at, cursor.run_id)),
        };
        store::runs::list(&self.services.db, &filter).await.map_err(store_error)
    }

    async fn get_run(&self, run_id: &RunId) -> Result<Run, AppError> {
        runs::get(&self.services, run_id).await.map_err(app_error)
    }

    async fn run_events(&self, run_id: &RunId, after_seq: i64, limit: i64) -> Result<Vec<RunEvent>, AppError> {
        self.get_run(run_id).await?;
        store::events::list(&self.services.db, run_id.as_str(), after_seq, limit).await.map_err(store_error)
    }

    async fn run_snapshot(&self, run_id: &RunId) -> Result<RunSnapshot, AppError> {
        let latest = store::checkpoints::latest(&self.services.db, run_id).await.map_err(store_error)?;
        let checkpoint = latest.ok_or_else(|| AppError::new(Code::SnapshotNotAvailable))?;
        let mut tasks = Vec::new();
        for pending in &checkpoint.pending {
            let mut interrupts = Vec::new();
            for call in pending.calls.iter().filter(|call| call.state == CallState::Waiting) {
                let Some(ticket_id) = call.ticket_id else { continue };
                if let Some(ticket) = store::tickets::get(&self.services.db, ticket_id).await.map_err(store_error)? {
                    let id = ticket.interrupt_id.as_ref().map(ToString::to_string).unwrap_or_default();
                    interrupts.push(Interrupt::of_ticket(id, ticket_id, &ticket.proposed_action));
                }
            }
            tasks.push(SnapshotTask {
                id: format!("{}:{}", checkpoint.checkpoint_id, pending.node),
                name: pending.node.to_string(),
                interrupts,
            });
        }
        Ok(RunSnapshot {
            values: checkpoint.channel_values,
            next: checkpoint.metadata.next,
            tasks,
            checkpoint_id: checkpoint.checkpoint_id,
        })
    }

    async fn run_effects(&self, run_id: &RunId) -> Result<Vec<Effect>, AppError> {
        self.get_run(run_id).await?;
        store::effects::for_run(&self.services.db, run_id).await.map_err(store_error)
    }

    async fn cancel_run(&self, by: &Decider, run_id: &RunId, reason: &str) -> Result<(), AppError> {
        let outcome = runs::cancel(&self.services, run_id, reason, by).await.map_err(app_error)?;
        if matches!(outcome, store::runs::CancelOutcome::Requested) {
            self.worker.stop_run(run_id);
        }
        Ok(())
    }

    async fn set_paused(&self, by: &Decider, run_id: &RunId, to: PauseState, reason: &str) -> Result<(), AppError> {
        let paused = matches!(to, PauseState::Paused);
        runs::set_paused(&self.services, run_id, paused, reason, by).await.map_err(app_error)
    }

    async fn retry_run(&self, by: &Decider, run_id: &RunId, retry: RetryRun) -> Result<Started, AppError> {
        let checkpoint = retry.checkpoint_id.as_ref();
        let started = branches::retry(&self.services, run_id, &retry.key, checkpoint, by).await.map_err(app_error)?;
        self.as_it_stands(started).await
    }

    async fn fork_run(
        &self,
        by: &Decider,
        run_id: &RunId,
        checkpoint_id: &CheckpointId,
        state: Map<String, Value>,
    ) -> Result<Started, AppError> {
        let started = branches::fork(&self.services, run_id, checkpoint_id, state, by).await.map_err(app_error)?;
        self.as_it_stands(started).await
    }

    async fn list_tickets(&self, filter: TicketFilter, limit: i64) -> Result<Vec<Ticket>, AppError> {
        store::tickets::list(&self.services.db, filter.status, filter.risk, limit).await.map_err(store_error)
    }

    async fn get_ticket(&self, ticket_id: TicketId) -> Result<Ticket, AppError> {
        let found = store::tickets::get(&self.services.db, ticket_id).await.map_err(store_error)?;
        found.ok_or_else(|| AppError::new(Code::TicketNotFound))
    }

    async fn decide(
        &self,
        by: &Decider,
        of_run: Option<&RunId>,
        ticket_id: TicketId,
        answer: Answer,
    ) -> Result<TicketStatus, AppError> {
        if let Some(run_id) = of_run {
            let run = self.get_run(run_id).await?;
            let ticket = store::tickets::get(&self.services.db, ticket_id).await.map_err(store_error)?;
            let decided = ticket.as_ref().is_some_and(|ticket| ticket.status != TicketStatus::Pending);
            let current =
                run.last_ticket_id == Some(ticket_id) && (decided || run.status == RunStatus::WaitingApproval);
            if !current {
                return Err(AppError::new(Code::RunNotWaiting));
            }
        }
        let decided = tickets::decide(&self.services, self.toolbox.as_ref(), ticket_id, answer, by).await;
        decided.map(|decided| decided.status).map_err(app_error)
    }

    async fn get_effect(&self, effect_id: &EffectId) -> Result<Effect, AppError> {
        let found = store::effects::get(&self.services.db, effect_id).await.map_err(store_error)?;
        found.ok_or_else(|| AppError::new(Code::EffectNotFound))
    }

    async fn checkpoints(&self, thread_id: &str) -> Result<Vec<Checkpoint>, AppError> {
        match thread_id.parse::<RunId>() {
            Ok(run_id) => store::checkpoints::list(&self.services.db, &run_id).await.map_err(store_error),
            Err(_) => Ok(Vec::new()),
        }
    }

    async fn list_orders(&self, filter: OrderFilter, page: Page<OrderCursor>) -> Result<Vec<Order>, AppError> {
        let filter = store::orders::OrderFilter {
            q: filter.text,
            limit: page.limit,
            offset: page.offset,
            cursor: page.after.map(|cursor| (cursor.updated_at, cursor.order_key)),
        };
        store::orders::list(&self.services.db, &filter).await.map_err(store_error)
    }

    async fn get_order(&self, order_key: &OrderKey) -> Result<OrderFile, AppError> {
        let db = &self.services.db;
        let order = store::orders::get(db, order_key).await.map_err(store_error)?;
        let order = order.ok_or_else(|| AppError::new(Code::OrderNotFound))?;
        let filter = store::runs::RunFilter {
            serial_key: Some(format!("order:{}", order_key.shop_id())),
            limit: FILE_ROWS,
            ..store::runs::RunFilter::default()
        };
        let runs = store::runs::list(db, &filter).await.map_err(store_error)?;
        let mut effects = Vec::new();
        let mut tickets = Vec::new();
        for run in &runs {
            effects.extend(store::effects::for_run(db, &run.run_id).await.map_err(store_error)?);
            if let Some(id) = run.last_ticket_id {
                tickets.extend(store::tickets::get(db, id).await.map_err(store_error)?);
            }
        }
        Ok(OrderFile { order, runs, effects, tickets })
    }

    async fn receive_webhook(&self, delivery: Delivery) -> Result<WebhookOutcome, AppError> {
        let headers = delivery.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let received = intake::receive(
            &self.services,
            &self.intake,
            intake::Delivery {
                provider: match delivery.provider {
                    Provider::Shopify => domain::webhook::Provider::Shopify,
                    Provider::Stripe => domain::webhook::Provider::Stripe,
                    Provider::Printful => domain::webhook::Provider::Printful,
                },
                headers: DeliveryHeaders::new(headers),
                sub_topic: delivery.sub_topic.as_deref(),
                body: &delivery.body,
            },
        )
        .await
        .map_err(app_error)?;
        Ok(match received {
            Received::Accepted => WebhookOutcome::Accepted,
            Received::Ignored => WebhookOutcome::Ignored,
            Received::Duplicate => WebhookOutcome::Duplicate,
            Received::Unauthorized => WebhookOutcome::Unauthorized,
        })
    }

    async fn webhook_counts(&self) -> Result<BTreeMap<Provider, WebhookCounts>, AppError> {
        let rows = store::webhooks::counts(&self.services.db).await.map_err(store_error)?;
        let mut counts: BTreeMap<Provider, WebhookCounts> =
            Provider::ALL.into_iter().map(|provider| (provider, WebhookCounts::default())).collect();
        for (name, state, number) in rows {
            if let Some(provider) = Provider::ALL.into_iter().find(|provider| provider.as_str() == name) {
                let count = counts.entry(provider).or_default();
                count.total += number;
                count.by_status.insert(state, number);
            }
        }
        Ok(counts)
    }
}
