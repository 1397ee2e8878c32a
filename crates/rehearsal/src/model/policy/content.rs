//! Copy: captions, pictures, hashtags and what to expect of them. Written from the product texts given, nothing is sent.

use serde_json::{Value, json};

use super::Answer;
use super::outcome::{self, Outcome, plain};
use crate::model::reading::Reading;

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    Sales,
    Writer,
    Image,
    Hashtags,
    Analyzer,
}

/// Each author's contract has a member that no other has.
const MARKS: [(&str, Author); 5] = [
    ("call_to_action", Author::Sales),
    ("word_count", Author::Writer),
    ("image_description", Author::Image),
    ("`strategy`", Author::Hashtags),
    ("expected_engagement_rate", Author::Analyzer),
];

/// The author whose contract the system text states.
pub(super) fn author(reading: &Reading) -> Option<Author> {
    MARKS.iter().find(|(mark, _)| reading.system.contains(mark)).map(|(_, author)| *author)
}

const PRODUCTS: &str = "shopify_query_products";
const INSIGHTS: &str = "instagram_get_insights";

pub(super) fn decide(reading: &Reading, author: Author) -> Answer {
    let asked = reading.asked.to_lowercase();
    if author == Author::Sales
        && ["insight", "follower"].iter().any(|word| asked.contains(word))
        && reading.knows(INSIGHTS)
    {
        return insights(reading);
    }
    let read = match author {
        Author::Sales | Author::Writer => PRODUCTS,
        Author::Analyzer => INSIGHTS,
        Author::Image | Author::Hashtags => "",
    };
    if reading.tools.contains(read) && reading.result(read).is_none() {
        let args = if read == PRODUCTS { json!({"limit": 5}) } else { json!({}) };
        return Answer::call(if read == PRODUCTS { PRODUCTS } else { INSIGHTS }, args);
    }
    let topic = topic(reading);
    let caption = match &topic {
        Some(topic) => format!("Have a look at {topic}, printed for you when you order."),
        None => "Have a look at the shop: everything is printed for you when you order.".to_owned(),
    };
    let hashtags = ["#printondemand", "#madetoorder", "#smallbusiness", "#shopsmall", "#newinshop"];
    let subject = topic.unwrap_or_else(|| "the product".to_owned());
    Answer::json(&match author {
        Author::Sales => json!({
            "status": "completed", "summary": caption, "caption": caption, "hashtags": hashtags,
            "suggested_time": "17:00 UTC", "call_to_action": "See it in the shop", "content_type": content_type(&asked),
        }),
        Author::Writer => json!({
            "status": "completed", "tone": "plain and warm",
            "word_count": caption.split_whitespace().count(), "caption": caption,
        }),
        Author::Image => json!({
            "status": "completed", "image_description": format!("{subject} alone, seen from the front"),
            "style": "natural light, true colours", "background": "plain and light",
        }),
        Author::Hashtags => json!({
            "status": "completed", "hashtags": hashtags, "strategy": "Say how it is made and who makes it.",
        }),
        // Without a history of posts there is no rate to state.
        Author::Analyzer => json!({
            "status": "completed", "expected_engagement_rate": "unknown",
            "estimated_reach": reading.result(INSIGHTS).and_then(|result| result.get("followers")).cloned().unwrap_or_default(),
            "recommendations": ["Publish one post and measure it before the next."],
            "risk_factors": ["No earlier post to compare with was given."], "lesson_learned": "",
        }),
    })
}

fn insights(reading: &Reading) -> Answer {
    let Some(read) = reading.result(INSIGHTS) else { return Answer::call(INSIGHTS, json!({})) };
    Answer::json(&match outcome::read(read) {
        Outcome::Facts(facts) => {
            let count = |name: &str| {
                facts.get(name).and_then(Value::as_i64).map_or("an unknown number of".to_owned(), |n| n.to_string())
            };
            let summary =
                format!("The account has {} followers and {} posts.", count("followers"), count("media_count"));
            json!({"status": "completed", "summary": summary})
        }
        Outcome::Failed { code, .. } => {
            json!({"status": "error", "summary": format!("The insights could not be read ({code}).")})
        }
        _ => json!({"status": "error", "summary": "The insights could not be read."}),
    })
}

fn content_type(asked: &str) -> &'static str {
    ["story", "reel"].into_iter().find(|kind| asked.contains(kind)).unwrap_or("post")
}

/// What the copy is about: the first active product that was read, else a title in the data.
fn topic(reading: &Reading) -> Option<String> {
    let products = reading.result(PRODUCTS).and_then(|result| result.get("products")).and_then(Value::as_array);
    let active = products.into_iter().flatten().find(|product| {
        product.get("status").and_then(Value::as_str).is_none_or(|status| status.eq_ignore_ascii_case("active"))
    });
    let title = active.and_then(|product| product.get("title")).and_then(Value::as_str).map(plain);
    title.or_else(|| ["title", "product"].iter().find_map(|name| reading.fact(name)).map(|title| plain(&title)))
}
