//! Revenue, stock, copy, and what is not rehearsed.

use serde_json::{Value, json};

use super::{CONTRACT, TOOLS, Talk, task};

const REVENUE: &str =
    "Answer with one JSON object: report_type daily_revenue, pricing_recommendation, chargeback_alert.";
const QUERY: &str = "stripe_revenue_query";

fn figures() -> Value {
    json!({"period_days": 7, "total_charges": 31, "total_revenue_cents": 120000, "total_refunded_cents": 3900,
           "net_revenue_cents": 116100, "currency": "usd"})
}

#[test]
fn revenue_reports_the_figures_returned_and_none_besides() {
    let talk = Talk::new(REVENUE, "Task:\nReport the revenue of the last 2 weeks\n", &[QUERY]);
    let answer = talk.play(&[(QUERY, json!({"days": 14}))], &[figures()]);
    assert_eq!(answer["report_type"], "daily_revenue");
    assert_eq!(answer["metrics"], figures());
    assert_eq!(answer["confidence"], "high");
}

#[test]
fn a_failed_query_gives_an_error_without_figures() {
    let talk = Talk::new(REVENUE, "Task:\nrevenue\n", &[QUERY]);
    let answer =
        talk.play(&[(QUERY, json!({"days": 7}))], &[json!({"error": "upstream_unavailable", "message": "down"})]);
    assert_eq!(
        (&answer["status"], &answer["metrics"], &answer["confidence"]),
        (&json!("error"), &json!({}), &json!("low"))
    );
}

#[test]
fn a_dispute_goes_to_the_owner() {
    let payload = json!({"task": "revenue_report", "provider": "stripe", "event": "charge.dispute.created",
        "summary": {"object_id": "dp_1"}});
    let talk = Talk::new(REVENUE, &task("gather evidence", &payload), &[QUERY]);
    let answer = talk.play(&[(QUERY, json!({"days": 7}))], &[figures()]);
    assert_eq!((&answer["report_type"], &answer["status"]), (&json!("chargeback_alert"), &json!("needs_action")));
}

#[test]
fn a_product_event_reads_the_products_once() {
    let payload = json!({"task": "inventory_sync", "provider": "shopify", "event": "products/update", "summary": {"product_id": "5"}});
    let result = json!({"count": 2, "products": [
        {"id": "gid://shopify/Product/5", "title": "Mug", "status": "ACTIVE", "total_inventory": 0},
        {"id": "gid://shopify/Product/6", "title": "Shirt", "status": "ACTIVE", "total_inventory": 9}]});
    let answer = Talk::operations("verify listing", &payload)
        .play(&[("shopify_query_products", json!({"limit": 250}))], &[result]);
    assert_eq!((&answer["action"], &answer["status"]), (&json!("inventory_sync"), &json!("completed")));
    assert_eq!(answer["summary"], "2 products checked; product 5 is listed; 1 without stock");
}

#[test]
fn copy_is_written_about_a_product_that_was_read() {
    let system = "Answer with one JSON object: caption, hashtags, suggested_time, call_to_action, content_type.";
    let talk = Talk::new(system, "Task:\nWrite a post\n", &["shopify_query_products", "instagram_publish_post"]);
    let products = json!({"count": 1, "products": [{"title": "Blue Mug", "status": "ACTIVE"}]});
    let answer = talk.play(&[("shopify_query_products", json!({"limit": 5}))], &[products]);
    assert!(answer["caption"].as_str().unwrap().contains("Blue Mug"));
    assert!((5..=10).contains(&answer["hashtags"].as_array().unwrap().len()));
    assert_eq!(answer["content_type"], "post");
}

#[test]
fn an_engagement_rate_is_never_invented() {
    let talk = Talk::new("JSON object: expected_engagement_rate", "Task:\nJudge it\n", &["instagram_get_insights"]);
    let answer = talk.play(&[("instagram_get_insights", json!({}))], &[json!({"followers": 120})]);
    assert_eq!((&answer["expected_engagement_rate"], &answer["estimated_reach"]), (&json!("unknown"), &json!(120)));
}

#[test]
fn what_is_not_rehearsed_is_said_plainly() {
    let plain = Talk::new("You are Sage.", "Task:\nTell me a story\n", &["sage_send_sms"]).play(&[], &[]);
    assert!(plain.as_str().unwrap().contains("cannot"), "{plain}");
    let contract = Talk::new(CONTRACT, "Task:\nPaint the wall\n", &TOOLS).play(&[], &[]);
    assert_eq!(contract["status"], "error");
}

/// The texts that the agents are really given.
mod prompts {
    pub(super) const COMMON: &str = include_str!("../../../../agents/src/prompts/preamble.md");
    pub(super) const AGENTS: [(&str, &str, &str); 5] = [
        ("sales_marketing", include_str!("../../../../agents/src/prompts/sales_marketing.md"), "caption"),
        ("content_writer", include_str!("../../../../agents/src/prompts/content_writer.md"), "word_count"),
        ("image_selector", include_str!("../../../../agents/src/prompts/image_selector.md"), "image_description"),
        ("hashtag_optimizer", include_str!("../../../../agents/src/prompts/hashtag_optimizer.md"), "strategy"),
        ("campaign_analyzer", include_str!("../../../../agents/src/prompts/campaign_analyzer.md"), "risk_factors"),
    ];
    pub(super) const OPERATIONS: &str = include_str!("../../../../agents/src/prompts/operations.md");
    pub(super) const REVENUE: &str = include_str!("../../../../agents/src/prompts/revenue.md");
    pub(super) const ORCHESTRATOR: &str = include_str!("../../../../agents/src/prompts/orchestrator.md");
}

#[test]
fn each_agent_is_recognised_by_the_prompt_it_is_really_given() {
    for (agent, prompt, member) in prompts::AGENTS {
        let system = format!("{}\n{prompt}", prompts::COMMON);
        let answer = Talk::new(&system, "Task:\nA post about mugs\n", &[]).play(&[], &[]);
        assert!(!answer[member].is_null(), "{agent}: {answer}");
    }
    let sorted = Talk::new(prompts::ORCHESTRATOR, "Task:\nWhich orders are late?\n", &[]).play(&[], &[]);
    assert_eq!(sorted["task_type"], "order_check");
    let system = format!("{}\n{}", prompts::COMMON, prompts::REVENUE);
    let answer = Talk::new(&system, "Task:\nrevenue\n", &[QUERY]).play(&[(QUERY, json!({"days": 7}))], &[figures()]);
    assert_eq!(answer["report_type"], "daily_revenue");
    let payload = super::event("orders/paid", json!({"shopify_order_id": "1042"}));
    let talk = Talk::new(&format!("{}\n{}", prompts::COMMON, prompts::OPERATIONS), &task("look", &payload), &TOOLS);
    let unpaid = json!({"count": 1, "orders": [{"name": "#1042", "financial_status": "PENDING"}]});
    let answer = talk.play(&[("shopify_query_orders", json!({"order_id": "1042"}))], &[unpaid]);
    assert_eq!(answer["summary"], "Order #1042: waits for payment (pending).");
}
