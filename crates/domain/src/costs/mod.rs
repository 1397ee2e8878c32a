//! What models cost: sums over the ledger of model calls, by day, model, agent, provider and workflow.
//!
//! Everything is added up in whole micro-dollars and rounded to four places at the very end, so that the parts of a sum
//! shown beside it add up to it.

mod shares;
mod window;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value};

pub use shares::{Shares, dollars};
pub use window::Window;

/// The calls of one day that have model, provider, agent, workflow and task in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostRow {
    /// UTC day.
    pub day: NaiveDate,
    /// Who answered.
    pub provider: String,
    /// What answered.
    pub model: String,
    /// `agent`, `holly`, `chat`, `eval` or `job`.
    pub purpose: String,
    /// The agent, for calls of agents.
    pub agent_id: Option<String>,
    /// The workflow, for calls of runs.
    pub workflow_id: Option<String>,
    /// The kind of task, where it is known.
    pub task_type: Option<String>,
    /// Their cost; unpriced calls count 0.
    pub cost_micros: i64,
    /// Tokens in.
    pub input: i64,
    /// Tokens out.
    pub output: i64,
    /// Tokens read from a prompt cache.
    pub cache_read: i64,
    /// Tokens written to one.
    pub cache_write: i64,
    /// Tokens of reasoning.
    pub reasoning: i64,
    /// How many.
    pub calls: i64,
    /// How many of them have no price.
    pub unpriced: i64,
}

impl CostRow {
    /// Whose calls they are: the agent as recorded, or what stands for calls outside workflows. Never guessed.
    #[must_use]
    pub fn agent(&self) -> &str {
        match self.purpose.as_str() {
            "holly" | "chat" | "eval" => &self.purpose,
            _ => self.agent_id.as_deref().unwrap_or(&self.purpose),
        }
    }
}

/// Tokens of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tokens {
    /// In, cached ones included.
    pub input: i64,
    /// Out, reasoning included.
    pub output: i64,
    /// Read from a prompt cache.
    pub cache_read: i64,
    /// Written to one.
    pub cache_write: i64,
    /// Of reasoning.
    pub reasoning: i64,
}

/// The day's budget of Holly's own thinking, US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Budget {
    /// The cap of a UTC day.
    pub daily_usd: f64,
    /// Spent of it today.
    pub spent_usd: f64,
    /// Left of it.
    pub remaining_usd: f64,
}

/// Another window's sum, to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Total {
    /// US dollars.
    pub total: f64,
}

/// The summary of a window, as it is answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CostSummary {
    /// Always `ledger`: our own rows.
    pub source: &'static str,
    /// What that means, for people.
    pub source_detail: &'static str,
    /// Spent inside the window.
    pub total: f64,
    /// Spent on the current day.
    pub today: f64,
    /// Spent on the last seven days, today included.
    pub week: f64,
    /// Spent in the current month so far.
    pub month: f64,
    /// Per model, dearest first.
    pub by_model: Shares,
    /// Per agent, dearest first.
    pub by_agent: Shares,
    /// Per provider, dearest first.
    pub by_provider: Shares,
    /// Per workflow, dearest first; `none` for calls outside of one.
    pub by_workflow: Shares,
    /// Per kind of task, dearest first; `unknown` where it was not recorded.
    pub by_task_type: Shares,
    /// Per day of the window, oldest first, zeros included.
    pub daily: Shares,
    /// Per day and model.
    pub daily_by_model: Map<String, Value>,
    /// Tokens of the window.
    pub tokens: Tokens,
    /// Calls of the window.
    pub calls: i64,
    /// Calls of the window that have no price; the sums do not hold them.
    pub unpriced_calls: i64,
    /// The day's budget.
    pub budget: Budget,
    /// The window of the same length before this one.
    pub previous: Total,
    /// What the month will have cost if the days to come are as the last seven.
    pub forecast_month: f64,
}

/// Sums `rows`, which cover at least [`Window::first_needed`] to today.
#[must_use]
pub fn summarise(rows: &[CostRow], window: &Window, daily_budget_micros: i64) -> CostSummary {
    let spent = |inside: &dyn Fn(NaiveDate) -> bool| -> i64 {
        rows.iter().filter(|row| inside(row.day)).map(|row| row.cost_micros).sum()
    };
    let shown: Vec<&CostRow> = rows.iter().filter(|row| window.holds(row.day)).collect();
    let total: i64 = shown.iter().map(|row| row.cost_micros).sum();
    let week = spent(&|day| window.in_week(day));
    let month = spent(&|day| window.in_month(day));
    let mut tokens = Tokens::default();
    for row in &shown {
        tokens.input += row.input;
        tokens.output += row.output;
        tokens.cache_read += row.cache_read;
        tokens.cache_write += row.cache_write;
        tokens.reasoning += row.reasoning;
    }
    let today = window.today();
    let holly: i64 =
        rows.iter().filter(|row| row.day == today && row.purpose == "holly").map(|row| row.cost_micros).sum();
    let daily = daily(&shown, window);
    CostSummary {
        source: "ledger",
        source_detail: "the ledger of model calls of this installation",
        total: dollars(total),
        today: dollars(spent(&|day| day == today)),
        week: dollars(week),
        month: dollars(month),
        by_model: by(&shown, |row| &row.model).dearest_first(),
        by_agent: by(&shown, CostRow::agent).dearest_first(),
        by_provider: by(&shown, |row| &row.provider).dearest_first(),
        by_workflow: by(&shown, |row| row.workflow_id.as_deref().unwrap_or("none")).dearest_first(),
        by_task_type: by(&shown, |row| row.task_type.as_deref().unwrap_or("unknown")).dearest_first(),
        daily_by_model: daily_by_model(&shown, window),
        daily,
        tokens,
        calls: shown.iter().map(|row| row.calls).sum(),
        unpriced_calls: shown.iter().map(|row| row.unpriced).sum(),
        budget: Budget {
            daily_usd: dollars(daily_budget_micros),
            spent_usd: dollars(holly),
            remaining_usd: dollars((daily_budget_micros - holly).max(0)),
        },
        previous: Total { total: dollars(spent(&|day| window.before(day))) },
        forecast_month: dollars(month + week * window.days_left_in_month() / 7),
    }
}

fn by<'a>(rows: &[&'a CostRow], name: impl Fn(&'a CostRow) -> &'a str) -> Shares {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for &row in rows {
        *sums.entry(name(row)).or_default() += row.cost_micros;
    }
    Shares::of(sums.into_iter().map(|(name, micros)| (name.to_owned(), micros)))
}

fn daily(rows: &[&CostRow], window: &Window) -> Shares {
    let mut sums: BTreeMap<NaiveDate, i64> = window.days().map(|day| (day, 0)).collect();
    for row in rows {
        *sums.entry(row.day).or_default() += row.cost_micros;
    }
    Shares::of(sums.into_iter().map(|(day, micros)| (day.to_string(), micros)))
}

fn daily_by_model(rows: &[&CostRow], window: &Window) -> Map<String, Value> {
    window
        .days()
        .map(|day| {
            let of_day: Vec<&CostRow> = rows.iter().filter(|row| row.day == day).copied().collect();
            let models = by(&of_day, |row| &row.model).dearest_first();
            (day.to_string(), Value::Object(models.into_members()))
        })
        .collect()
}

#[cfg(test)]
mod tests;
