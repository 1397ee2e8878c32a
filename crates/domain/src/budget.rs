//! What one run may use up, and whether it has.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::money::Micros;

/// Outputs that are compared for repetition.
pub const OUTPUT_WINDOW: usize = 5;

/// Limits of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Node executions; guardrail nodes are not counted.
    pub max_iterations: u32,
    /// Active seconds of one agent node.
    pub node_seconds: u32,
    /// Active seconds of the whole segment, from claim to park or end.
    pub max_time_seconds: u32,
    /// Cost of all model calls.
    pub max_cost: Micros,
    /// Tokens of all model calls.
    pub max_tokens: u64,
    /// Visits of one node.
    pub max_node_visits: u32,
    /// Equal outputs in a row.
    pub max_identical_outputs: u32,
}

/// Limits while the revenue phase is unknown: those of survival.
impl Default for Limits {
    fn default() -> Self {
        Self {
            max_iterations: 20,
            node_seconds: 120,
            max_time_seconds: 300,
            max_cost: Micros(50_000),
            max_tokens: 20_000,
            max_node_visits: 5,
            max_identical_outputs: 3,
        }
    }
}

/// A member of a limits object that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("limits.{name}: {problem}")]
pub struct InvalidLimit {
    /// The member.
    pub name: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Limits {
    /// Sets what a workflow's `error_config.limits` names: `max_iterations`, `node_seconds`, `max_time_seconds`,
    /// `max_cost_usd`, `max_tokens`, `max_node_visits`, `max_identical_outputs`.
    ///
    /// # Errors
    /// On the first member that is unknown or no positive number.
    pub fn set_by(mut self, limits: &Value) -> Result<Self, InvalidLimit> {
        self.apply(limits, false)?;
        Ok(self)
    }

    /// Lowers what a start request names; a higher value than the present one changes nothing.
    ///
    /// # Errors
    /// As [`Limits::set_by`].
    pub fn lowered_by(mut self, limits: &Value) -> Result<Self, InvalidLimit> {
        self.apply(limits, true)?;
        Ok(self)
    }

    fn apply(&mut self, limits: &Value, only_lower: bool) -> Result<(), InvalidLimit> {
        let members = match limits {
            Value::Null => return Ok(()),
            Value::Object(members) => members,
            _ => return Err(InvalidLimit { name: String::new(), problem: "is no object" }),
        };
        for (name, value) in members {
            let invalid = |problem| InvalidLimit { name: name.chars().take(40).collect(), problem };
            if name == "max_cost_usd" {
                let cost = value.is_number().then(|| Micros::parse(&value.to_string()).ok()).flatten();
                let cost = cost
                    .filter(|cost| cost.0 > 0)
                    .ok_or_else(|| invalid("must be dollars above 0, at most 6 places"))?;
                put(&mut self.max_cost, cost, only_lower);
                continue;
            }
            let number =
                value.as_u64().filter(|number| *number > 0).ok_or_else(|| invalid("must be a whole number above 0"))?;
            let small = u32::try_from(number).unwrap_or(u32::MAX);
            match name.as_str() {
                "max_iterations" => put(&mut self.max_iterations, small, only_lower),
                "node_seconds" => put(&mut self.node_seconds, small, only_lower),
                "max_time_seconds" => put(&mut self.max_time_seconds, small, only_lower),
                "max_tokens" => put(&mut self.max_tokens, number, only_lower),
                "max_node_visits" => put(&mut self.max_node_visits, small, only_lower),
                "max_identical_outputs" => put(&mut self.max_identical_outputs, small, only_lower),
                _ => return Err(invalid("is not a known limit")),
            }
        }
        Ok(())
    }
}

fn put<T: Ord + Copy>(held: &mut T, wanted: T, only_lower: bool) {
    *held = if only_lower { wanted.min(*held) } else { wanted };
}

/// What one run has used up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Node executions so far.
    pub iterations: u32,
    /// Active seconds so far; waiting for a person does not count.
    pub elapsed_seconds: u32,
    /// Cost so far, reservations included.
    pub cost: Micros,
    /// Tokens so far.
    pub tokens: u64,
    /// Visits by node.
    pub node_visits: std::collections::BTreeMap<String, u32>,
    /// Hashes of the newest outputs, oldest first, at most [`OUTPUT_WINDOW`].
    pub recent_outputs: Vec<String>,
}

impl Usage {
    /// Counts one execution of a node that left an output with this hash.
    pub fn count_node(&mut self, node: &str, output_hash: &str) {
        self.iterations = self.iterations.saturating_add(1);
        let visits = self.node_visits.entry(node.to_owned()).or_insert(0);
        *visits = visits.saturating_add(1);
        self.recent_outputs.push(output_hash.to_owned());
        let surplus = self.recent_outputs.len().saturating_sub(OUTPUT_WINDOW);
        self.recent_outputs.drain(..surplus);
    }

