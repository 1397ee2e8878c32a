//! Sorting a task: known from its payload, or asked of a model.

use domain::state::RunState;
use serde_json::{Map, Value, json};
use tower::NodeOutcome;

/// Task types and the node each goes to.
const ROUTES: [(&str, &str); 8] = [
    ("content_post", "sales_marketing"),
    ("full_campaign", "sales_marketing"),
    ("product_launch", "sales_marketing"),
    ("order_check", "operations"),
    ("inventory_sync", "operations"),
    ("revenue_report", "revenue_analytics"),
    ("pricing_review", "revenue_analytics"),
    ("sage_chat", "sage"),
];
/// Task types that call the campaign subgraph in.
const SPAWNING: [&str; 2] = ["full_campaign", "product_launch"];

/// The node that a task type goes to; none for a type that does not exist.
#[must_use]
pub fn route(task_type: &str) -> Option<&'static str> {
    ROUTES.iter().find(|(name, _)| *name == task_type).map(|(_, node)| *node)
}

/// The classification of a task whose payload names a known type: no model is asked.
#[must_use]
pub fn by_task(state: &RunState) -> Option<NodeOutcome> {
    let task = state.get("trigger_payload")?.get("task")?.as_str()?;
    route(task)?;
    Some(NodeOutcome::Done(update(task, "simple")))
}

/// What the classifier leaves in the state. The route follows from the type, whatever a model said.
fn update(task_type: &str, complexity: &str) -> Map<String, Value> {
    let value = json!({
        "task_type": task_type, "task_complexity": complexity, "route_to": route(task_type),
        "should_spawn_sub_agents": SPAWNING.contains(&task_type), "current_agent": "orchestrator", "error": null,
    });
    value.as_object().cloned().unwrap_or_default()
}

/// Reads a model's classification. None when the type is missing or unknown: never a silent guess.
#[must_use]
pub fn from_answer(answer: &Value) -> Option<Map<String, Value>> {
    let task_type = answer.get("task_type")?.as_str()?;
    route(task_type)?;
    let complexity = answer.get("task_complexity").and_then(Value::as_str).unwrap_or("simple");
    let known = ["trivial", "simple", "moderate", "complex"].contains(&complexity);
    Some(update(task_type, if known { complexity } else { "simple" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(value: Value) -> RunState {
        RunState::new(value.as_object().cloned().unwrap())
    }

    #[test]
    fn a_known_task_needs_no_model() {
        let NodeOutcome::Done(update) = by_task(&state(json!({"trigger_payload": {"task": "order_check"}}))).unwrap()
        else {
            panic!("expected an update");
        };
        assert_eq!(update["route_to"], "operations");
        assert!(by_task(&state(json!({"trigger_payload": {"task": "paint_the_wall"}}))).is_none());
        assert!(by_task(&state(json!({}))).is_none());
    }

    #[test]
    fn the_route_follows_from_the_type_when_a_model_contradicts_itself() {
        let update = from_answer(&json!({"task_type": "revenue_report", "route_to": "sage"})).unwrap();
        assert_eq!(update["route_to"], "revenue_analytics");
        assert!(from_answer(&json!({"route_to": "sales_marketing"})).is_none());
    }
}
