//! The error handler: tries again with growing pauses, then gives up in words. A failure that no try within seconds can
//! mend is given up at once.

use std::time::Duration;

use domain::message::Message;
use serde_json::{Value, json};
use tower::{NodeOutcome, NodeTask, Session};

/// Whether one more try is due, and the pause before it: 1, 2, 4, ... seconds.
#[must_use]
pub fn next_try(retry_count: u64, max_retries: u64) -> Option<Duration> {
    (retry_count < max_retries).then(|| Duration::from_secs(1 << retry_count.min(6)))
}

/// Runs the node. An empty error text says "go on"; absent and null do not.
pub async fn run(session: &Session, task: &NodeTask) -> NodeOutcome {
    let retries = task.state.get("retry_count").and_then(Value::as_u64).unwrap_or(0);
    let error = task.state.text("error").unwrap_or("unknown error").to_owned();
    let hopeless = task.state.get("_hopeless").and_then(Value::as_bool).unwrap_or(false);
    let update = match next_try(retries, task.max_retries).filter(|_| !hopeless) {
        Some(pause) => {
            session.services().clock.sleep(pause).await;
            json!({"retry_count": retries + 1, "error": "", "_failed_reason": null})
        }
        None => {
            let text = format!("Gave up after {retries} retries: {error}");
            json!({"messages": [Message::ai(text)], "error": error, "_hopeless": null})
        }
    };
    NodeOutcome::Done(update.as_object().cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_wait_one_two_and_four_seconds_and_then_end() {
        let pauses: Vec<_> = (0..4).map(|n| next_try(n, 3).map(|pause| pause.as_secs())).collect();
        assert_eq!(pauses, [Some(1), Some(2), Some(4), None]);
    }
}
