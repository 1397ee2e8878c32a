use serde_json::{Value, json};

use super::{Talk, task};

const SYSTEM: &str = "Task types: content_post full_campaign product_launch order_check inventory_sync revenue_report \
    pricing_review sage_chat. Answer task_type, task_complexity, route_to.";

fn sorted(words: &str) -> (String, String, String) {
    let answer = Talk::new(SYSTEM, &format!("Task:\n{words}\n"), &[]).play(&[], &[]);
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("task_type"), text("task_complexity"), text("route_to"))
}

#[test]
fn the_first_row_with_a_keyword_wins() {
    for (words, task_type, route) in [
        ("Write an Instagram caption", "content_post", "sales_marketing"),
        ("Plan the weekly marketing", "full_campaign", "sales_marketing"),
        ("Launch the autumn shirts", "product_launch", "sales_marketing"),
        ("Which orders are pending?", "order_check", "operations"),
        ("Is there stock of the mugs?", "inventory_sync", "operations"),
        ("Give me the revenue of last week", "revenue_report", "revenue_analytics"),
        ("Review our margin", "pricing_review", "revenue_analytics"),
        ("Post about the order of the day", "content_post", "sales_marketing"),
    ] {
        let (found, _, to) = sorted(words);
        assert_eq!((found.as_str(), to.as_str()), (task_type, route), "{words}");
    }
}

#[test]
fn without_a_keyword_it_guesses_and_calls_it_simple() {
    for (words, task_type, route) in [
        ("List the Stripe products", "revenue_report", "revenue_analytics"),
        ("Create a product called Blue Mug", "inventory_sync", "operations"),
        ("Where is the parcel?", "order_check", "operations"),
        ("How are you today?", "sage_chat", "sage"),
        ("", "sage_chat", "sage"),
    ] {
        let expected = (task_type.to_owned(), "simple".to_owned(), route.to_owned());
        assert_eq!(sorted(words), expected, "{words}");
    }
}

#[test]
fn a_known_task_in_the_payload_settles_it() {
    let payload = json!({"task": "revenue_report", "event": "charge.refunded"});
    let answer: Value = Talk::new(SYSTEM, &task("an order post", &payload), &[]).play(&[], &[]);
    assert_eq!(answer["task_type"], "revenue_report");
}
