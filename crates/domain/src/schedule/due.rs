//! Which fires are due at a look at the clock.

use super::{Misfire, Trigger, Zone};
use crate::time::Timestamp;

/// Most missed fires that `run_all` catches up.
pub const MAX_CATCH_UP: usize = 24;

/// What a look at the clock came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Fires, oldest first; each named by the moment it was scheduled for.
    pub fires: Vec<Timestamp>,
    /// Missed fires that are let go.
    pub missed: usize,
    /// The next one.
    pub next: Timestamp,
}

/// Looks at one job. `planned` is the fire that was expected next; none: the job is new, and its first fire lies ahead.
#[must_use]
pub fn due(trigger: &Trigger, misfire: Misfire, planned: Option<Timestamp>, now: Timestamp, zone: Zone) -> Due {
    let next = trigger.next_after(now, zone);
    let Some(planned) = planned.filter(|planned| *planned <= now) else {
        // A plan further ahead than the trigger's own next fire stems from another trigger or zone.
        return Due { fires: Vec::new(), missed: 0, next: planned.filter(|planned| *planned < next).unwrap_or(next) };
    };
    let mut passed = Passed::default();
    let mut moment = planned;
    while moment <= now {
        passed.push(moment);
        moment = trigger.next_after(moment, zone);
    }
    let latest = passed.newest.last().copied();
    // The newest is on time when somebody looked within one period; what lies before it was missed.
    let on_time = latest.filter(|latest| now - *latest < trigger.period());
    let fires = match misfire {
        Misfire::RunAll => passed.newest,
        Misfire::RunOnce => on_time.into_iter().collect(),
        Misfire::Skip => on_time.filter(|_| passed.count == 1 && now - planned < GRACE).into_iter().collect(),
    };
    Due { missed: passed.count - fires.len(), fires, next }
}

/// A job that skips what it missed may still be this late: nobody looks at the clock without a pause.
const GRACE: chrono::TimeDelta = chrono::TimeDelta::minutes(1);

#[derive(Default)]
struct Passed {
    newest: Vec<Timestamp>,
    count: usize,
}

impl Passed {
    fn push(&mut self, moment: Timestamp) {
        if self.newest.len() == MAX_CATCH_UP {
            self.newest.remove(0);
        }
        self.newest.push(moment);
        self.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIVE: Trigger = Trigger::Every { minutes: 5 };

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn look(misfire: Misfire, planned: Option<&str>, now: &str) -> Due {
        due(&FIVE, misfire, planned.map(at), at(now), Zone::UTC)
    }

    #[test]
    fn a_new_job_waits_for_its_first_moment() {
        let due = look(Misfire::RunOnce, None, "2026-11-25T10:02:00Z");
        assert_eq!(due, Due { fires: vec![], missed: 0, next: at("2026-11-25T10:05:00Z") });
    }

    #[test]
    fn a_job_that_is_due_fires_under_its_own_moment() {
        let due = look(Misfire::RunOnce, Some("2026-11-25T10:05:00Z"), "2026-11-25T10:05:02Z");
        assert_eq!(due.fires, [at("2026-11-25T10:05:00Z")]);
        assert_eq!(due.next, at("2026-11-25T10:10:00Z"));
    }

    #[test]
    fn after_a_day_without_a_process_run_once_fires_the_newest_alone() {
        let due = look(Misfire::RunOnce, Some("2026-11-24T10:05:00Z"), "2026-11-25T10:07:00Z");
        assert_eq!(due.fires, [at("2026-11-25T10:05:00Z")]);
        assert_eq!(due.missed, 288);
    }

    #[test]
    fn skip_lets_everything_missed_go_and_run_all_catches_up_to_its_bound() {
        let missed = Some("2026-11-24T10:05:00Z");
        assert!(look(Misfire::Skip, missed, "2026-11-25T10:07:00Z").fires.is_empty());
        let all = look(Misfire::RunAll, missed, "2026-11-25T10:07:00Z");
        assert_eq!((all.fires.len(), all.missed), (MAX_CATCH_UP, 289 - MAX_CATCH_UP));
        assert_eq!(all.fires.last(), Some(&at("2026-11-25T10:05:00Z")));
    }

    #[test]
    fn a_plan_beyond_the_triggers_next_fire_is_forgotten() {
        let due = look(Misfire::RunOnce, Some("2026-11-26T00:00:00Z"), "2026-11-25T10:02:00Z");
        assert_eq!(due.next, at("2026-11-25T10:05:00Z"));
    }

    proptest! {
        #[test]
        fn looking_twice_fires_nothing_twice(minutes in prop::collection::vec(0_i64..600, 1..20)) {
            let start = at("2026-11-25T00:00:00Z");
            let mut now = start;
            let mut planned = None;
            let mut fired = Vec::new();
            for step in minutes {
                now += chrono::TimeDelta::minutes(step);
                let look = due(&FIVE, Misfire::RunAll, planned, now, Zone::UTC);
                fired.extend(look.fires);
                planned = Some(look.next);
                prop_assert!(look.next > now);
            }
            let mut unique = fired.clone();
            unique.dedup();
            prop_assert_eq!(unique, fired);
        }
    }
}
