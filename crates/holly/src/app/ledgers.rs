//! Traces and costs, read from our own rows.

use api::ports::{AppError, Ledgers, Page, ShownSpan, SpanContent, Trace, TraceCursor, TraceFilter, TracePage};
use async_trait::async_trait;
use chrono::TimeDelta;
use clock::SharedClock;
use domain::codes::Code;
use domain::costs::{CostSummary, Window, summarise};
use domain::trace::depths;
use store::Db;
use store::spans::{self, SpanRecord};

use super::port::store_error;

/// Most steps of one answered trace.
const MAX_STEPS: usize = 2_000;

/// The ledgers of this installation.
#[derive(Debug)]
pub(super) struct StoreLedgers {
    pub(super) db: Db,
    pub(super) clock: SharedClock,
    /// Whether contents of spans may be shown.
    pub(super) content: bool,
    /// Holly's budget of a day, micro-dollars.
    pub(super) daily_budget_micros: i64,
}

impl StoreLedgers {
    async fn root(&self, run_id: &str) -> Result<SpanRecord, AppError> {
        let root = spans::root(&self.db, run_id).await.map_err(store_error)?;
        root.ok_or_else(|| AppError::new(Code::TraceNotFound))
    }
}

#[async_trait]
impl Ledgers for StoreLedgers {
    async fn traces(&self, filter: TraceFilter, page: Page<TraceCursor>) -> Result<TracePage, AppError> {
        let now = self.clock.now();
        let filter = spans::TraceFilter {
            since: now - TimeDelta::days(filter.days),
            status: filter.status,
            workflow_id: filter.workflow_id,
            agent_id: filter.agent_id,
            model: filter.model,
            q: filter.text,
            min_cost_micros: filter.min_cost_micros,
            min_ms: filter.min_ms,
            now,
            offset: if page.after.is_some() { 0 } else { page.offset },
            cursor: page.after.map(|place| (place.start_time, place.run_id)),
            limit: page.limit,
        };
        let (roots, total) = spans::list(&self.db, &filter).await.map_err(store_error)?;
        let traces = roots.into_iter().map(|root| ShownSpan::new(root.span, root.priced, 0, now)).collect();
        Ok(TracePage { traces, total })
    }

    async fn trace(&self, run_id: &str) -> Result<Trace, AppError> {
        let now = self.clock.now();
        let root = self.root(run_id).await?;
        // One more than is shown tells whether there are more.
        let most = i64::try_from(MAX_STEPS + 1).unwrap_or(i64::MAX);
        let mut steps = spans::steps(&self.db, run_id, most).await.map_err(store_error)?;
        let steps_truncated = steps.len() > MAX_STEPS;
        steps.truncate(MAX_STEPS);
        let depths = depths(steps.iter().map(|step| &step.span));
        let shown = |(step, depth): (SpanRecord, usize)| ShownSpan::new(step.span, step.priced, depth, now);
        let steps = steps.into_iter().zip(depths).map(shown).collect();
        Ok(Trace { root: ShownSpan::new(root.span, root.priced, 0, now), steps, steps_truncated })
    }

    async fn span_content(&self, run_id: &str, span_id: &str) -> Result<SpanContent, AppError> {
        self.root(run_id).await?;
        let found = match self.content {
            true => spans::content(&self.db, run_id, span_id).await.map_err(store_error)?,
            false => None,
        };
        let content = found.ok_or_else(|| AppError::new(Code::SpanNotFound))?;
        Ok(SpanContent { run_id: span_id.to_owned(), inputs: content.inputs, outputs: content.outputs })
    }

    async fn costs(&self, days: u64) -> Result<CostSummary, AppError> {
        let now = self.clock.now();
        let window = Window::ending(now, days);
        let rows = store::costs::gather(&self.db, window.first_needed(), now).await.map_err(store_error)?;
        Ok(summarise(&rows, &window, self.daily_budget_micros))
    }
}
