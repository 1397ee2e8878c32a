//! The nine agents of the workflows, as they are on a fresh database.

use domain::ids::{AgentId, ToolId};
use serde::{Deserialize, Serialize};

use crate::prompts;

/// One agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentDefinition {
    /// Its id.
    pub agent_id: AgentId,
    /// Channel on which it is observed: `K1` to `K8`, `CREW`, or one given to a new agent.
    pub channel_id: String,
    /// Name for people.
    pub display_name: String,
    /// What it is for, one sentence.
    pub description: String,
    /// Logical model it is asked on.
    pub model_id: String,
    /// What it is told, after the preamble.
    pub system_prompt: String,
    /// Tools it may call; a call to any other is refused.
    pub tool_ids: Vec<ToolId>,
    /// Came with the product.
    pub is_builtin: bool,
}

struct Row {
    id: &'static str,
    channel: &'static str,
    name: &'static str,
    description: &'static str,
    model: &'static str,
    prompt: &'static str,
    tools: &'static [&'static str],
}

const ROWS: [Row; 9] = [
    Row {
        id: "orchestrator",
        channel: "K1",
        name: "Orchestrator",
        description: "Sorts a task into type, complexity and route.",
        model: "ollama_qwen",
        prompt: prompts::ORCHESTRATOR,
        tools: &[],
    },
    Row {
        id: "sales_marketing",
        channel: "K2",
        name: "Sales & Marketing",
        description: "Posts, campaigns and sales drives.",
        model: "gpt4o",
        prompt: prompts::SALES_MARKETING,
        tools: &["shopify_query_products", "shopify_query_orders", "instagram_publish_post", "instagram_get_insights"],
    },
    Row {
        id: "operations",
        channel: "K3",
        name: "Operations",
        description: "Orders, inventory and fulfilment.",
        model: "gpt4o_mini",
        prompt: prompts::OPERATIONS,
        tools: &[
            "shopify_query_products",
            "shopify_query_orders",
            "shopify_create_product",
            "printful_list_catalog",
            "printful_list_products",
            "printful_get_store_products",
            "printful_order_status",
            "printful_submit_order",
            "printful_cancel_order",
        ],
    },
    Row {
        id: "revenue",
        channel: "K4",
        name: "Revenue & Analytics",
        description: "Financial analysis, pricing and chargebacks.",
        model: "claude_opus",
        prompt: prompts::REVENUE,
        tools: &[
            "stripe_revenue_query",
            "stripe_list_products",
            "stripe_refund",
            "hierarchy_gate_status",
            "hierarchy_predicate_status",
        ],
    },
    Row {
        id: "content_writer",
        channel: "K5",
        name: "Content Writer",
        description: "Copy for posts.",
        model: "gpt4o",
        prompt: prompts::CONTENT_WRITER,
        tools: &["shopify_query_products", "instagram_get_insights"],
    },
    Row {
        id: "image_selector",
        channel: "K5",
        name: "Image Selector",
        description: "Direction for product pictures.",
        model: "gpt4o_mini",
        prompt: prompts::IMAGE_SELECTOR,
        tools: &[],
    },
    Row {
        id: "hashtag_optimizer",
        channel: "K5",
        name: "Hashtag Optimizer",
        description: "Choice of hashtags.",
        model: "ollama_qwen",
        prompt: prompts::HASHTAG_OPTIMIZER,
        tools: &[],
    },
    Row {
        id: "campaign_analyzer",
        channel: "K6",
        name: "Campaign Analyzer",
        description: "What a campaign can be expected to do.",
        model: "claude_opus",
        prompt: prompts::CAMPAIGN_ANALYZER,
        tools: &["shopify_query_products", "shopify_query_orders", "stripe_revenue_query", "instagram_get_insights"],
    },
    Row {
        id: "sage",
        channel: "K8",
        name: "Sage",
        description: "The holding's voice; companion and messenger of its owner.",
        model: "claude_opus",
        prompt: prompts::SAGE_TEXT,
        tools: &["sage_send_email", "sage_send_sms"],
    },
];

/// The agents that the product brings along.
#[must_use]
pub fn default_agents() -> Vec<AgentDefinition> {
    ROWS.iter()
        .map(|row| AgentDefinition {
            // The rows are literals; a test parses each.
            agent_id: AgentId::from_stored(row.id.to_owned()),
            channel_id: row.channel.to_owned(),
            display_name: row.name.to_owned(),
            description: row.description.to_owned(),
            model_id: row.model.to_owned(),
            system_prompt: row.prompt.to_owned(),
            tool_ids: row.tools.iter().map(|tool| ToolId::from_stored((*tool).to_owned())).collect(),
            is_builtin: true,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_well_formed_and_used_once() {
        let agents = default_agents();
        let mut ids: Vec<&str> = agents.iter().map(|agent| agent.agent_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 9);
        for agent in &agents {
            assert!(agent.agent_id.as_str().parse::<AgentId>().is_ok());
            assert!(agent.tool_ids.iter().all(|tool| tool.as_str().parse::<ToolId>().is_ok()));
        }
    }

    #[test]
    fn a_prompt_promises_no_tool_that_is_not_granted() {
        let known: Vec<&str> = ROWS.iter().flat_map(|row| row.tools.iter().copied()).collect();
        for row in &ROWS {
            for tool in known.iter().filter(|tool| row.prompt.contains(&format!("`{tool}"))) {
                assert!(row.tools.contains(tool), "{} is told of {tool}", row.id);
            }
        }
    }

    #[test]
    fn every_preamble_states_the_order_of_priorities_but_the_classifiers() {
        for agent in default_agents() {
            let text = prompts::system_text(&agent).to_lowercase();
            assert!(text.contains("data"), "{}", agent.agent_id);
            if agent.agent_id.as_str() != "orchestrator" {
                let places: Vec<Option<usize>> =
                    ["safety", "correctness", "financial integrity", "reliability", "efficiency", "transparency"]
                        .iter()
                        .map(|word| text.find(word))
                        .collect();
                assert!(places.is_sorted() && places.iter().all(Option::is_some), "{}", agent.agent_id);
            }
        }
    }
}
