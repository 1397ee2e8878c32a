//! What the agents are told: one text per agent, and a preamble before it.
//!
//! A text explains and asks. It is never a control: each limit it states is enforced in code as well.

use crate::registry::AgentDefinition;

const COMMON: &str = include_str!("preamble.md");
const CLASSIFIER: &str = include_str!("preamble_classifier.md");
const SAGE: &str = include_str!("preamble_sage.md");

pub(crate) const CAMPAIGN_ANALYZER: &str = include_str!("campaign_analyzer.md");
pub(crate) const CONTENT_WRITER: &str = include_str!("content_writer.md");
pub(crate) const HASHTAG_OPTIMIZER: &str = include_str!("hashtag_optimizer.md");
pub(crate) const IMAGE_SELECTOR: &str = include_str!("image_selector.md");
pub(crate) const OPERATIONS: &str = include_str!("operations.md");
pub(crate) const ORCHESTRATOR: &str = include_str!("orchestrator.md");
pub(crate) const REVENUE: &str = include_str!("revenue.md");
pub(crate) const SAGE_TEXT: &str = include_str!("sage.md");
pub(crate) const SALES_MARKETING: &str = include_str!("sales_marketing.md");

/// The preamble of an agent: the classifier has a short one, Sage one of its own, all others share one.
#[must_use]
pub fn preamble(agent_id: &str) -> &'static str {
    match agent_id {
        "orchestrator" => CLASSIFIER,
        "sage" => SAGE,
        _ => COMMON,
    }
}

/// The system text of a model call for `agent`.
#[must_use]
pub fn system_text(agent: &AgentDefinition) -> String {
    format!("{}\n{}", preamble(agent.agent_id.as_str()), agent.system_prompt)
}
