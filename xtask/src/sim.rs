//! `cargo xtask sim`: the simulation of the Tower, told step by step. The same seed gives the same commands.

use anyhow::Result;

use crate::process::{cargo, check};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// First seed.
    #[arg(long)]
    seed: u64,
    /// How many seeds, counted up from the first.
    #[arg(long, default_value_t = 1)]
    runs: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut simulate = cargo();
    simulate.args(["test", "--locked", "--quiet", "--package", "holly-tower", "--test", "it", "--"]);
    simulate.args(["--exact", "simulation::the_invariants_hold_under_any_seed", "--nocapture"]);
    simulate.env("HOLLY_SIM_SEED", arguments.seed.to_string()).env("HOLLY_SIM_RUNS", arguments.runs.to_string());
    check("simulation", &mut simulate)
}
