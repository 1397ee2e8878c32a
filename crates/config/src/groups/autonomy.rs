//! What Holly does by herself.

use std::time::Duration;

use crate::mode::AutoApprove;
use crate::parse;
use crate::setting::Setting;

settings! {
    /// What Holly does by herself, and how far she may go.
    Autonomy, "Autonomy" {
        /// Starts her loop with the process.
        value autonomous: bool = Setting::new("HOLLY_AUTONOMOUS").default("0"), parse::BOOL;
        /// Wait when there is nothing to do.
        value poll_interval: Duration = Setting::new("HOLLY_POLL_INTERVAL").default("8"), parse::SECONDS;
        /// Time between two rounds of looking after things.
        value monitor_interval: Duration = Setting::new("HOLLY_MONITOR_INTERVAL").default("300"), parse::SECONDS;
        /// Deadline of one task.
        value task_timeout: Duration = Setting::new("HOLLY_TASK_TIMEOUT").default("300"), parse::SECONDS;
        /// Highest ticket risk she may decide by herself; high is refused.
        value auto_approve: AutoApprove = Setting::new("HOLLY_AUTO_APPROVE_MAX_RISK").default("low"), parse::AUTO_APPROVE;
        /// Cap on the models her autonomous work uses per UTC day, in US dollars (held in millionths).
        value daily_budget_microusd: i64 = Setting::new("HOLLY_DAILY_BUDGET_USD").default("10"), parse::USD_MICRO;
    }
}
