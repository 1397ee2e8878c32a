//! `/costs/summary`: what models cost, from the ledger of model calls.

use axum::Json;
use axum::extract::State;
use domain::costs::CostSummary;
use serde_json::{Value, json};

use super::traces::days;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::openapi::{Operation, schema};

/// GET `/costs/summary`
pub async fn summary(State(app): State<App>, mut query: Query) -> Result<Json<CostSummary>, ApiError> {
    let days = days(&mut query, 30);
    query.finish()?;
    Ok(Json(app.ledgers.costs(days.unsigned_abs()).await?))
}

pub(crate) fn summary_doc() -> Operation {
    Operation::new("show_costs", "Costs", "What models cost, by day, model, agent, provider and workflow")
        .describe(
            "US dollars with four places. `total` is the sum of `daily` and of each `by_` map. `today`, `week` and \
             `month` do not depend on `days`. `budget` is that of Holly's own thinking. `forecast_month` adds days like \
             the last seven to the month so far.",
        )
        .query("days", "Length of the window in UTC days, today included", schema::whole_in(1, 90))
        .answer(200, "The sums", answer())
}

fn answer() -> Value {
    let parts = || schema::map_of(schema::number());
    let counts =
        |names: &[&'static str]| schema::object(&names.iter().map(|name| (*name, schema::whole())).collect::<Vec<_>>());
    let amounts = |names: &[&'static str]| {
        schema::object(&names.iter().map(|name| (*name, schema::number())).collect::<Vec<_>>())
    };
    schema::object(&[
        ("source", json!({"type": "string", "const": "ledger"})),
        ("source_detail", schema::text()),
        ("total", schema::number()),
        ("today", schema::number()),
        ("week", schema::number()),
        ("month", schema::number()),
        ("by_model", parts()),
        ("by_agent", parts()),
        ("by_provider", parts()),
        ("by_workflow", parts()),
        ("by_task_type", parts()),
        ("daily", parts()),
        ("daily_by_model", schema::map_of(parts())),
        ("tokens", counts(&["input", "output", "cache_read", "cache_write", "reasoning"])),
        ("calls", schema::whole()),
        ("unpriced_calls", schema::whole()),
        ("budget", amounts(&["daily_usd", "spent_usd", "remaining_usd"])),
        ("previous", amounts(&["total"])),
        ("forecast_month", schema::number()),
    ])
}
