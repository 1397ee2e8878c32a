//! Which parts of the product one process runs.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ProcessRole {
    /// The agents API.
    Api,
    /// Claims and executes runs.
    Worker,
    /// Sweepers and scheduled jobs.
    Scheduler,
    /// Holly's own loop.
    Autonomy,
    /// The web console.
    Console,
}

impl ProcessRole {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [Self::Api, Self::Worker, Self::Scheduler, Self::Autonomy, Self::Console];

    /// The word on the command line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Worker => "worker",
            Self::Scheduler => "scheduler",
            Self::Autonomy => "autonomy",
            Self::Console => "console",
        }
    }
}

/// The parts that one process runs: at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Roles {
    /// Whatever there is.
    All,
    /// Just these.
    Some(BTreeSet<ProcessRole>),
}

impl Roles {
    /// Whether `role` is among them.
    pub(crate) fn has(&self, role: ProcessRole) -> bool {
        match self {
            Self::All => true,
            Self::Some(roles) => roles.contains(&role),
        }
    }
}

impl FromStr for Roles {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "all" {
            return Ok(Self::All);
        }
        let known = || ProcessRole::ALL.map(ProcessRole::as_str).join(", ");
        let one = |word: &str| {
            let found = ProcessRole::ALL.into_iter().find(|role| role.as_str() == word.trim());
            found.ok_or_else(|| format!("there is no role `{word}`; there are {}, or `all` alone", known()))
        };
        text.split(',').map(one).collect::<Result<BTreeSet<_>, _>>().map(Self::Some)
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Some(roles) => f.write_str(&roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(",")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_all_or_a_list() {
        assert_eq!("all".parse(), Ok(Roles::All));
        let two: Roles = "worker, api".parse().unwrap();
        assert_eq!(two.to_string(), "api,worker");
        assert!(two.has(ProcessRole::Api) && !two.has(ProcessRole::Scheduler));
        assert!(Roles::All.has(ProcessRole::Console));
        for wrong in ["", "boss", "api,", "all,api"] {
            assert!(wrong.parse::<Roles>().is_err(), "{wrong}");
        }
    }
}
