//! Schemas that several operations share: the objects of the engine as they are serialised.

use domain::codes::Code;
use domain::effect::EffectStatus;
use serde_json::{Map, Value, json};

use super::schema::{
    any_object, checkpoint_id, effect_id, flag, list, map_of, moment, named, number, object, one_of, or_null, risk,
    run_id, run_status, slug, text, ticket_status, whole, whole_in,
};

/// All of them by name.
pub(super) fn schemas() -> Map<String, Value> {
    let entries = [
        ("Error", error()),
        ("Run", run()),
        ("RunEvent", run_event()),
        ("Ticket", ticket()),
        ("Effect", effect()),
        ("Checkpoint", checkpoint()),
        ("Order", order()),
        ("Job", job()),
        ("DeadLetter", dead_letter()),
        ("Message", message()),
        ("Agent", agent(&[])),
        ("AgentVersion", agent(&[("change_summary", text()), ("created_at", moment())])),
        ("Tool", tool()),
        ("LogLine", log_line()),
        ("Workflow", workflow()),
        ("WorkflowVersion", workflow_version()),
        ("Span", span()),
    ];
    entries.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn error() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let field = object(&[("field", text()), ("message", text())]);
    json!({
        "type": "object",
        "required": ["error", "code", "trace_id"],
        "properties": {
            "error": {"type": "string", "description": "what happened, for people"},
            "code": {"type": "string", "enum": codes, "description": "what happened, for programs; each has a page in docs/errors"},
            "trace_id": {"type": "string", "description": "the X-Request-Id of this answer; the log has the details under it"},
            "details": list(field),
            "violations": list(text()),
            "retry_after": {"type": "integer", "description": "seconds"},
            "status": {"type": "string", "description": "for webhooks only"},
        },
    })
}

fn job() -> Value {
    object(&[
        ("id", text()),
        ("next_run", or_null(moment())),
        ("trigger", text()),
        ("about", text()),
        ("path", one_of(&["tower", "internal"])),
        ("gate", one_of(&["none", "exploration", "level5"])),
        ("misfire", one_of(&["skip", "run_once", "run_all"])),
        ("last_run", or_null(moment())),
        ("last_status", or_null(one_of(&["ok", "failed", "skipped"]))),
        ("last_error", or_null(text())),
        ("skip_reason", or_null(text())),
        ("last_run_id", or_null(text())),
        ("running", flag()),
        ("paused", flag()),
        ("enabled", flag()),
        ("unavailable", or_null(text())),
    ])
}

fn dead_letter() -> Value {
    object(&[
        ("id", whole()),
        ("job_id", text()),
        ("payload", any_object()),
        ("error", text()),
        ("attempts", whole()),
        ("max_attempts", whole()),
        ("created_at", moment()),
        ("next_retry_at", or_null(moment())),
        ("resolved_at", or_null(moment())),
        ("retry_run_id", or_null(text())),
    ])
}

fn run() -> Value {
    object(&[
        ("run_id", run_id()),
        ("workflow_id", text()),
        ("workflow_version", or_null(whole())),
        ("status", run_status()),
        ("priority", whole_in(0, 10)),
        ("run_name", or_null(text())),
        ("input_state", any_object()),
        ("metadata", any_object()),
        ("created_by", or_null(text())),
        ("created_at", moment()),
        ("updated_at", moment()),
        ("started_at", or_null(moment())),
        ("finished_at", or_null(moment())),
        ("last_checkpoint_id", or_null(checkpoint_id())),
        ("last_ticket_id", or_null(whole())),
        ("last_error", or_null(text())),
        ("attempt", whole()),
        ("paused", flag()),
        ("serial_key", or_null(text())),
        ("available_at", or_null(moment())),
        ("cost_usd", number()),
        ("tokens", whole()),
    ])
}

fn span() -> Value {
    object(&[
        ("run_id", text()),
        ("name", text()),
        ("run_type", one_of(&["chain", "llm", "tool", "retriever"])),
        ("kind", one_of(&["run", "node", "llm", "tool", "wait", "retriever"])),
        ("node", or_null(text())),
        ("status", one_of(&["pending", "success", "error"])),
        ("start_time", moment()),
        ("end_time", or_null(moment())),
        ("duration_ms", whole()),
        ("model", text()),
        ("prompt_tokens", whole()),
        ("completion_tokens", whole()),
        ("total_tokens", whole()),
        ("cost", number()),
        ("cost_complete", flag()),
        ("error", or_null(text())),
        ("inputs_preview", text()),
        ("outputs_preview", text()),
        ("parent_id", or_null(text())),
        ("depth", whole()),
        ("agent_id", or_null(text())),
        ("channel_id", or_null(text())),
        ("workflow_id", or_null(text())),
        ("tower_run_id", or_null(text())),
        ("ticket_id", or_null(whole())),
        ("attempt", or_null(whole())),
        ("ttft_ms", or_null(whole())),
        ("cache_read_tokens", whole()),
        ("attributes", any_object()),
    ])
}

fn run_event() -> Value {
    object(&[
        ("id", whole()),
        ("run_id", text()),
        ("event_type", text()),
        ("payload", any_object()),
        ("created_at", moment()),
        ("seq", whole()),
    ])
}

