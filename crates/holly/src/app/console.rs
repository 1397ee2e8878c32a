//! What the console asks of this process: users, figures and pictures, answered by the store.

use std::collections::BTreeMap;

use api::console::ports::{
    Account, Accounts, AgentFacts, Attempt, DeadLetterFigures, Desk, RunFigures, SpendFigures, TicketFigures,
    WorkflowPicture,
};
use api::ports::AppError;
use async_trait::async_trait;
use chrono::TimeDelta;
use clock::SharedClock;
use domain::codes::Code;
use domain::time::Timestamp;
use domain::workflow::Definition;
use serde_json::json;
use store::audit::{self, AuditEntry};
use store::{Db, console_users, figures, registries, revoked_tokens};

use super::port::store_error;

/// The users of the console.
#[derive(Debug)]
pub(super) struct StoreAccounts {
    db: Db,
    clock: SharedClock,
}

impl StoreAccounts {
    pub(super) fn new(db: Db, clock: SharedClock) -> Self {
        Self { db, clock }
    }
}

#[async_trait]
impl Accounts for StoreAccounts {
    async fn find(&self, email: &str) -> Result<Option<Account>, AppError> {
        // A text that no column can hold belongs to nobody.
        if email.contains('\0') {
            return Ok(None);
        }
        let user = console_users::get(&self.db, email).await.map_err(store_error)?;
        Ok(user.map(|user| Account {
            email: user.email,
            password_hash: user.password_hash,
            role: user.role,
            disabled: user.disabled_at.is_some(),
        }))
    }

    async fn any(&self) -> Result<bool, AppError> {
        console_users::any_enabled(&self.db).await.map_err(store_error)
    }

    async fn is_revoked(&self, jti: &str) -> Result<bool, AppError> {
        revoked_tokens::is_revoked(&self.db, jti).await.map_err(store_error)
    }

    async fn revoke(&self, jti: &str, expires_at: Timestamp) -> Result<(), AppError> {
        let mut tx = self.db.begin().await.map_err(store_error)?;
        revoked_tokens::revoke(&mut tx, jti, expires_at, self.clock.now()).await.map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn record(&self, attempt: Attempt) -> Result<(), AppError> {
        let now = self.clock.now();
        let entry = AuditEntry {
            ts: now,
            actor: attempt.email.clone(),
            role: attempt.role.map(|role| role.as_str().to_owned()),
            ip: Some(attempt.ip),
            action: attempt.action.to_owned(),
            target: None,
            outcome: attempt.outcome.to_owned(),
            request_id: attempt.request_id,
            details: json!({}),
        };
        let mut tx = self.db.begin().await.map_err(store_error)?;
        audit::insert(&mut tx, &entry).await.map_err(store_error)?;
        if let (Some(email), "console.login", "ok") = (&attempt.email, attempt.action, attempt.outcome) {
            console_users::signed_in(&mut tx, email, now).await.map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }
}

/// Figures and pictures.
#[derive(Debug)]
pub(super) struct StoreDesk {
    db: Db,
    /// Provider by logical model.
    providers: BTreeMap<String, String>,
}

impl StoreDesk {
    pub(super) fn new(db: Db, models: &llm::Catalog) -> Self {
        let providers =
            models.logical().iter().map(|(id, model)| (id.clone(), model.provider.as_str().to_owned())).collect();
        Self { db, providers }
    }
}

#[async_trait]
impl Desk for StoreDesk {
    async fn tickets(&self, now: Timestamp) -> Result<TicketFigures, AppError> {
        let soon = now + TimeDelta::hours(1);
        let found = figures::tickets(&self.db, now, soon).await.map_err(store_error)?;
        Ok(TicketFigures { pending: found.pending, high: found.high, expiring_1h: found.expiring })
    }

    async fn runs(&self, now: Timestamp) -> Result<RunFigures, AppError> {
        let found = figures::runs(&self.db, now - TimeDelta::hours(24)).await.map_err(store_error)?;
        Ok(RunFigures { running: found.running, waiting_approval: found.waiting, failed_24h: found.failed })
    }

    async fn dead_letters(&self) -> Result<DeadLetterFigures, AppError> {
        let unresolved = figures::dead_letters(&self.db).await.map_err(store_error)?;
        Ok(DeadLetterFigures { unresolved })
    }

    async fn spend(&self, now: Timestamp) -> Result<SpendFigures, AppError> {
        let midnight = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        let micros = figures::spend(&self.db, midnight).await.map_err(store_error)?;
        #[expect(clippy::cast_precision_loss, reason = "a day's cost is far below 2^53 millionths")]
        let today_usd = micros as f64 / 1_000_000.0;
        // There is no daily limit on all model calls together, only on what single runs may spend.
        Ok(SpendFigures { today_usd, budget_usd: None })
    }

    async fn workflow(&self, workflow_id: Option<&str>) -> Result<WorkflowPicture, AppError> {
        let row = match workflow_id {
            Some(id) => registries::get_workflow(&self.db, id).await,
            None => registries::active_workflow(&self.db).await,
        };
        let row = row.map_err(store_error)?.ok_or_else(|| AppError::new(Code::NotFound))?;
        let definition: Definition = serde_json::from_value(row.definition).map_err(AppError::internal)?;
        let agents = registries::agents(&self.db).await.map_err(store_error)?;
        let agents = agents.into_iter().map(|agent| AgentFacts {
            agent_id: agent.agent_id,
            display_name: agent.display_name,
            channel_id: agent.channel_id,
            model_provider: self.providers.get(&agent.model_id).cloned(),
            model_id: agent.model_id,
        });
        Ok(WorkflowPicture { definition, agents: agents.collect() })
    }
}