    /// Counts one model call.
    pub fn count_call(&mut self, cost: Micros, tokens: u64) {
        self.cost = self.cost.saturating_add(cost);
        self.tokens = self.tokens.saturating_add(tokens);
    }

    fn identical_outputs(&self) -> u32 {
        let newest = self.recent_outputs.last();
        let run = self.recent_outputs.iter().rev().take_while(|output| Some(*output) == newest).count();
        u32::try_from(run).unwrap_or(u32::MAX)
    }
}

/// Which limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Violation {
    /// Node executions.
    MaxIterations,
    /// Active time.
    MaxTime,
    /// Money.
    MaxCost,
    /// Tokens.
    MaxTokens,
    /// One node visited too often.
    NodeVisits,
    /// The same output again and again.
    IdenticalOutputs,
}

impl Violation {
    /// The text in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MaxIterations => "max_iterations",
            Self::MaxTime => "max_time",
            Self::MaxCost => "max_cost",
            Self::MaxTokens => "max_tokens",
            Self::NodeVisits => "node_visits",
            Self::IdenticalOutputs => "identical_outputs",
        }
    }

    /// The reason that a run ends with: going in circles is `loop`, the rest `budget`.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NodeVisits | Self::IdenticalOutputs => "loop",
            Self::MaxIterations | Self::MaxTime | Self::MaxCost | Self::MaxTokens => "budget",
        }
    }
}

/// The first limit that is reached, if any. Reaching is enough: asked before a step, it says whether one more is allowed.
#[must_use]
pub fn check(usage: &Usage, limits: &Limits) -> Option<Violation> {
    let most_visits = usage.node_visits.values().copied().max().unwrap_or(0);
    [
        (usage.iterations >= limits.max_iterations, Violation::MaxIterations),
        (usage.elapsed_seconds >= limits.max_time_seconds, Violation::MaxTime),
        (usage.cost >= limits.max_cost, Violation::MaxCost),
        (usage.tokens >= limits.max_tokens, Violation::MaxTokens),
        (most_visits >= limits.max_node_visits, Violation::NodeVisits),
        (usage.identical_outputs() >= limits.max_identical_outputs, Violation::IdenticalOutputs),
    ]
    .into_iter()
    .find_map(|(reached, violation)| reached.then_some(violation))
}

/// The report that state and `execution_budgets` keep.
#[must_use]
pub fn report(usage: &Usage, limits: &Limits, violation: Option<Violation>) -> Value {
    json!({
        "iterations": usage.iterations,
        "max_iterations": limits.max_iterations,
        "elapsed_seconds": usage.elapsed_seconds,
        "max_time_seconds": limits.max_time_seconds,
        "total_cost_usd": usage.cost.to_json(),
        "max_cost_usd": limits.max_cost.to_json(),
        "total_tokens": usage.tokens,
        "max_tokens": limits.max_tokens,
        "violation": violation.map(Violation::as_str),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_counts_as_broken_when_it_is_reached() {
        let limits = Limits::default();
        let mut usage = Usage { iterations: 19, ..Usage::default() };
        assert_eq!(check(&usage, &limits), None);
        usage.count_node("operations", "a");
        assert_eq!(check(&usage, &limits), Some(Violation::MaxIterations));
        let usage = Usage { cost: Micros(50_000), ..Usage::default() };
        assert_eq!(check(&usage, &limits), Some(Violation::MaxCost));
        assert_eq!(report(&usage, &limits, Some(Violation::MaxCost))["violation"], "max_cost");
        assert_eq!(report(&usage, &limits, None)["total_cost_usd"].to_string(), "0.05");
    }

    #[test]
    fn going_in_circles_is_a_loop() {
        let mut usage = Usage::default();
        for (node, output) in [("a", "1"), ("b", "2"), ("c", "2"), ("d", "2")] {
            usage.count_node(node, output);
        }
        assert_eq!(check(&usage, &Limits::default()), Some(Violation::IdenticalOutputs));
        let mut usage = Usage::default();
        for output in ["1", "2", "3", "4", "5"] {
            usage.count_node("a", output);
        }
        assert_eq!(check(&usage, &Limits::default()).map(Violation::reason), Some("loop"));
    }

    #[test]
    fn a_start_request_may_only_lower() {
        let asked = json!({"max_iterations": 50, "max_cost_usd": 0.01, "max_tokens": 100});
        let limits = Limits::default().lowered_by(&asked).unwrap();
        assert_eq!((limits.max_iterations, limits.max_cost, limits.max_tokens), (20, Micros(10_000), 100));
        let limits = Limits::default().set_by(&asked).unwrap();
        assert_eq!(limits.max_iterations, 50);
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for wrong in [
            json!({"max_iterations": 0}),
            json!({"max_iterations": -1}),
            json!({"max_cost_usd": "1"}),
            json!({"x": 1}),
            json!([]),
        ] {
            assert!(Limits::default().set_by(&wrong).is_err(), "{wrong}");
        }
        assert_eq!(Limits::default().lowered_by(&Value::Null), Ok(Limits::default()));
    }
}