fn ticket() -> Value {
    object(&[
        ("id", whole()),
        ("run_id", text()),
        ("ticket_type", one_of(&["tool_call", "effect_reconcile"])),
        ("risk_level", risk()),
        ("status", ticket_status()),
        ("proposed_action", any_object()),
        ("context_pack", any_object()),
        ("decision_payload", or_null(any_object())),
        ("checkpoint_id", or_null(checkpoint_id())),
        ("interrupt_id", or_null(text())),
        ("created_at", moment()),
        ("decided_at", or_null(moment())),
        ("decided_by", or_null(text())),
        ("expires_at", moment()),
        ("payload_hash", or_null(text())),
        ("effect_id", or_null(effect_id())),
        ("gate_epoch", or_null(whole())),
        ("policy_version", or_null(text())),
    ])
}

fn effect() -> Value {
    object(&[
        ("effect_id", effect_id()),
        ("run_id", run_id()),
        ("tool_name", text()),
        ("params_hash", text()),
        ("status", one_of(&EffectStatus::ALL.map(EffectStatus::as_str))),
        ("prepared_payload", any_object()),
        ("result_payload", json!({})),
        ("ticket_id", or_null(whole())),
        ("created_at", moment()),
        ("committed_at", or_null(moment())),
        ("tool_call_id", or_null(text())),
        ("business_key", or_null(text())),
        ("attempted_at", or_null(moment())),
        ("error", or_null(text())),
        ("undo_payload", json!({})),
        ("payload_hash", text()),
        ("provider_key", text()),
        ("provider_ref", or_null(text())),
        ("recovery", one_of(&["key", "lookup", "person"])),
        ("goal_level", or_null(whole())),
        ("gate_epoch", whole()),
        ("policy_version", text()),
        ("margin_minor", or_null(whole())),
        ("lease_epoch", or_null(whole())),
        ("reconciled_at", or_null(moment())),
    ])
}

fn checkpoint() -> Value {
    object(&[
        ("thread_id", text()),
        ("checkpoint_id", checkpoint_id()),
        ("parent_id", or_null(checkpoint_id())),
        ("channel_values", any_object()),
        ("metadata", any_object()),
        ("created_at", moment()),
    ])
}

fn order() -> Value {
    object(&[
        ("order_key", text()),
        ("order_name", or_null(text())),
        ("currency", or_null(text())),
        ("total_minor", or_null(whole())),
        ("refunded_minor", whole()),
        ("payment", one_of(&["none", "pending", "authorised", "paid", "partly_refunded", "refunded"])),
        (
            "fulfilment",
            one_of(&["none", "submitted", "in_production", "partly_shipped", "shipped", "delivered", "returned"]),
        ),
        ("cancelled", flag()),
        ("is_test", flag()),
        ("print_order_id", or_null(text())),
        ("last_event_at", or_null(moment())),
        ("polled_at", or_null(moment())),
        ("version", whole()),
        ("ordered_at", or_null(moment())),
        ("item_count", or_null(whole())),
        ("refunds", map_of(whole())),
        ("print_cost_minor", or_null(whole())),
        ("print_cost_currency", or_null(text())),
        ("payment_fee_minor", or_null(whole())),
        ("print_cancelled", flag()),
        ("tracking_url", or_null(text())),
        ("customer_note", or_null(text())),
        ("created_at", moment()),
        ("updated_at", moment()),
    ])
}

fn message() -> Value {
    let typed = json!({
        "type": "object", "required": ["type", "content"],
        "properties": {"type": one_of(&["human", "ai", "system", "tool"]), "content": text()},
    });
    let with_role = json!({
        "type": "object", "required": ["role", "content"],
        "properties": {"role": one_of(&["user", "assistant", "system"]), "content": text()},
    });
    json!({"anyOf": [text(), typed, with_role], "description": "three forms; stored as the second"})
}

fn agent(more: &[(&str, Value)]) -> Value {
    let members = [
        ("agent_id", slug()),
        ("channel_id", text()),
        ("display_name", text()),
        ("description", text()),
        ("model_id", text()),
        ("tool_ids", list(text())),
        ("is_builtin", flag()),
        ("version", whole()),
    ];
    let members: Vec<_> = members.into_iter().chain(more.iter().cloned()).collect();
    let mut schema = object(&members);
    schema["properties"]["system_prompt"] = json!({"type": "string", "description": "for admins only"});
    schema
}

fn log_line() -> Value {
    object(&[
        ("type", one_of(&["log"])),
        ("id", whole()),
        ("timestamp", number()),
        ("level", one_of(&crate::ports::LogLevel::WORDS)),
        ("logger", text()),
        ("message", text()),
        ("agent", or_null(text())),
        ("thread_id", or_null(text())),
        ("fields", any_object()),
    ])
}

fn tool() -> Value {
    object(&[
        ("tool_id", text()),
        ("display_name", text()),
        ("description", text()),
        ("module_path", text()),
        ("function_name", text()),
        ("category", text()),
        ("provider", one_of(&["native", "mcp"])),
        ("server_id", or_null(text())),
        ("mcp_tool_name", or_null(text())),
        ("transport", or_null(text())),
        ("risk_level", risk()),
        ("mutating", flag()),
        ("input_schema", any_object()),
    ])
}

fn workflow() -> Value {
    object(&[
        ("workflow_id", slug()),
        ("display_name", text()),
        ("description", text()),
        ("version", whole()),
        ("is_active", flag()),
        ("is_builtin", flag()),
        ("definition", any_object()),
        ("created_at", moment()),
        ("updated_at", moment()),
    ])
}

fn workflow_version() -> Value {
    object(&[
        ("workflow_id", slug()),
        ("version", whole()),
        ("definition", any_object()),
        ("change_summary", text()),
        ("created_at", moment()),
    ])
}

/// The schema of every error answer.
pub(super) fn error_reference() -> Value {
    named("Error")
}
