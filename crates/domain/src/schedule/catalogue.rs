//! The eighteen jobs.

use chrono::Weekday;

use super::{Job, JobGate, Misfire, RunJob, Trigger, Work};

const fn every(minutes: u32) -> Trigger {
    Trigger::Every { minutes }
}

const fn internal(id: &'static str, minutes: u32, about: &'static str) -> Job {
    Job { id, trigger: every(minutes), about, work: Work::Internal, gate: JobGate::None, misfire: Misfire::RunOnce }
}

const fn run(id: &'static str, trigger: Trigger, about: &'static str, run: RunJob) -> Job {
    Job { id, trigger, about, work: Work::Run(run), gate: JobGate::None, misfire: Misfire::RunOnce }
}

const fn exploring(job: Job) -> Job {
    Job { gate: JobGate::Exploration, ..job }
}

const fn post(name: &'static str) -> RunJob {
    RunJob {
        workflow: None,
        source: "scheduler:instagram",
        name,
        message: "Create and publish a post for the store on Instagram.",
        payload: r#"{"task":"content_post"}"#,
        exploratory: true,
    }
}

/// All jobs, in the order in which they are listed.
pub static JOBS: [Job; 18] = [
    run(
        "order_check",
        every(30),
        "looks for orders that no event told of and sees to those that wait to be printed",
        RunJob {
            workflow: None,
            source: "scheduler:order_check",
            name: "Order check",
            message: "Check new orders and pending fulfilment.",
            payload: r#"{"task":"order_check"}"#,
            exploratory: false,
        },
    ),
    exploring(run(
        "instagram_post_9",
        Trigger::Daily { hour: 9 },
        "posts in the morning",
        post("Instagram Post (9:00)"),
    )),
    exploring(run(
        "instagram_post_15",
        Trigger::Daily { hour: 15 },
        "posts in the afternoon",
        post("Instagram Post (15:00)"),
    )),
    exploring(run(
        "weekly_campaign",
        Trigger::Weekly { day: Weekday::Mon, hour: 9 },
        "plans and runs the week's campaign",
        RunJob {
            workflow: None,
            source: "scheduler:campaign",
            name: "Weekly Campaign",
            message: "Plan and run this week's campaign.",
            payload: r#"{"task":"full_campaign","scope":"weekly"}"#,
            exploratory: true,
        },
    )),
    run(
        "daily_revenue",
        Trigger::Daily { hour: 8 },
        "reports sales and revenue of the day before, with advice",
        RunJob {
            workflow: None,
            source: "scheduler:daily_revenue",
            name: "Daily Revenue",
            message: "Report sales and revenue of the last day, with advice.",
            payload: r#"{"task":"revenue_report","days":1}"#,
            exploratory: false,
        },
    ),
    internal("health_check", 15, "asks every dependency whether it is well"),
    internal("aps_evaluation", 5, "judges the channels and moves their policies"),
    internal("efficacy_aggregation", 30, "sums up how well each agent did"),
    internal("financial_health", 30, "reads revenue and sets the phase of the shop"),
    internal("morphogenetic_evaluation", 15, "checks the goals and runs cascades"),
    internal("hierarchy_observation", 15, "feeds the predicates of the goal hierarchy"),
    Job {
        gate: JobGate::Level5,
        ..run(
            "solana_mining_check",
            every(360),
            "checks the profitability of the validator",
            RunJob {
                workflow: Some("solana_mining"),
                source: "scheduler:solana_mining",
                name: "Solana Mining Check",
                message: "Check the validator and its profitability.",
                payload: r#"{"task":"solana_mining_check"}"#,
                exploratory: false,
            },
        )
    },
    run(
        "signal_generator",
        every(120),
        "tries better product descriptions",
        RunJob {
            workflow: Some("signal_generator"),
            source: "scheduler:signal_generator",
            name: "Signal Generator",
            message: "Try a better description for the product that needs it most.",
            payload: r#"{"task":"signal_generator"}"#,
            exploratory: false,
        },
    ),
    run(
        "revenue_engine",
        Trigger::Daily { hour: 6 },
        "improves how products are found and described",
        RunJob {
            workflow: Some("revenue_engine"),
            source: "scheduler:revenue_engine",
            name: "Revenue Engine",
            message: "Improve how products are found and described.",
            payload: r#"{"task":"revenue_engine"}"#,
            exploratory: false,
        },
    ),
    run(
        "sage_morning_greeting",
        Trigger::Daily { hour: 7 },
        "greets the owner and tells what happened overnight",
        RunJob {
            workflow: None,
            source: "scheduler:sage_greeting",
            name: "Sage Morning Greeting",
            message: "Greet the owner and tell what happened overnight.",
            payload: r#"{"task":"sage_chat"}"#,
            exploratory: false,
        },
    ),
    internal("dlq_retry", 5, "tries failed scheduled work again"),
    internal("approval_expiry", 5, "ends approvals that nobody decided within an hour"),
    internal("tower_ticket_expiry", 5, "ends tickets that nobody decided within their life"),
];

/// One job by its id.
#[must_use]
pub fn job(id: &str) -> Option<&'static Job> {
    JOBS.iter().find(|job| job.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_job_has_an_id_of_its_own_and_a_payload_that_names_its_task() {
        let ids: BTreeSet<_> = JOBS.iter().map(|job| job.id).collect();
        assert_eq!(ids.len(), JOBS.len());
        for job in &JOBS {
            if let Work::Run(run) = job.work {
                let payload: serde_json::Value = serde_json::from_str(run.payload).expect("JSON");
                assert!(payload["task"].is_string(), "{}", job.id);
            }
        }
    }

    #[test]
    fn what_tries_things_out_is_gated() {
        for job in &JOBS {
            if let Work::Run(run) = job.work {
                assert_eq!(run.exploratory, job.gate == JobGate::Exploration, "{}", job.id);
            }
        }
    }
}
