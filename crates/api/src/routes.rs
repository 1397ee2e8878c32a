//! The table of all routes of the agents server. It declares, it never implements: what a route does stands in the file
//! of its resource, what it is allowed stands here.

use domain::role::Role::{Admin, Operator, Viewer};

use crate::agents::{
    agent_configs, branches, breakers, checkpoints, costs, direct, docs, effects, graph, health, invoke, live, logs,
    orders, root, runs, scheduler, tickets, tools, traces, webhooks, workflows,
};
use crate::route::{Route, get, post};

/// The routes, in the order of the document.
#[must_use]
#[rustfmt::skip]
pub fn agents() -> Vec<Route> {
    vec![
        get("/", Viewer, root::show, root::show_doc).public(),
        get("/health", Viewer, health::show, health::show_doc).public().uncounted(),
        get("/health/live", Viewer, health::live, health::live_doc).public().uncounted(),
        get("/docs", Admin, docs::page, docs::page_doc),
        get("/openapi.json", Admin, docs::document, docs::document_doc),
        get("/circuit-breakers", Viewer, breakers::list, breakers::list_doc),

        get("/graph/definition", Viewer, graph::definition, graph::definition_doc),
        get("/graph/metadata", Viewer, graph::metadata, graph::metadata_doc),
        get("/agents", Viewer, agent_configs::list, agent_configs::list_doc),
        get("/agents/{agent_id}", Viewer, agent_configs::show, agent_configs::show_doc),
        get("/agents/{agent_id}/versions", Viewer, agent_configs::versions, agent_configs::versions_doc),
        get("/agents/{agent_id}/versions/{version}", Viewer, agent_configs::version, agent_configs::version_doc),
        get("/agents/{agent_id}/default", Viewer, agent_configs::default, agent_configs::default_doc),
        get("/tools", Viewer, tools::list, tools::list_doc),
        get("/workflows", Viewer, workflows::list, workflows::list_doc),
        get("/workflows/{workflow_id}", Viewer, workflows::show, workflows::show_doc),
        get("/workflows/{workflow_id}/versions", Viewer, workflows::versions, workflows::versions_doc),
        get("/workflows/{workflow_id}/versions/{version}", Viewer, workflows::version, workflows::version_doc),

        post("/agent/invoke", Operator, invoke::invoke, invoke::invoke_doc).for_webhook().costly(),
        post("/agent/batch", Operator, invoke::batch, invoke::batch_doc).for_webhook().costly(),
        post("/agent/direct/invoke", Operator, direct::invoke, direct::invoke_doc).costly(),
        post("/agent/direct/stream", Operator, direct::stream, direct::stream_doc).costly(),

        post("/tower/runs/start", Operator, runs::start, runs::start_doc).costly(),
        get("/tower/runs", Viewer, runs::list, runs::list_doc),
        get("/tower/runs/{run_id}", Viewer, runs::show, runs::show_doc),
        get("/tower/runs/{run_id}/events", Viewer, runs::events, runs::events_doc),
        get("/tower/runs/{run_id}/snapshot", Operator, runs::snapshot, runs::snapshot_doc),
        get("/tower/runs/{run_id}/effects", Viewer, runs::effects, runs::effects_doc),
        post("/tower/runs/{run_id}/resume", Operator, tickets::resume, tickets::resume_doc),
        post("/tower/runs/{run_id}/cancel", Operator, runs::cancel, runs::cancel_doc),
        post("/tower/runs/{run_id}/pause", Operator, runs::pause, runs::pause_doc),
        post("/tower/runs/{run_id}/continue", Operator, runs::go_on, runs::go_on_doc),
        post("/tower/runs/{run_id}/retry", Operator, branches::retry, branches::retry_doc).costly(),
        post("/tower/runs/{run_id}/fork", Operator, branches::fork, branches::fork_doc).costly(),

        get("/tower/inbox", Viewer, tickets::inbox, tickets::inbox_doc),
        get("/tower/tickets/{ticket_id}", Viewer, tickets::show, tickets::show_doc),
        post("/tower/tickets/{ticket_id}/decide", Operator, tickets::decide, tickets::decide_doc),
        get("/tower/effects/{effect_id}", Viewer, effects::show, effects::show_doc),
        get("/executions/{thread_id}/checkpoints", Operator, checkpoints::list, checkpoints::list_doc),

        get("/scheduler/jobs", Viewer, scheduler::list, scheduler::list_doc),
        post("/scheduler/trigger/{job_id}", Operator, scheduler::trigger, scheduler::trigger_doc).without_body().costly(),
        post("/scheduler/jobs/{job_id}/pause", Operator, scheduler::pause, scheduler::pause_doc).without_body(),
        post("/scheduler/jobs/{job_id}/resume", Operator, scheduler::resume, scheduler::resume_doc).without_body(),
        get("/scheduler/dlq", Viewer, scheduler::dead_letters, scheduler::dead_letters_doc),
        post("/scheduler/dlq/{dlq_id}/retry", Operator, scheduler::retry, scheduler::retry_doc).without_body(),

        get("/orders", Viewer, orders::list, orders::list_doc),
        get("/orders/{order_id}", Viewer, orders::show, orders::show_doc),

        get("/traces", Viewer, traces::list, traces::list_doc),
        get("/traces/{run_id}", Viewer, traces::show, traces::show_doc),
        get("/traces/{run_id}/spans/{span_id}", Operator, traces::content, traces::content_doc),
        get("/costs/summary", Viewer, costs::summary, costs::summary_doc),

        post("/webhooks/shopify", Viewer, webhooks::shopify, webhooks::shopify_doc).signed(),
        post("/webhooks/shopify/{*topic}", Viewer, webhooks::shopify_topic, webhooks::shopify_topic_doc).signed(),
        post("/webhooks/stripe", Viewer, webhooks::stripe, webhooks::stripe_doc).signed(),
        post("/webhooks/printful", Viewer, webhooks::printful, webhooks::printful_doc).signed(),
        get("/webhooks/status", Viewer, webhooks::status, webhooks::status_doc),

        get("/logs", Viewer, logs::list, logs::list_doc),
        get("/ws/events", Viewer, live::events, live::events_doc).socket(),
    ]
}
