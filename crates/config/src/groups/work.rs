//! The engine that executes runs and schedules.

use crate::parse;
use crate::setting::Setting;

settings! {
    /// The engine that executes runs and scheduled jobs.
    Work, "Runs and schedule" {
        /// Runs this process executes at once; they wait on models, not on the processor.
        value workers: u32 = Setting::new("TOWER_WORKERS").default("32"), parse::WORKERS;
        /// Zone in which the times of scheduled jobs are meant.
        value time_zone: String = Setting::new("SCHEDULER_TZ").default("UTC"), parse::ZONE;
    }
}
