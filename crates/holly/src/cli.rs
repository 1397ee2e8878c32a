//! The command line: what can be said. What each command does stands in `commands/`.

mod roles;
pub(crate) mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use domain::role::Role;

use crate::commands;

pub(crate) use roles::{ProcessRole, Roles};

const AFTER_HELP: &str = "\
Exit codes:
   0  done
   1  failed, or the server refused
   2  wrong usage
  69  the server or the rehearsal world is not reachable
  78  the configuration is wrong

Settings come from the environment and from .env; `holly config --explain` lists them.";

/// Runs a print-on-demand shop, and asks a person before anything risky happens.
///
/// Without a command it serves everything.
#[derive(Debug, Parser)]
#[command(name = "holly", version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// What is to be done; nothing means `serve --role all`.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Globals {
    /// Data folder of the server, instead of HOLLY_DATA_DIR
    #[arg(long, global = true, value_name = "FOLDER", help_heading = "Common options")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Address of the agents API, instead of the one in the data folder's runtime.json
    #[arg(long, global = true, value_name = "URL", help_heading = "Common options")]
    pub(crate) url: Option<String>,
    /// Role to call the server with: viewer, operator or admin
    #[arg(
        long = "as", global = true, value_name = "ROLE", default_value = "admin", value_parser = values::caller_role,
        help_heading = "Common options", hide_default_value = true
    )]
    pub(crate) role: Role,
    /// Print JSON
    #[arg(long, global = true, help_heading = "Common options")]
    pub(crate) json: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve: agents API, workers and, in rehearsal, the simulated world
    Serve(commands::serve::ServeArgs),
    /// Tickets: what waits for a person's decision
    #[command(subcommand)]
    Tickets(commands::tickets::TicketsCommand),
    /// Runs: what is being done and what was done
    #[command(subcommand)]
    Runs(commands::runs::RunsCommand),
    /// Scheduled jobs: when they fire and what became of it
    #[command(subcommand)]
    Jobs(commands::jobs::JobsCommand),
    /// Scheduled work that failed, and another try
    #[command(subcommand)]
    Dlq(commands::dlq::DlqCommand),
    /// Orders of the shop, and what was done for them
    #[command(subcommand)]
    Orders(commands::orders::OrdersCommand),
    /// The simulated world: its books, orders on demand, planted faults
    #[command(subcommand)]
    Rehearse(commands::rehearse::RehearseCommand),
    /// Say what is real, rehearsed or absent, what is wrong, and how to put it right
    Doctor,
    /// Check the configuration
    Config(commands::config::ConfigArgs),
    /// Users of the console: who may sign in, as what
    #[command(subcommand)]
    User(commands::user::UserCommand),
    /// Print a bearer token for the agents API
    Token(commands::token::TokenArgs),
    /// Call the running server with a fresh token and print the answer
    Api(commands::api::ApiArgs),
    /// Whether the server is alive: exit code 0, 1 or 69
    Healthcheck,
    /// Try out a running server from outside: every answer it must give, and the refusals too
    Smoke(commands::smoke::SmokeArgs),
    /// Bring the database's schema up to date
    Migrate,
    /// Print the OpenAPI document of the agents API or of the console
    Openapi(commands::openapi::OpenapiArgs),
    /// Print a completion script for a shell
    Completions(commands::completions::CompletionsArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("holly").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_at_all_serves() {
        let cli = parse("").unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.globals.role, Role::Admin);
    }

    #[test]
    fn common_options_stand_before_or_after_the_command() {
        for line in ["--json --data-dir d runs list", "runs list --data-dir d --json", "runs --json list --data-dir d"]
        {
            let globals = parse(line).unwrap().globals;
            assert!(globals.json && globals.data_dir.as_deref() == Some("d".as_ref()), "{line}");
        }
    }

    #[test]
    fn commands_that_scripts_rely_on_are_understood() {
        for line in [
            "serve --role api,worker",
            "serve --role all",
            "token --role operator --ttl 60 --subject me",
            "api GET /tower/runs?limit=3",
            "api POST /tower/runs/start -",
            "tickets list --status all --risk high",
            "tickets approve 12 --params {} --note ok --yes",
            "tickets reject 12 --reason no --harm",
            "runs start hello --workflow default --watch",
            "runs watch run_0123456789abcdef",
            "runs continue run_0123456789abcdef --reason ok",
            "orders show 5830137741322",
            "rehearse status --json",
            "rehearse order --count 3 --kind test",
            "rehearse fault printful drop_reply --times 2 --after 1 --seconds 3",
            "rehearse fault list",
            "rehearse fault anthropic overloaded",
            "rehearse requests --upstream anthropic --since 12 --json",
            "rehearse pay 5830137741322",
            "rehearse set pace 0",
            "doctor",
            "config --explain",
            "healthcheck",
            "smoke --base-url http://127.0.0.1:8050",
            "migrate",
            "user list --json",
            "user add owner@shop.example --role admin",
            "user role owner@shop.example operator",
            "user disable owner@shop.example",
            "user enable owner@shop.example",
            "user password owner@shop.example --stdin",
            "user password --show",
            "openapi",
            "openapi console",
            "completions bash",
        ] {
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).err().map_or_else(String::new, |e| e.to_string()));
        }
    }

    #[test]
    fn wrong_usage_ends_with_two() {
        for line in [
            "fly",
            "user add owner",
            "user add owner@shop.example --role webhook",
            "user password",
            "token",
            "token --role root",
            "token --role admin --ttl 0",
            "token --role admin --ttl 86401",
            "serve --role boss",
            "serve --role all,api",
            "tickets show abc",
            "tickets approve 1 --params [1]",
            "tickets approve 1 --params {",
            "rehearse order --count 0",
            "rehearse fault shopify",
            "rehearse requests --upstream webhooks",
            "rehearse fault nobody error",
            "runs list --limit 0",
            "runs list --status done",
            "--as webhook runs list",
        ] {
            assert_eq!(parse(line).map(|_| ()).map_err(|error| error.exit_code()), Err(2), "{line}");
        }
    }

    fn commands_below(command: &clap::Command, path: &str, all: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name()).trim().to_owned();
        if command.has_subcommands() {
            command.get_subcommands().for_each(|sub| commands_below(sub, &path, all));
        } else {
            all.push(path);
        }
    }

    #[test]
    fn every_command_stands_in_the_manual() {
        let manual = include_str!("../../../docs/cli.md");
        let mut all = Vec::new();
        commands_below(&Cli::command(), "", &mut all);
        assert!(all.len() > 25, "{all:?}");
        let missing: Vec<_> = all.iter().filter(|path| !manual.contains(&format!("`{path}"))).collect();
        assert!(missing.is_empty(), "docs/cli.md says nothing of {missing:?}");
    }

    #[test]
    fn help_states_the_exit_codes() {
        let help = parse("--help").unwrap_err();
        assert_eq!((help.kind(), help.exit_code()), (ErrorKind::DisplayHelp, 0));
        let help = help.to_string();
        for code in [" 0  done", " 1  failed", " 2  wrong usage", "69  ", "78  "] {
            assert!(help.contains(code), "{help}");
        }
    }
}
