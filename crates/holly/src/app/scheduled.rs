//! The work behind scheduled jobs that reaches outside the Tower.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use connect::shopify::Shopify;
use domain::order::OrderFacts;
use domain::schedule::Job;
use domain::time::Timestamp;
use serde_json::{Value, json};
use tower::order_poll;
use tower::scheduler::{Host, InternalEnd};
use tower::services::Services;

/// How far the look at orders reaches back beyond the last good one, for changes that were in flight then.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);
/// How far the first look reaches back.
const FIRST_LOOK: TimeDelta = TimeDelta::days(3);
/// Longest wait for the database's answer.
const PING: Duration = Duration::from_secs(5);

/// The program around the scheduler.
pub(super) struct ScheduledWork {
    pub(super) services: Services,
    pub(super) shop: Shopify,
}

impl std::fmt::Debug for ScheduledWork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScheduledWork").finish_non_exhaustive()
    }
}

impl ScheduledWork {
    /// Reads the orders that changed since the last good look and takes up those that wait to be printed.
    async fn look_at_orders(&self) -> Result<Value, String> {
        let began = self.services.clock.now();
        let last =
            store::scheduler::last_ok(&self.services.db, "order_check").await.map_err(|error| error.to_string())?;
        let since: Timestamp = last.map_or(began - FIRST_LOOK, |last| last - OVERLAP);
        let orders = self
            .shop
            .orders_since(since)
            .await
            .map_err(|error| format!("the shop's orders cannot be read: {error}"))?;
        let facts: Vec<OrderFacts> = orders.iter().filter_map(|order| order.facts(began)).collect();
        let polled = order_poll::take_up(&self.services, &facts).await.map_err(|error| error.to_string())?;
        Ok(json!(polled))
    }
}

#[async_trait]
impl Host for ScheduledWork {
    fn unavailable(&self, job: &Job) -> Option<String> {
        let missing = match job.id {
            "aps_evaluation" => "channels are not measured in this release",
            "efficacy_aggregation" => "agents are not measured in this release",
            "financial_health" => "revenue phases are not part of this release",
            "morphogenetic_evaluation" => "goals and cascades are not part of this release",
            "hierarchy_observation" => "the goal hierarchy is not observed in this release",
            "approval_expiry" => "the approval queue is not part of this release; tickets have an expiry of their own",
            "sage_morning_greeting" => "mail and SMS are not part of this release",
            "instagram_post_9" | "instagram_post_15" => "Instagram is not part of this release",
            _ => return None,
        };
        Some(missing.to_owned())
    }

    async fn work(&self, job: &Job) -> InternalEnd {
        match job.id {
            "health_check" => match tokio::time::timeout(PING, self.services.db.ping()).await {
                Ok(Ok(())) => InternalEnd::Done,
                Ok(Err(error)) => InternalEnd::Failed(format!("the database does not answer: {error}")),
                Err(_) => InternalEnd::Failed("the database did not answer in time".to_owned()),
            },
            other => InternalEnd::Failed(format!("nobody does the work of `{other}`")),
        }
    }

    async fn prepare(&self, job: &Job) -> Result<Option<Value>, String> {
        match job.id {
            "order_check" => self.look_at_orders().await.map(Some),
            _ => Ok(None),
        }
    }

    async fn exploration(&self) -> Option<f64> {
        // Known once the revenue phase is read; until then what tries things out waits.
        None
    }
}
