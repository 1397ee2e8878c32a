//! What is not rehearsed.

use serde_json::json;

use super::Answer;
use crate::model::reading::Reading;

const SENTENCE: &str = "This model only rehearses the shop's own tasks and cannot do what was asked.";

/// One plain sentence; an agent with a contract gets it as an error.
pub(super) fn decide(reading: &Reading) -> Answer {
    if reading.wants_json || has_contract(reading) {
        Answer::json(&json!({"status": "error", "summary": SENTENCE}))
    } else {
        Answer::Text(SENTENCE.to_owned())
    }
}

fn has_contract(reading: &Reading) -> bool {
    reading.system.contains("JSON object")
}
